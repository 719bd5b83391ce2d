import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import envPaths from 'env-paths'
import * as z from 'zod'
import { logLevels } from './logger.ts'

/** A mistake in how the program was called; `main` prints it and exits with code 2. */
export class UsageError extends Error {}

interface Option<T> {
  /** Placeholder of the flag's value in the help; an option without one is a switch. */
  value?: string
  /** What is accepted, as it stands in the help and in the sentence about a wrong value. */
  accepts: string
  schema: z.ZodType<T>
  default: NoInfer<T>
  help: string
}

const option = <T>(definition: Option<T>): Option<T> => definition

const onOff = z.union([z.boolean(), z.stringbool()])
const text = z.string().trim().min(1).optional()
const names = z
  .union([z.array(z.string()), z.string().transform((list) => list.split(','))])
  .transform((list) => list.map((name) => name.trim()).filter((name) => name !== ''))

/**
 * Each option once. Its flag and its environment variable follow from its key: `logLevel` is `--log-level` and
 * `KUSTOMER_MCP_LOG_LEVEL`; in a config file it is `logLevel`.
 */
export const options = {
  cli: option({
    value: '<path>',
    accepts: 'a path to an executable or to a .js, .mjs or .cjs file',
    schema: text,
    default: undefined,
    help: 'the Membrane CLI to run (default: found on this machine)',
  }),
  connection: option({
    value: '<id-or-key>',
    accepts: 'the id or key of a connection',
    schema: z
      .string()
      .regex(/^[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,127}$/)
      .optional(),
    default: undefined,
    help: 'which Membrane connection to use (default: the only usable Kustomer connection)',
  }),
  sandbox: option({
    accepts: 'true or false',
    schema: onOff,
    default: false,
    help: 'use a local simulation of Kustomer with sample data: no account, no network',
  }),
  readOnly: option({
    accepts: 'true or false',
    schema: onOff,
    default: false,
    help: 'offer and allow read-only tools alone; proxy_request is GET only',
  }),
  tools: option({
    value: '<list>',
    accepts: 'tool or group names, separated by commas',
    schema: names.optional(),
    default: undefined,
    help: 'offer these tools alone (default: all)',
  }),
  excludeTools: option({
    value: '<list>',
    accepts: 'tool or group names, separated by commas',
    schema: names,
    default: [],
    help: 'do not offer these tools (default: none left out)',
  }),
  proxy: option({
    value: '<full|read|off>',
    accepts: 'full, read or off',
    schema: z.enum(['full', 'read', 'off']),
    default: 'full',
    help: 'what proxy_request may do (default: full)',
  }),
  timeoutMs: option({
    value: '<ms>',
    accepts: 'a whole number from 1000 to 600000',
    schema: z.coerce.number().int().min(1000).max(600_000),
    default: 55_000,
    help: 'deadline of one call, its waiting included (default: 55000)',
  }),
  maxConcurrency: option({
    value: '<n>',
    accepts: 'a whole number from 1 to 64',
    schema: z.coerce.number().int().min(1).max(64),
    default: Math.max(2, availableParallelism()),
    help: 'CLI processes at once; further calls wait in order (default: number of cores, at least 2)',
  }),
  logLevel: option({
    value: '<level>',
    accepts: logLevels.join(', '),
    schema: z.enum(logLevels),
    default: 'info',
    help: 'how much is logged (default: info)',
  }),
  logFile: option({
    value: '<file>',
    accepts: 'a path to a file',
    schema: text,
    default: undefined,
    help: 'where logs go (default: stderr)',
  }),
  stateDir: option({
    value: '<folder>',
    accepts: 'a path to a folder',
    schema: z.string().trim().min(1),
    default: envPaths('kustomer-mcp', { suffix: '' }).data,
    help: "caches and sandbox data (default: the platform's data folder)",
  }),
  config: option({
    value: '<file>',
    accepts: 'a path to a JSON file',
    schema: text,
    default: undefined,
    help: 'a JSON file with the same options, for hosts that lose environment variables',
  }),
} satisfies Record<string, Option<never> | Option<unknown>>

export type OptionName = keyof typeof options
export type Config = {
  [K in OptionName]: (typeof options)[K] extends Option<infer T> ? T : never
}

/** Takes an option's key and returns its flag, such as `--log-level`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** Takes an option's key and returns its environment variable, such as `KUSTOMER_MCP_LOG_LEVEL`. */
export const variableOf = (name: string): string =>
  `KUSTOMER_MCP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`

/**
 * Takes the flags as parsed and the environment, reads the config file that they name, and returns the
 * configuration: flag before environment before file before default. An empty variable counts as unset, because
 * hosts pass empty strings for settings that were left blank.
 * Throws UsageError, with a sentence for the person, for anything unknown or wrong.
 */
export async function loadConfig(
  flags: Record<string, unknown>,
  env: Record<string, string | undefined>,
): Promise<Config> {
  const fileName = options.config.schema.parse(flags['config'] ?? (env[variableOf('config')] || undefined))
  const file = fileName === undefined ? {} : await readConfigFile(fileName)
  const given = (name: string): [unknown, string] | undefined => {
    if (flags[name] !== undefined) return [flags[name], flagOf(name)]
    if (env[variableOf(name)]) return [env[variableOf(name)], variableOf(name)]
    if (file[name] !== undefined) return [file[name], `"${name}" in ${fileName}`]
    return undefined
  }
  const entries = Object.entries(options).map(([name, { schema, accepts, default: fallback }]) => {
    const [value, place] = given(name) ?? []
    if (place === undefined) return [name, fallback]
    const result = schema.safeParse(value)
    if (!result.success)
      throw new UsageError(`${place}: ${JSON.stringify(value)} is not accepted. Give ${accepts}.`)
    return [name, result.data]
  })
  return Object.fromEntries(entries) as Config
}

async function readConfigFile(fileName: string): Promise<Record<string, unknown>> {
  const content = await readFile(fileName, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${flagOf('config')}: cannot read ${fileName} (${error.code}).`)
  })
  const parsed = z
    .string()
    .transform((json, context): unknown => {
      try {
        return JSON.parse(json)
      } catch {
        context.addIssue('not JSON')
        return z.NEVER
      }
    })
    .pipe(z.record(z.string(), z.unknown()))
    .safeParse(content)
  if (!parsed.success) throw new UsageError(`${flagOf('config')}: ${fileName} is not a JSON object.`)
  const unknown = Object.keys(parsed.data).filter((name) => !(name in options))
  if (unknown.length > 0) {
    const known = Object.keys(options).join(', ')
    throw new UsageError(
      `${flagOf('config')}: ${fileName} has unknown options: ${unknown.join(', ')}. Known: ${known}.`,
    )
  }
  return parsed.data
}
