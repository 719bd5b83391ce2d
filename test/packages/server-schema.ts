import * as z from 'zod'
import { optionNames, optionOf, variableOf } from '../../src/config/options.ts'

/**
 * The rules of server.json of the MCP registry, schema 2025-12-11, as far as they concern a server that is started
 * locally: written from its documentation, since its own schema comes in no package.
 */
const version = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\d+\.\d+\.\d+(-[\w.]+)?$/, 'an exact version, no range')
const input = z
  .strictObject({
    name: z.string().min(1),
    description: z.string().min(1),
    isRequired: z.boolean().optional(),
    isSecret: z.boolean().optional(),
    format: z.enum(['string', 'number', 'boolean', 'filepath']).optional(),
    default: z.string().optional(),
    choices: z.array(z.string()).optional(),
  })
  .superRefine(({ name, choices, default: value }, context) => {
    const option = optionNames.find((one) => variableOf(one) === name)
    const row = option === undefined ? undefined : optionOf(option)
    const expected = row?.default === undefined ? undefined : String(row.default)
    if (String(choices) !== String(row?.choices))
      context.addIssue({ code: 'custom', message: `${name}: choices are ${choices}, not ${row?.choices}` })
    if (value !== expected)
      context.addIssue({ code: 'custom', message: `${name}: the default is ${value}, not ${expected}` })
  })
const transport = z.strictObject({ type: z.literal('stdio') })
const npm = z.strictObject({
  registryType: z.literal('npm'),
  identifier: z.string().regex(/^(@[\w.-]+\/)?[\w.-]+$/),
  version,
  runtimeHint: z.string().optional(),
  transport,
  environmentVariables: z.array(input).optional(),
})
const mcpb = z.strictObject({
  registryType: z.literal('mcpb'),
  identifier: z.url().refine((url) => url.includes('mcp'), 'the registry wants mcp in the address'),
  fileSha256: z.string().regex(/^[0-9a-f]{64}$/),
  transport,
})

export const serverSchema = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version,
  websiteUrl: z.url(),
  repository: z.strictObject({ url: z.url(), source: z.enum(['github', 'gitlab']) }),
  packages: z.array(z.discriminatedUnion('registryType', [npm, mcpb])).min(1),
})
