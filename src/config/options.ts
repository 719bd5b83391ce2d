import { availableParallelism } from 'node:os'
import * as z from 'zod'
import { connectionForm } from '../auth/principal.ts'
import { logLevels } from '../logger.ts'
import { type Address, addressSchema } from './http-address.ts'
import { oauthOptions } from './oauth-options.ts'
import {
  choice,
  type Option,
  optionalPath,
  optionalToolNames,
  path,
  textList,
  toggle,
  toolNames,
  wholeNumber,
} from './option-kinds.ts'
import { platformFolders } from './platform-folders.ts'

/**
 * Each option once. Its flag and its environment variable follow from its key: `logLevel` is `--log-level` and
 * `KUSTOMER_MCP_LOG_LEVEL`; in a config file it is `logLevel`.
 */
export const options = {
  cli: optionalPath({
    value: '<path>',
    accepts: 'a path to an executable or to a .js, .mjs or .cjs file',
    mustExist: true,
    help: 'the Membrane CLI to run (default: found on this machine)',
    title: 'Membrane CLI',
    forms: ['registry', 'mcpb'],
  }),
  connection: {
    kind: 'text',
    value: '<id-or-key>',
    accepts: 'the id or key of a connection',
    schema: () => z.string().regex(connectionForm).optional(),
    default: undefined,
    help: 'which Membrane connection to use (default: the only usable Kustomer connection)',
    forms: ['registry', 'mcpb'],
  } satisfies Option<string | undefined>,
  sandbox: toggle({
    help: 'use a local simulation of Kustomer with sample data: no account, no network',
    forms: ['registry', 'mcpb'],
  }),
  readOnly: toggle({
    help: 'offer and allow read-only tools alone; proxy_request is GET only',
    forms: ['registry', 'mcpb'],
  }),
  tools: optionalToolNames('offer these tools alone (default: all)'),
  excludeTools: toolNames('do not offer these tools (default: none left out)'),
  proxy: choice(['full', 'read', 'off'], {
    default: 'full',
    help: 'what proxy_request may do (default: full)',
  }),
  confirm: choice(['none', 'customer-visible', 'writes'], {
    default: 'none',
    help: 'which calls need a second, confirming step (default: none)',
    forms: ['registry', 'mcpb'],
  }),
  auditFile: optionalPath({
    value: '<file>',
    accepts: 'a path to a file',
    help: 'a JSON Lines record of every write (default: none)',
    forms: ['mcpb'],
  }),
  requestsPerMinute: wholeNumber(1, 100_000, {
    default: 300,
    help: 'requests to Kustomer a minute from one server (default: 300, the smallest plan)',
  }),
  searchesPerMinute: wholeNumber(1, 100_000, {
    default: 100,
    help: 'searches among them (default: 100)',
  }),
  timeoutMs: wholeNumber(1000, 600_000, {
    value: '<ms>',
    default: 55_000,
    help: 'deadline of one call, its waiting included (default: 55000)',
  }),
  maxConcurrency: wholeNumber(1, 64, {
    default: Math.max(2, availableParallelism()),
    help: 'CLI processes at once; further calls wait in order (default: number of cores, at least 2)',
  }),
  output: choice(['compact', 'raw'], {
    default: 'compact',
    help: 'records compacted, or as the CLI gave them (default: compact)',
  }),
  resultFormat: choice(['text', 'both', 'structured'], {
    default: 'text',
    help: 'where the result is put: text, structured content, or both (default: text)',
  }),
  maxResultChars: wholeNumber(2000, 10_000_000, {
    default: 20_000,
    help: 'characters of one result; the rest can be read with read-result (default: 20000)',
  }),
  logLevel: choice(logLevels, {
    value: '<level>',
    default: 'info',
    help: 'how much is logged (default: info)',
  }),
  logFile: optionalPath({
    value: '<file>',
    accepts: 'a path to a file',
    help: 'where logs go (default: stderr)',
  }),
  http: {
    kind: 'text',
    value: '[host:port]',
    accepts: 'an address and a port, such as 127.0.0.1:8787 or [::1]:8787',
    schema: addressSchema,
    default: undefined,
    help: 'serve Streamable HTTP at /mcp instead of stdin and stdout (without a value: 127.0.0.1:8787)',
  } satisfies Option<Address | undefined>,
  auth: choice(['auto', 'tokens'], {
    default: 'auto',
    help: 'who may use --http: auto asks for a token once one was made, tokens always (default: auto)',
  }),
  allowedHost: textList({
    value: '<list>',
    accepts: 'host names, with or without a port, separated by commas',
    help: 'names that clients of --http may call this server (default: those of the loopback address)',
  }),
  allowedOrigin: textList({
    value: '<list>',
    accepts: 'origins such as https://app.example.com, separated by commas',
    help: 'web pages that may use --http from a browser (default: none)',
  }),
  ...oauthOptions,
  stateDir: path({
    value: '<folder>',
    accepts: 'a path to a folder',
    default: stateFolder,
    help: "caches and sandbox data (default: the platform's data folder)",
  }),
  config: optionalPath({
    value: '<file>',
    accepts: 'a path to a JSON file',
    mustExist: true,
    help: 'a JSON file with the same options, for hosts that lose environment variables',
  }),
}

export type OptionName = keyof typeof options
export type Config = {
  [K in OptionName]: (typeof options)[K]['schema'] extends () => z.ZodType<infer T> ? T : never
}

export const optionNames = Object.keys(options) as OptionName[]

/** A row of the table as one type for all. */
export const optionOf = (name: OptionName): Option<unknown> => options[name] as Option<unknown>

/** The value of an option that was not given. Rejects with an Error where this machine has none. */
export async function defaultOf(name: OptionName): Promise<unknown> {
  const { default: value } = options[name]
  return typeof value === 'function' ? value() : value
}

async function stateFolder(): Promise<string> {
  const folders = await platformFolders()
  if (folders !== undefined) return folders.data
  throw new Error(
    `${flagOf('stateDir')} has no default here, because this user has no home folder. Set HOME, or give ${flagOf('stateDir')}.`,
  )
}

/** The flag of an option, such as `--log-level`. */
export const flagOf = (name: string): string =>
  `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

/** The environment variable of an option, such as `KUSTOMER_MCP_LOG_LEVEL`. */
export const variableOf = (name: string): string =>
  `KUSTOMER_MCP_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
