import { badRequest, type Call, type Handler, need, notFound, one, type Reply, target } from './call.ts'
import { type Resource, type ResourceType, recordsOf, relatedId } from './resource.ts'

interface Paging {
  /** The largest page size: 100, or 500 for users, teams and search (Kustomer's pagination documentation). */
  most?: number
  /** Whether `meta` has totals, as for customers and search. */
  counted?: boolean
}

/** One page of the records, in their order, with host-relative links. Throws 400 for a page out of range. */
export function pageOf(
  records: readonly (Resource | { type: string; id: string })[],
  call: Call,
  { most = 100, counted = false }: Paging = {},
): Reply {
  const page = wholeNumber(call.query, 'page', 1)
  const pageSize = wholeNumber(call.query, 'pageSize', 100, most)
  const totalPages = Math.max(1, Math.ceil(records.length / pageSize))
  const link = (number: number) => {
    const query = new URLSearchParams(call.query)
    query.set('page', String(number))
    query.set('pageSize', String(pageSize))
    return `${call.path}?${query}`
  }
  return {
    status: 200,
    body: {
      meta: { page, pageSize, ...(counted ? { total: records.length, totalPages } : {}) },
      links: {
        self: link(page),
        first: link(1),
        prev: page > 1 ? link(page - 1) : null,
        next: page < totalPages ? link(page + 1) : null,
        ...(counted ? { last: link(totalPages) } : {}),
      },
      data: records.slice((page - 1) * pageSize, page * pageSize),
    },
  }
}

/** Reads a number of the query. Throws 400 unless it is whole and from 1 to `most`. */
export function wholeNumber(query: URLSearchParams, name: string, fallback: number, most = 1e9): number {
  const text = query.get(name)
  if (text === null) return fallback
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value
  const limit = most < 1e9 ? ` to ${most}` : ''
  throw badRequest(`${name} must be a whole number from 1${limit}`, { parameter: name })
}

/** Orders numbers by size and all else as text. */
export function compare(left: unknown, right: unknown): number {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  return String(left ?? '').localeCompare(String(right ?? ''), 'en')
}

/** Orders by id, ascending (assumed) or by `sort=desc`. Throws 400 for another sort. */
export function byId(records: readonly Resource[], { query }: Pick<Call, 'query'>): Resource[] {
  const sort = query.get('sort')
  if (sort !== null && sort !== 'desc' && sort !== 'asc')
    throw badRequest('sort must be desc', { parameter: 'sort' })
  const sorted = records.toSorted((left, right) => (left.id < right.id ? -1 : 1))
  return sort === 'desc' ? sorted.reverse() : sorted
}

export const listAll =
  (type: ResourceType, paging?: Paging): Handler =>
  (organisation, call) =>
    pageOf(byId(recordsOf(organisation, type), call), call, paging)

/** Lists the records that are related to the record in the path. */
export const listOwned =
  (owner: ResourceType, type: ResourceType): Handler =>
  (organisation, call) => {
    const { id } = target(organisation, owner, call)
    const own = recordsOf(organisation, type).filter((record) => relatedId(record, owner) === id)
    return pageOf(byId(own, call), call)
  }

export const getOne =
  (type: ResourceType): Handler =>
  (organisation, call) =>
    one(target(organisation, type, call))

/** Answers a comma-separated list of ids with an array (Kustomer's OpenAPI description). */
export const getOneOrMore =
  (type: ResourceType): Handler =>
  (organisation, { params }) => {
    const ids = params['id']?.split(',') ?? []
    if (ids.length === 1) return one(need(organisation, type, ids[0]))
    return {
      status: 200,
      body: { data: recordsOf(organisation, type).filter(({ id }) => ids.includes(id)) },
    }
  }

/** Finds one record by a natural key in the path, without regard to case. Throws 404. */
export const findBy =
  (type: ResourceType, name: string, valuesOf: (record: Resource) => readonly unknown[]): Handler =>
  (organisation, { params }) => {
    const value = params['value'] ?? ''
    const found = recordsOf(organisation, type).find((record) =>
      valuesOf(record).some((own) => String(own).toLowerCase() === value.toLowerCase()),
    )
    if (found === undefined) throw notFound(type, `${name}=${value}`)
    return one(found)
  }

export const findByExternalId = (type: ResourceType): Handler =>
  findBy(type, 'externalId', ({ attributes }) => [attributes['externalId'] ?? ''])
