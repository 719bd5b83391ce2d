import { isObject, type Json } from '../json.ts'

/** What is read from an error document. Credentials, headers and stacks are never among it. */
export interface ErrorFacts {
  types: string[]
  keys: string[]
  codes: string[]
  messages: string[]
  status?: number
  /** Whether an answer of the app behind the connection is in it, in contrast to one of Membrane's own. */
  external: boolean
  /** What the app itself said, from a JSON:API or `{code, message}` error body. */
  upstream: string[]
  /** Seconds until a rate limit is free again, where the app says so. */
  resetSeconds?: number
}

/** `type` values of Membrane's errors (vendor SDK 0.28.3). */
const errorTypes =
  /^(bad_request|connection|configuration|dependency_error|action_run|action_instance_setup|unit_run|custom_code|concurrency|insufficient_credit|openrouter_not_configured|flow_run|flow_instance_setup|internal)$/

const membraneHost = /(^|\.)(getmembrane\.com|integration\.app)$/

/**
 * Takes the outermost document of a CLI answer and returns whether it is an error. Success is never taken for
 * granted because something parses: the CLI is known to print an error as valid JSON on stdout.
 */
export function looksLikeError(document: object): boolean {
  const { isMembraneError, type, message, request, response, name, error } = document as Json
  return (
    isMembraneError === true ||
    name === 'AxiosError' ||
    (typeof message === 'string' &&
      (typeof error === 'string' || (typeof type === 'string' && errorTypes.test(type)))) ||
    (isObject(request) && isObject(response))
  )
}

/** Takes an error document and returns what its whole chain of causes says. */
export function readErrorFacts(document: object | undefined): ErrorFacts {
  const facts: ErrorFacts = { types: [], keys: [], codes: [], messages: [], external: false, upstream: [] }
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
  if (isStatus(status)) facts.status = status
  if (isObject(response)) {
    if (isStatus(response['status'])) facts.status = response['status']
    facts.external ||= !isMembraneUrl(request) && !isMembraneUrl(config)
    const reset = resetOf(response['headers'])
    if (reset !== undefined) facts.resetSeconds = reset
    const body = response['data'] ?? response['body']
    if (facts.external) facts.upstream.push(...upstreamMessages(body))
    else if (isObject(body)) collect(body, facts, depth + 1)
  }
  for (const cause of [node['causedByError'], node['data'], error]) {
    if (isObject(cause)) collect(cause, facts, depth + 1)
  }
}

/** `x-ratelimit-reset` is a time in epoch seconds (Kustomer's rate-limit documentation), `retry-after` a wait in seconds. */
function resetOf(headers: unknown): number | undefined {
  if (!isObject(headers)) return undefined
  const wait = Number(headers['retry-after'] ?? Number(headers['x-ratelimit-reset']) - Date.now() / 1000)
  return wait > 0 && wait <= 3600 ? Math.ceil(wait) : undefined
}

function upstreamMessages(body: unknown): string[] {
  if (!isObject(body)) return []
  const errors = Array.isArray(body['errors']) ? body['errors'] : [body['errors'] ?? body]
  return errors.filter(isObject).flatMap(({ message, title, detail, code, source }) => {
    const texts = [message, title, detail].filter((text) => typeof text === 'string')
    const place = isObject(source) ? (source['pointer'] ?? source['parameter']) : undefined
    const text = texts.length > 0 ? [...new Set(texts)].join(': ') : code
    return typeof text === 'string' ? [typeof place === 'string' ? `${text} (at ${place})` : text] : []
  })
}

function isMembraneUrl(request: unknown): boolean {
  if (!isObject(request)) return false
  const url = [request['baseURL'], request['url']].find(
    (part) => typeof part === 'string' && URL.canParse(part),
  )
  return typeof url === 'string' && membraneHost.test(new URL(url).hostname)
}

const isStatus = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 400 && Number(value) < 600
