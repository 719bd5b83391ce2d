import type { Organisation, Resource } from './resource.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One request to the simulated API, with its route already matched. */
export interface Call {
  method: Method
  path: string
  /** The decoded values of the `{name}` parts of the route. */
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  /** The parsed JSON body, or undefined where there is none. */
  body: unknown
  /** The time of the call, ISO 8601. */
  now: string
}

export interface Reply {
  status: number
  /** Absent where the answer has no body (204). */
  body?: object
}

/** A request that Kustomer refuses. Handlers throw it; the router alone turns it into a reply. */
export class KustomerError extends Error {
  readonly status: number
  readonly code: string
  readonly meta: Readonly<Record<string, unknown>>

  constructor(status: number, code: string, message: string, meta: Readonly<Record<string, unknown>> = {}) {
    super(message)
    this.status = status
    this.code = code
    this.meta = meta
  }
}

export const badRequest = (message: string, meta?: Record<string, unknown>) =>
  new KustomerError(400, 'bad_request', message, meta)

export const notFound = (what: string, id: string) =>
  new KustomerError(404, 'not_found', `${what} ${id} was not found`, { id })

/** Kustomer documents the status 409 but no code for it: the code is assumed. */
export const conflict = (message: string, meta?: Record<string, unknown>) =>
  new KustomerError(409, 'conflict', message, meta)

/**
 * Takes what a handler threw and returns the reply with the body that Kustomer's error documentation shows. Throws
 * anything that is not a KustomerError.
 */
export function errorReply(error: unknown): Reply {
  if (!(error instanceof KustomerError)) throw error
  const { status, code, message, meta } = error
  return { status, body: { errors: [{ code, message, meta }] } }
}

/** Takes a list of records and an id and returns the record. Throws 404. */
export function need(records: readonly Resource[], id: string | undefined, what: string): Resource {
  const record = records.find((one) => one.id === id)
  if (record === undefined) throw notFound(what, id ?? '')
  return record
}

/** The id in the path; a route that has no `{id}` is a mistake in the table. */
export function idOf({ params }: Call): string {
  const { id } = params as { id?: string }
  if (id === undefined) throw new Error('The route has no {id}.')
  return id
}

export type Handler = (organisation: Organisation, call: Call) => Reply

/** Takes a record and returns the answer that holds it. */
export const one = (record: Resource, status = 200): Reply => ({ status, body: { data: record } })
