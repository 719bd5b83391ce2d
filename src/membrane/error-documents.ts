import { isObject, type Json } from '../json.ts'
import { causesIn } from './causes.ts'
import { resetSecondsIn } from './headers.ts'

/** What is read from an error document. Credentials, headers and stacks are never among it. */
export interface ErrorFacts {
  types: string[]
  keys: string[]
  codes: string[]
  messages: string[]
  statuses: number[]
  /** Whether the app behind the connection answered, in contrast to Membrane itself. */
  external: boolean
  upstream: string[]
  resetSeconds?: number | undefined
}

const membraneHost = /(^|\.)(getmembrane\.com|integration\.app)$/

export function readErrorFacts(document: unknown): ErrorFacts {
  const facts: ErrorFacts = {
    types: [],
    keys: [],
    codes: [],
    messages: [],
    statuses: [],
    external: false,
    upstream: [],
  }
  if (isObject(document)) collect(document, facts, 0)
  return facts
}

function collect(node: Json, facts: ErrorFacts, depth: number): void {
  if (depth > 8) return
  const { type, key, code, message, error, status, response, request, config } = node
  if (typeof type === 'string') facts.types.push(type)
  if (typeof key === 'string') facts.keys.push(key)
  if (typeof code === 'string') facts.codes.push(code)
  for (const text of [message, error]) if (typeof text === 'string') facts.messages.push(text)
  if (isErrorStatus(status)) facts.statuses.push(status)
  if (isObject(response)) {
    const { status: answered, headers, data, body = data } = response
    if (isErrorStatus(answered)) facts.statuses.push(answered)
    facts.external ||= !isMembraneUrl(request) && !isMembraneUrl(config)
    facts.resetSeconds ??= resetSecondsIn(headers)
    if (facts.external) facts.upstream.push(...causesIn(body))
    else if (isObject(body)) collect(body, facts, depth + 1)
  }
  for (const cause of [node['causedByError'], node['data'], error]) {
    if (isObject(cause)) collect(cause, facts, depth + 1)
  }
}

function isMembraneUrl(request: unknown): boolean {
  if (!isObject(request)) return false
  const url = [request['baseURL'], request['url']].find(
    (part) => typeof part === 'string' && URL.canParse(part),
  )
  return typeof url === 'string' && membraneHost.test(new URL(url).hostname)
}

const isErrorStatus = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 400 && Number(value) < 600
