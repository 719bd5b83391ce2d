import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { isEnvelope, statusOf } from './answer-forms.ts'
import type { Capabilities } from './capabilities.ts'
import type { Cli } from './cli.ts'
import { headerOf } from './headers.ts'
import type { RateLimiter, RequestKind } from './limits.ts'
import { parseResult } from './parse-result.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

export interface ProxyRequest {
  method: Method
  /** Starts with one slash; already checked by the caller. May hold `{name}` for a path parameter. */
  path: string
  query: readonly (readonly [string, string])[]
  pathParams: Readonly<Record<string, string>>
  headers: readonly (readonly [string, string])[]
  body?: { json: unknown } | { raw: string } | undefined
}

export interface ClassifiedRequest extends ProxyRequest {
  /** Whether it may change something: a search is sent as POST and does not. */
  write: boolean
  kind: 'request' | 'search'
}

export interface AppCall {
  verb: 'run' | 'proxy'
  argv: (capabilities: Capabilities) => readonly string[]
  signal: AbortSignal
  write: boolean
  kind?: RequestKind
}

/**
 * Sends calls to the app by the preferred verb. `act` replaces it from then on when the CLI did not know the verb and so did
 * nothing, and for one read when the relay answered 503, as it is reported to do on a healthy connection.
 */
export function createAppCaller({ exec, getInfo, invalidate, note }: Cli, limiter: RateLimiter) {
  const attemptOf =
    ({ verb, argv, signal, write, kind = 'request' }: AppCall, using: Capabilities) =>
    async (): Promise<AppResponse> => {
      await limiter.take(kind)
      const answer = using[verb] === 'request' ? 'response' : 'run'
      const document = parseResult(await exec(argv(using), signal, write), { write, answer }, note)
      return unwrapResponse(answer === 'run' && isObject(document) ? document['output'] : document)
    }

  return async function callApp(call: AppCall): Promise<AppResponse> {
    const { verb, signal, write } = call
    const capabilities = await getInfo(signal)
    const attempt = attemptOf(call, capabilities)
    // Where there is another verb, 503 is a reason to take it and not to wait.
    const shouldRetry = (error: unknown) => isTransient(error) && !(capabilities.act && isUnavailable(error))
    try {
      return await (write ? attempt() : withRetry(attempt, signal, shouldRetry))
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      const isRelayDown = verb === 'proxy' && !write && isUnavailable(error)
      if (capabilities.act && capabilities[verb] !== 'act' && (error.notSent || isRelayDown)) {
        note(error.notSent ? 'verb-refused' : 'relay-unavailable')
        if (error.notSent) capabilities[verb] = 'act'
        return attemptOf(call, { ...capabilities, [verb]: 'act' })()
      }
      if (error.reason === 'cli-unsupported') await invalidate()
      throw error
    }
  }
}

const isUnavailable = (error: unknown) => error instanceof ToolError && error.status === 503

export interface AppResponse {
  status?: number | undefined
  body: unknown
  location?: string | undefined
}

/** Unwraps an envelope or returns the bare body. `data` alone decides nothing: Kustomer's own bodies have it. */
export function unwrapResponse(answer: unknown): AppResponse {
  if (!isEnvelope(answer)) return { body: answer }
  const location = headerOf(answer['headers'], 'location')
  const body = 'body' in answer ? answer['body'] : answer['data']
  return { status: statusOf(answer), body, ...(location === undefined ? {} : { location }) }
}

/** Two retries at most: the service has its own (vendor documentation). */
const backoff = { retries: 2, minTimeout: 300, factor: 3, randomize: true }

/** Retries a read with backoff. At the deadline, the outcome of the last attempt that ended counts. */
export async function withRetry<T>(
  once: () => Promise<T>,
  signal: AbortSignal,
  shouldRetry: (error: unknown) => boolean = isTransient,
): Promise<T> {
  let last: Promise<T> | undefined
  const attempt = () => {
    const made = once()
    const ended = () => {
      last = made
    }
    made.then(ended, ended)
    return made
  }
  const { default: pRetry } = await import('p-retry')
  try {
    return await pRetry(attempt, { ...backoff, signal, shouldRetry: ({ error }) => shouldRetry(error) })
  } catch (error) {
    if (last === undefined) throw error
    return last
  }
}

/** 501 says that it will never be answered. */
export const isTransient = (error: unknown) =>
  error instanceof ToolError &&
  (error.reason === 'network' || ((error.status ?? 0) >= 500 && error.status !== 501))
