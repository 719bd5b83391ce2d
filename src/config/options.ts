import { availableParallelism, homedir } from 'node:os'
import envPaths from 'env-paths'
import * as z from 'zod'
import { logLevels } from '../logger.ts'

interface Option<T> {
  /** Placeholder of the flag's value in the help; an option without one is a switch. */
  value?: string
  /** What is accepted, as it stands in the help and in the sentence about a wrong value. */
  accepts: string
  /** Made when a value is given: most starts give few. */
  schema: () => z.ZodType<T>
  default: NoInfer<T>
  help: string
}

const option = <T>(definition: Option<T>): Option<T> => definition

const onOff = () => z.union([z.boolean(), z.stringbool()])
const wholeNumber = (minimum: number, maximum: number) => () =>
  z
    .union([z.number(), z.string().trim().regex(/^\d+$/).transform(Number)])
    .pipe(z.number().int().min(minimum).max(maximum))
/** A `~` that no shell has seen, since it stands in a host's file, is the person's folder all the same. */
const path = () =>
  z
    .string()
    .trim()
    .min(1)
    .transform((text) => text.replace(/^~(?=$|[\\/])/, () => homedir()))
const optionalPath = () => path().optional()
const names = () =>
  z
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
    schema: optionalPath,
    default: undefined,
    help: 'the Membrane CLI to run (default: found on this machine)',
  }),
  connection: option({
    value: '<id-or-key>',
    accepts: 'the id or key of a connection',
    schema: () =>
      z
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
    schema: () => names().transform((list) => (list.length > 0 ? list : undefined)),
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
    schema: () => z.enum(['full', 'read', 'off']),
    default: 'full',
    help: 'what proxy_request may do (default: full)',
  }),
  confirm: option({
    value: '<none|customer-visible|writes>',
    accepts: 'none, customer-visible or writes',
    schema: () => z.enum(['none', 'customer-visible', 'writes']),
    default: 'none',
    help: 'which calls need a second, confirming step (default: none)',
  }),
  auditFile: option({
    value: '<file>',
    accepts: 'a path to a file',
    schema: optionalPath,
    default: undefined,
    help: 'a JSON Lines record of every write (default: none)',
  }),
  requestsPerMinute: option({
    value: '<n>',
    accepts: 'a whole number from 1 to 100000',
    schema: wholeNumber(1, 100_000),
    default: 300,
    help: 'requests to Kustomer a minute from this machine (default: 300, the smallest plan)',
  }),
  searchesPerMinute: option({
    value: '<n>',
    accepts: 'a whole number from 1 to 100000',
    schema: wholeNumber(1, 100_000),
    default: 100,
    help: 'searches among them (default: 100)',
  }),
  timeoutMs: option({
    value: '<ms>',
    accepts: 'a whole number from 1000 to 600000',
    schema: wholeNumber(1000, 600_000),
    default: 55_000,
    help: 'deadline of one call, its waiting included (default: 55000)',
  }),
  maxConcurrency: option({
    value: '<n>',
    accepts: 'a whole number from 1 to 64',
    schema: wholeNumber(1, 64),
    default: Math.max(2, availableParallelism()),
    help: 'CLI processes at once; further calls wait in order (default: number of cores, at least 2)',
  }),
  output: option({
    value: '<compact|raw>',
    accepts: 'compact or raw',
    schema: () => z.enum(['compact', 'raw']),
    default: 'compact',
    help: 'records compacted, or as the CLI gave them (default: compact)',
  }),
  resultFormat: option({
    value: '<both|text|structured>',
    accepts: 'both, text or structured',
    schema: () => z.enum(['both', 'text', 'structured']),
    default: 'both',
    help: 'where the result is put: text, structured content, or both (default: both)',
  }),
  maxResultChars: option({
    value: '<n>',
    accepts: 'a whole number from 2000 to 10000000',
    schema: wholeNumber(2000, 10_000_000),
    default: 32_000,
    help: 'characters of one result; the rest can be read with read-result (default: 32000)',
  }),
  logLevel: option({
    value: '<level>',
    accepts: logLevels.join(', '),
    schema: () => z.enum(logLevels),
    default: 'info',
    help: 'how much is logged (default: info)',
  }),
  logFile: option({
    value: '<file>',
    accepts: 'a path to a file',
    schema: optionalPath,
    default: undefined,
    help: 'where logs go (default: stderr)',
  }),
  stateDir: option({
    value: '<folder>',
    accepts: 'a path to a folder',
    schema: path,
    default: envPaths('kustomer-mcp', { suffix: '' }).data,
    help: "caches and sandbox data (default: the platform's data folder)",
  }),
  config: option({
    value: '<file>',
    accepts: 'a path to a JSON file',
    schema: optionalPath,
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
