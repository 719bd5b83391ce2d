import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { checkHeaders, checkPath, checkPathParams, checkQuery } from '../kustomer/proxy-checks.ts'
import { toToolOutput } from '../response/tool-output.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { refuseClosedWrite } from './closed-writes.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const value = z.union([z.string(), z.number(), z.boolean()])
const values = z.record(z.string(), z.union([value, z.array(value)]))

const shared = {
  path: z.string().describe('From /, such as /v1/customers/{id}/conversations.'),
  query: values.optional().describe('By name; a list for several values.'),
  pathParams: z.record(z.string(), value).optional().describe('Values of {name} in path.'),
  headers: values.optional().describe('By name; Membrane adds the credentials.'),
}

/** Some hosts send an object as JSON text. */
const jsonText = z.string().transform((text, context): object => {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null) return value
  } catch {
    // Said below.
  }
  context.addIssue('expected an object or a list; use rawBody for text')
  return z.NEVER
})

const readInput = z.object({ ...shared, method: z.enum(['GET']).default('GET') })

const fullInput = z.object({
  ...shared,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  body: z
    .union([z.looseObject({}), z.array(z.unknown()), jsonText])
    .optional()
    .describe('JSON.'),
  rawBody: z.string().optional().describe('Text to send as it is, in place of body.'),
})

const description =
  'Sends one request to the Kustomer API, for what no tool and no action covers: look with search-actions first.'

/** Takes whether it may write, and returns the tool that relays a request to the connected app. */
export function proxyRequest(context: ToolContext, mode: 'full' | 'read'): Tool {
  const send = async (input: z.output<typeof fullInput>, signal: AbortSignal) => {
    const reply = await sendRequest(context, readRequest(input), signal)
    return toToolOutput(reply.body, reply.status)
  }
  const readOnly = mode === 'read'
  const definition = {
    name: 'proxy_request',
    group: 'proxy',
    title: 'Proxy Request',
    annotations: {
      readOnlyHint: readOnly,
      destructiveHint: !readOnly,
      idempotentHint: readOnly,
      openWorldHint: true,
    },
    effect(input: z.output<typeof fullInput>) {
      const { effect, target } = readRequest(input)
      if (effect !== 'read') refuseClosedWrite(target, context)
      return effect
    },
    identity(input: z.output<typeof fullInput>) {
      const { target, headers, body } = readRequest(input)
      return { tool: 'proxy_request', args: { ...target, headers, body } }
    },
    run: send,
  } as const
  if (!readOnly) return defineTool({ ...definition, description, input: fullInput })
  return defineTool({
    ...definition,
    description: `${description} GET only.`,
    input: readInput,
  })
}

function readRequest({
  method,
  path: given,
  query = {},
  pathParams = {},
  headers = {},
  body,
  rawBody,
}: z.output<typeof fullInput>) {
  const { path, query: inPath } = checkPath(given)
  if (body !== undefined && rawBody !== undefined)
    throw new ToolError('invalid-input', 'Give `body` or `rawBody`, not both.')
  if (method === 'GET' && (body !== undefined || rawBody !== undefined)) {
    throw new ToolError(
      'invalid-input',
      'A GET request has no body; put it into `query`, or use another method.',
    )
  }
  const pairs = checkHeaders(headers)
  const filled = checkPathParams(pathParams, path)
  return classifyRequest({
    method,
    path,
    query: [...inPath, ...checkQuery(query)],
    pathParams: filled,
    headers: pairs,
    body: body !== undefined ? { json: body } : rawBody !== undefined ? { raw: rawBody } : undefined,
  })
}
