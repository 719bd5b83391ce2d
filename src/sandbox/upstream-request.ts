import { isObject } from '../json.ts'
import type { Action } from './action-catalogue.ts'
import type { KustomerRequest } from './kustomer/api.ts'
import { wrongInput } from './outcome.ts'

const host = 'https://sandbox.api.kustomerapp.com'
/** A fake credential: the real CLI prints the app's in its errors, and no answer may pass it on. */
export const authorization = 'Bearer FAKE-SANDBOX-SECRET'

/** The request of an action with a checked input, without the members that the schema does not have. */
export function actionRequest(action: Action, input: Record<string, unknown>): KustomerRequest {
  const { method, path, query = [], body, inputSchema } = action
  const { properties = {} } = inputSchema as { properties?: object }
  const known = Object.entries(input).filter(([name]) => Object.hasOwn(properties, name))
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
  const params = known.filter(([name]) => inPath.includes(name)).map(([name, value]) => [name, String(value)])
  const rest = known.filter(([name]) => !inPath.includes(name) && !query.includes(name))
  const content = body === 'rest' ? Object.fromEntries(rest) : body && input[body]
  return requestTo(path, {
    method,
    params: Object.fromEntries(params),
    query: known.filter(([name]) => query.includes(name)).flatMap(([name, value]) => flattened(name, value)),
    body: content === undefined ? undefined : JSON.stringify(content),
  })
}

/** `{filter: {createdAt: {gte: x}}}` becomes `filter[createdAt][gte]=x`. */
function flattened(name: string, value: unknown): [string, string][] {
  if (!isObject(value)) return [[name, String(value)]]
  return Object.entries(value).flatMap(([member, inner]) => flattened(`${name}[${member}]`, inner))
}

/** The request in the value of `act --api`. Throws `bad_request` for an unknown or a wrong member. */
export function apiRequest(given: unknown): KustomerRequest {
  const known = ['method', 'path', 'query', 'headers', 'body']
  if (!isObject(given)) throw wrongInput('Invalid input: expected object at api')
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown !== undefined) throw wrongInput(`Unrecognized key: "${unknown}" at api`)
  const { method, path, query = {}, headers = {}, body } = given
  if (typeof method !== 'string' || typeof path !== 'string')
    throw wrongInput('Invalid input: expected string, received undefined at api.method or api.path')
  const entries = (value: unknown): [string, string][] => {
    if (!isObject(value)) throw wrongInput('Invalid input: expected object at api.query or api.headers')
    return Object.entries(value).map(([name, one]) => [name, String(one)])
  }
  return requestTo(path, {
    method,
    query: entries(query),
    headers: entries(headers),
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
}

interface RequestParts {
  method: string
  params?: Readonly<Record<string, string>>
  query: [string, string][]
  headers?: [string, string][]
  body: string | undefined
}

/** The request to a path or a whole URL of the API, with the credentials. */
export function requestTo(
  given: string,
  { method, params = {}, query, headers = [], body }: RequestParts,
): KustomerRequest {
  const filled = given.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    return value === undefined ? whole : encodeURIComponent(value)
  })
  const url = URL.canParse(filled)
    ? new URL(filled)
    : new URL(`${host}${filled.startsWith('/') ? '' : '/'}${filled}`)
  if (!/(^|\.)api\.kustomerapp\.com$/.test(url.hostname))
    throw wrongInput(`The sandbox has no network: it cannot ask ${url.hostname}`)
  for (const [name, value] of query) url.searchParams.append(name, value)
  const named = headers.map(([name, value]) => [name.toLowerCase(), value])
  return {
    method: method.toUpperCase(),
    path: url.pathname,
    query: url.searchParams,
    headers: { ...Object.fromEntries(named), authorization },
    body,
  }
}

/** Data as JSON; other text becomes a JSON string, which no endpoint takes. */
export function asJson(data: string): string {
  try {
    return JSON.stringify(JSON.parse(data))
  } catch {
    return JSON.stringify(data)
  }
}

export function urlOf({ path, query }: KustomerRequest): string {
  const search = query.toString()
  return `${host}${path}${search === '' ? '' : `?${search}`}`
}
