import { setTimeout } from 'node:timers/promises'
import type { Ledger } from '../ledger.ts'
import type { Fault, Limits } from '../settings.ts'
import type { Document } from '../store.ts'
import { badRequest, type Call, errorReply, KustomerError, type Reply } from './call.ts'
import { recordingEvents } from './events.ts'
import { findRoute, type Match } from './find-route.ts'
import type { Organisation } from './resource.ts'
import { countedBy, isSearch, isWrite } from './routes.ts'

export interface KustomerRequest {
  method: string
  /** With leading slash, without the query. */
  path: string
  query: URLSearchParams
  headers: Readonly<Record<string, string>>
  /** The body as it is sent. */
  body?: string | undefined
}

export interface KustomerResponse {
  status: number
  headers: Record<string, string>
  body?: object
}

/** What the simulated API works with. */
export interface Backend {
  organisation: Document<Organisation>
  ledger: Ledger
  limits: Limits
  fault: Fault | undefined
  clock: () => number
}

/** Kustomer's documentation: request bodies up to 100 kB. */
const maxBodyBytes = 100_000

/** Answers a request as Kustomer would, after the faults that are on, the key check and the rate limits. */
export async function callKustomer(request: KustomerRequest, backend: Backend): Promise<KustomerResponse> {
  const { ledger, limits } = backend
  const fault = await dueFault(backend)
  if (fault?.slowMs !== undefined) await setTimeout(fault.slowMs)
  const match = findRoute(request.method, request.path)
  const scope = match && isSearch(match.route) ? 'search' : 'budget'
  const { used, resetsAt } = await ledger.spend(scope === 'search' ? ['budget', 'search'] : ['budget'])
  const exceeded = (['budget', 'search'] as const).some((name) => (used[name] ?? 0) > limits[name])
  const failure = failureOf(fault) ?? (exceeded ? tooMany() : undefined)
  const reply = failure ? errorReply(failure) : await answer(request, match, backend).catch(errorReply)
  return { ...reply, headers: headersOf(reply, { limit: limits[scope], used: used[scope] ?? 0, resetsAt }) }
}

async function answer(request: KustomerRequest, match: Match | undefined, backend: Backend): Promise<Reply> {
  const { method, path, query, headers } = request
  if (!/^Bearer \S+$/.test(headers['authorization'] ?? ''))
    throw new KustomerError(401, 'unauthorized', 'Missing or invalid API key')
  if (match === undefined)
    throw new KustomerError(501, 'not_simulated', `The sandbox does not simulate ${method} ${path}`)
  const { route, params } = match
  const now = new Date(backend.clock()).toISOString()
  const call: Call = { method: route.method, path, params, query, body: parsed(request.body), now }
  if (!isWrite(route)) return route.run(await backend.organisation.read(), call)
  // It loads zod, which reads can do without.
  const { checkBody } = await import('./check-body.ts')
  return backend.organisation.change(async (organisation) => {
    checkBody(route, organisation, call)
    const counted = countedBy(route, organisation, call)
    if (counted !== undefined) {
      const key = `${counted.limit}:${counted.id}`
      const { used } = await backend.ledger.spend([key])
      if ((used[key] ?? 0) > backend.limits[counted.limit]) throw tooMany()
    }
    const result = recordingEvents(organisation, now, () => route.run(organisation, call))
    return { result, save: true }
  })
}

function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined
  if (Buffer.byteLength(text) > maxBodyBytes)
    throw new KustomerError(413, 'payload_too_large', 'The request body is larger than 100 kB')
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('The request body is not valid JSON')
  }
}

async function dueFault({ fault, ledger }: Backend): Promise<Fault | undefined> {
  if (fault?.times === undefined) return fault
  return (await ledger.countUse(JSON.stringify(fault))) <= fault.times ? fault : undefined
}

/** Codes other than `bad_request`, `unauthorized` and `not_found` were not seen in public: they are assumed. */
const faults: Readonly<Record<number, readonly [string, string]>> = {
  401: ['unauthorized', 'The token is invalid or expired'],
  403: ['forbidden', 'The API key lacks the role for this request'],
  429: ['rate_limit_exceeded', 'Too many requests: the rate limit is exceeded'],
  500: ['internal_error', 'Something went wrong'],
  503: ['service_unavailable', 'The service is unavailable'],
}

function failureOf(fault: Fault | undefined): KustomerError | undefined {
  if (fault?.podMismatch)
    return new KustomerError(401, 'unauthorized', 'Pod mismatch: the API key belongs to another region')
  if (fault?.status === undefined) return undefined
  const [code = '', message = ''] = faults[fault.status] ?? []
  return new KustomerError(fault.status, code, message)
}

const tooMany = () => failureOf({ status: 429 }) as KustomerError

/** Two headers on every answer, and the reset in seconds once exceeded (Kustomer's rate-limit documentation). */
function headersOf(
  { status, body }: Reply,
  { limit, used, resetsAt }: { limit: number; used: number; resetsAt: number },
): Record<string, string> {
  return {
    ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(status === 429 ? 0 : Math.max(0, limit - used)),
    ...(status === 429 ? { 'x-ratelimit-reset': String(Math.ceil(resetsAt / 1000)) } : {}),
  }
}
