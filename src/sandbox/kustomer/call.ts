import { type Organisation, type Resource, type ResourceType, recordsOf } from './resource.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** One request to the simulated API, matched to its route. */
export interface Call {
  method: Method
  path: string
  /** The decoded values of the `{name}` parts of the route. */
  params: Readonly<Record<string, string>>
  query: URLSearchParams
  /** The parsed JSON body, checked where the route has a schema. */
  body: unknown
  /** ISO 8601. */
  now: string
}

export interface Reply {
  status: number
  /** Absent in an answer without a body (204). */
  body?: object
}

export type Handler = (organisation: Organisation, call: Call) => Reply

/** A request that Kustomer refuses. */
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

/** Kustomer documents status 409 without a code; `conflict` is assumed. */
export const conflict = (message: string, meta?: Record<string, unknown>) =>
  new KustomerError(409, 'conflict', message, meta)

/** The body that Kustomer's error documentation shows. Throws an error that is not a KustomerError. */
export function errorReply(error: unknown): Reply {
  if (!(error instanceof KustomerError)) throw error
  const { status, code, message, meta } = error
  return { status, body: { errors: [{ code, message, meta }] } }
}

/** Finds a record by id. Throws 404. */
export function need(organisation: Organisation, type: ResourceType, id: unknown): Resource {
  const record = recordsOf(organisation, type).find((other) => other.id === id)
  if (record === undefined) throw notFound(type, String(id ?? ''))
  return record
}

/** The record that the id in the path names. Throws 404. */
export const target = (organisation: Organisation, type: ResourceType, { params }: Call): Resource =>
  need(organisation, type, params['id'])

export const one = (record: Resource, status = 200): Reply => ({ status, body: { data: record } })

/** Adds a new record to the organisation and answers with it. */
export function created(organisation: Organisation, record: Resource, status = 201): Reply {
  recordsOf(organisation, record.type).push(record)
  return one(record, status)
}

/** Removes a record from the organisation. */
export function removed(organisation: Organisation, record: Resource): Reply {
  const records = recordsOf(organisation, record.type)
  records.splice(records.indexOf(record), 1)
  return { status: 204 }
}
