import { badRequest, type Call, type Handler, idOf, need, notFound, one, type Reply } from './call.ts'
import type { Organisation, Resource, ResourceType } from './resource.ts'

interface Paging {
  /** The largest page that the endpoint gives (Kustomer's pagination documentation: 100, 500 for users and search). */
  most?: number
  /** Whether `meta` counts the records: only customers and search do. */
  counted?: boolean
}

/**
 * Takes records in their order and a call, and returns the page it asks for with `meta` and host-relative `links`.
 * Throws 400 for a page or page size out of range.
 */
export function pageOf(
  records: readonly (Resource | { type: string; id: string })[],
  call: Call,
  { most = 100, counted = false }: Paging = {},
): Reply {
  const page = wholeNumber(call.query, 'page', 1)
  const pageSize = wholeNumber(call.query, 'pageSize', 100, most)
  const totalPages = Math.max(1, Math.ceil(records.length / pageSize))
  const linkTo = (target: number) => {
    const query = new URLSearchParams(call.query)
    query.set('page', String(target))
    query.set('pageSize', String(pageSize))
    return `${call.path}?${query}`
  }
  return {
    status: 200,
    body: {
      meta: { page, pageSize, ...(counted ? { total: records.length, totalPages } : {}) },
      links: {
        self: linkTo(page),
        first: linkTo(1),
        prev: page > 1 ? linkTo(page - 1) : null,
        next: page < totalPages ? linkTo(page + 1) : null,
        ...(counted ? { last: linkTo(totalPages) } : {}),
      },
      data: records.slice((page - 1) * pageSize, page * pageSize),
    },
  }
}

/** Takes a query and returns one of its numbers. Throws 400 unless it is whole and from 1 to `most`. */
export function wholeNumber(query: URLSearchParams, name: string, fallback: number, most = 1e9): number {
  const text = query.get(name)
  if (text === null) return fallback
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value
  const limit = most < 1e9 ? ` to ${most}` : ''
  throw badRequest(`${name} must be a whole number from 1${limit}`, { parameter: name })
}

/** Takes two values of an attribute and returns their order: numbers by size, anything else as text. */
export function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return String(left ?? '').localeCompare(String(right ?? ''), 'en')
}

/** Order by id: ascending is assumed, `sort=desc` is what public integrations send. Throws 400 for another sort. */
export function byId(records: readonly Resource[], { query }: Pick<Call, 'query'>): Resource[] {
  const sort = query.get('sort')
  if (sort !== null && sort !== 'desc' && sort !== 'asc')
    throw badRequest('sort must be desc', { parameter: 'sort' })
  const sorted = records.toSorted((left, right) => (left.id < right.id ? -1 : 1))
  return sort === 'desc' ? sorted.reverse() : sorted
}

/** Takes where records are and what they are called, and returns the handler that gives one of them by id. */
export const getOne =
  (pick: (organisation: Organisation) => readonly Resource[], what: string): Handler =>
  (organisation, call) =>
    one(need(pick(organisation), idOf(call), what))

/** As `getOne`, and a list of ids joined by commas answers with an array, as Kustomer's OpenAPI description says. */
export const getOneOrMore =
  (pick: (organisation: Organisation) => readonly Resource[], what: string): Handler =>
  (organisation, call) => {
    const ids = idOf(call).split(',')
    if (ids.length === 1) return one(need(pick(organisation), ids[0], what))
    return { status: 200, body: { data: pick(organisation).filter(({ id }) => ids.includes(id)) } }
  }

/** Takes a type and where its records are, and returns what finds one by its external id: that stands in the path. */
export const finderByExternalId =
  (type: ResourceType, recordsOf: (organisation: Organisation) => readonly Resource[]): Handler =>
  (organisation, { params }) => {
    const value = params['value'] ?? ''
    const found = recordsOf(organisation).find(({ attributes }) => attributes['externalId'] === value)
    if (found === undefined) throw notFound(type, `externalId=${value}`)
    return one(found)
  }
