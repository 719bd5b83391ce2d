import { ToolError } from '../errors.ts'
import type { ProxyRequest } from './app-call.ts'
import type { Capabilities } from './capabilities.ts'

/** Linux allows 128 KiB for one argument; the rest is room for the flag's name. */
const maxArgumentBytes = 120 * 1024

/*
 * Each function builds the arguments of one CLI call: the command, its positionals, then `--name=value`, and `--json`
 * last, where no parser can read what follows as its value. No value can become a flag: a positional is checked by
 * `identifier` or starts with a slash, everything else stands behind a `=`.
 */

export const listConnections = (cursor?: string) => [
  'connection',
  'list',
  ...flag('cursor', cursor),
  '--json',
]

export const getConnection = (id: string, waitSeconds?: number) => [
  'connection',
  'get',
  identifier(id),
  ...(waitSeconds === undefined ? [] : ['--wait', `--timeout=${waitSeconds}`]),
  '--json',
]

export const ensureConnection = (appUrl: string) => ['connection', 'ensure', httpsUrl(appUrl), '--json']

export const connect = (target: { connectorId: string } | { connectionId: string }) => {
  const [[name, id]] = Object.entries(target) as [[string, string]]
  return ['connect', ...flag(name, identifier(id)), '--non-interactive', '--json']
}

export const searchConnectors = (query: string) => [
  'search',
  identifier(query),
  '--elementType=connector',
  '--json',
]

export const login = ({ loginStart, loginTenant }: Capabilities) =>
  loginStart
    ? ['login', 'start', '--non-interactive']
    : ['login', ...(loginTenant ? ['--tenant'] : []), '--non-interactive']

export function completeLogin(code: string) {
  if (/^[\w.~+/=%#:][\w.~+/=%#:-]{0,2047}$/.test(code)) return ['login', 'complete', code]
  throw new ToolError('invalid-input', 'The code has characters that no sign-in code has.')
}

export interface ActionQuery {
  intent?: string | undefined
  limit?: number | undefined
  cursor?: string | undefined
}

export const listActions = (
  connectionId: string,
  { intent, limit, cursor }: ActionQuery,
  capabilities: Capabilities,
) => [
  'action',
  'list',
  ...flag('connectionId', identifier(connectionId)),
  ...flag('intent', intent === undefined ? undefined : cutTo200(intent)),
  ...(capabilities.actionLimit ? flag('limit', limit) : []),
  ...(capabilities.actionCursor ? flag('cursor', cursor) : []),
  '--json',
]

/** Drops half a surrogate pair at the cut. */
const cutTo200 = (text: string) =>
  text.length > 200 ? text.slice(0, 200).replace(/[\uD800-\uDBFF]$/, '') : text

export const getAction = (idOrKey: string) => ['action', 'get', identifier(idOrKey), '--json']

export const runAction = (
  connectionId: string,
  actionId: string,
  input: object,
  capabilities: Capabilities,
) => [
  ...(capabilities.run === 'act'
    ? ['act', ...flag('id', identifier(actionId))]
    : ['action', 'run', identifier(actionId)]),
  ...flag('connectionId', identifier(connectionId)),
  ...flag('input', JSON.stringify(input)),
  '--json',
]

export const request = (connectionId: string, proxied: ProxyRequest, capabilities: Capabilities) =>
  capabilities.proxy === 'act' ? actRequest(connectionId, proxied) : plainRequest(connectionId, proxied)

function plainRequest(
  connectionId: string,
  { method, path, query, pathParams, headers, body }: ProxyRequest,
) {
  return [
    'request',
    identifier(connectionId),
    path,
    ...flag('method', method),
    ...headers.flatMap(([name, value]) => flag('header', `${name}: ${value}`)),
    ...query.flatMap(([name, value]) => flag('query', `${name}=${value}`)),
    ...Object.entries(pathParams).flatMap(([name, value]) => flag('pathParam', `${name}=${value}`)),
    ...(body === undefined
      ? []
      : 'raw' in body
        ? flag('data', body.raw)
        : flag('data', JSON.stringify(body.json))),
    ...(body !== undefined && 'raw' in body ? ['--rawData'] : []),
    '--json',
  ]
}

/** `act --api` knows no path parameters, and one value for each query name: both go into the path instead. */
function actRequest(connectionId: string, { method, path, query, pathParams, headers, body }: ProxyRequest) {
  const filled = path.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = Object.hasOwn(pathParams, name) ? pathParams[name] : undefined
    return value === undefined ? whole : encode(value)
  })
  const search = query.map((pair) => pair.map(encode).join('=')).join('&')
  const api = {
    method,
    path: search === '' ? filled : `${filled}?${search}`,
    ...(headers.length > 0 ? { headers: joined(headers) } : {}),
    ...(body === undefined ? {} : { body: 'raw' in body ? body.raw : body.json }),
  }
  return [
    'act',
    ...flag('api', JSON.stringify(api)),
    ...flag('connectionId', identifier(connectionId)),
    '--json',
  ]
}

const encode = (text: string) => encodeURIComponent(wellFormed(text))

/** HTTP allows a repeated header to be one, its values joined by commas. */
function joined(headers: ProxyRequest['headers']): Record<string, string> {
  const entries = headers.map(([name]) => [
    name,
    headers
      .filter(([other]) => other === name)
      .map(([, value]) => value)
      .join(', '),
  ])
  return Object.fromEntries(entries)
}

/** Throws ToolError `invalid-input` for anything that could be read as a flag, a path or more than one argument. */
export function identifier(value: string): string {
  if (/^(?!\.{1,2}$)[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,127}$/.test(value)) return value
  throw new ToolError(
    'invalid-input',
    'An id or key may hold letters, digits and . _ : - and cannot start with -.',
  )
}

/** Ids of Membrane are 24 hex digits (seen in public transcripts of the CLI). */
export const isMembraneId = (value: string): boolean => /^[0-9a-f]{24}$/.test(value)

function httpsUrl(value: string): string {
  if (/^https:\/\/[\w.-]+\/$/.test(value)) return value
  throw new ToolError('invalid-input', 'The URL of an app is https, a host, and a slash.')
}

/** `--name=value`, or nothing. Throws ToolError `too-large` or `invalid-input`. */
function flag(name: string, value: string | number | undefined): string[] {
  if (value === undefined) return []
  const argument = wellFormed(`--${name}=${value}`)
  const bytes = Buffer.byteLength(argument)
  if (bytes > maxArgumentBytes) {
    const size = `${Math.ceil(bytes / 1024)} KiB`
    throw new ToolError(
      'too-large',
      `The input is ${size}; the CLI takes ${maxArgumentBytes / 1024} KiB at most.`,
    )
  }
  return [argument]
}

/** A lone surrogate, which JSON can carry escaped, fits neither a URL nor an argument. */
function wellFormed(text: string): string {
  if (text.isWellFormed() && !text.includes('\0')) return text
  throw new ToolError('invalid-input', 'Text for the CLI cannot hold a NUL character or half a character.')
}
