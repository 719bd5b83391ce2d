import { isObject } from '../../json.ts'
import { badRequest, type Handler } from './call.ts'
import { compare, pageOf, wholeNumber } from './list.ts'
import { type Organisation, type Resource, recordsOf } from './resource.ts'
import { attributeReader, type Context, contexts } from './search-attributes.ts'
import { operatorTest } from './search-operators.ts'
import { listOf } from './values.ts'

type Matches = (record: Resource) => boolean
interface Scope {
  organisation: Organisation
  context: Context
  timeZone: string
}

const members = ['queryContext', 'and', 'or', 'not', 'sort', 'timeZone', 'includeDeleted']
const notSimulated = ['fields', 'aggs', 'searchHash']
const maxPages = 100

/**
 * Searches records of every type: all of `and`, one of `or` and none of `not` hold. It stops at 100 pages. Custom
 * objects, aggregations, the two-year window and the delay of the index are not simulated. Throws 400.
 */
export const search: Handler = (organisation, call) => {
  const { body } = call
  if (!isObject(body)) throw badRequest('The request body must be a JSON object')
  const scope = scopeOf(organisation, body)
  const page = wholeNumber(call.query, 'page', 1)
  if (page > maxPages) throw badRequest(`page: a search stops at ${maxPages} pages`, { parameter: 'page' })
  const matches = group(scope, body)
  const found = recordsOf(organisation, scope.context).filter(matches).sort(ordering(scope, body['sort']))
  const idsOnly = call.query.get('idsOnly') === 'true'
  const records = idsOnly ? found.map(({ type, id }) => ({ type, id })) : found
  return pageOf(records, call, { most: 500, counted: true })
}

function scopeOf(organisation: Organisation, body: Record<string, unknown>): Scope {
  const unknown = Object.keys(body).find((name) => !members.includes(name))
  if (unknown !== undefined && notSimulated.includes(unknown))
    throw badRequest(`${unknown} is not simulated in the sandbox`, { field: unknown })
  if (unknown !== undefined) throw badRequest(`Unrecognized key: "${unknown}"`, { field: unknown })
  const { queryContext, timeZone = 'UTC' } = body
  const context = contexts.find((name) => name === queryContext)
  if (context === undefined)
    throw badRequest(`queryContext must be one of ${contexts.join(', ')} in the sandbox`, {
      field: 'queryContext',
    })
  if (typeof timeZone !== 'string') throw badRequest('timeZone must be a text', { field: 'timeZone' })
  return { organisation, context, timeZone }
}

/** A group is the body of the search or takes the place of a criterion. */
function group(scope: Scope, body: Record<string, unknown>): Matches {
  const criteria = (name: 'and' | 'or' | 'not') => {
    const given = body[name] ?? []
    if (!Array.isArray(given) && !(name === 'not' && isObject(given)))
      throw badRequest(`${name} must be a list`, { field: name })
    return [given].flat().map((one) => criterion(scope, one))
  }
  const [every, some, none] = [criteria('and'), criteria('or'), criteria('not')]
  return (record) =>
    every.every((matches) => matches(record)) &&
    (some.length === 0 || some.some((matches) => matches(record))) &&
    !none.some((matches) => matches(record))
}

function criterion(scope: Scope, given: unknown): Matches {
  if (!isObject(given)) throw badRequest('A criterion is {attribute: {operator: value}}')
  const names = Object.keys(given)
  if (names.length > 0 && names.every((name) => /^(and|or|not)$/.test(name))) return group(scope, given)
  const tests = Object.entries(given).flatMap(([attribute, condition]) => {
    if (!isObject(condition))
      throw badRequest(`${attribute}: a criterion is {attribute: {operator: value}}`, { attribute })
    const read = attributeReader(scope.organisation, scope.context, attribute)
    return Object.entries(condition).map(([operator, wanted]): Matches => {
      const test = operatorTest({ attribute, operator, wanted, timeZone: scope.timeZone })
      return (record) => test(read(record, scope.organisation))
    })
  })
  if (tests.length === 0) throw badRequest('A criterion is {attribute: {operator: value}}')
  return (record) => tests.every((matches) => matches(record))
}

/** Orders by the last update without `sort` (assumed). */
function ordering({ organisation, context }: Scope, sort: unknown) {
  const given = listOf(sort).flatMap((one) => (isObject(one) ? Object.entries(one) : []))
  if (sort !== undefined && given.length === 0)
    throw badRequest('sort must be a list of {attribute: asc or desc}', { field: 'sort' })
  const keys = [...given, [`${context}_updated_at`, 'desc'] as const].map(([attribute, direction]) => {
    if (direction !== 'asc' && direction !== 'desc')
      throw badRequest(`sort: ${attribute} must be asc or desc`, { field: 'sort' })
    return { read: attributeReader(organisation, context, attribute), sign: direction === 'asc' ? 1 : -1 }
  })
  return (left: Resource, right: Resource): number => {
    for (const { read, sign } of keys) {
      const order = compare(read(left, organisation)[0], read(right, organisation)[0])
      if (order !== 0) return order * sign
    }
    return left.id < right.id ? -1 : 1
  }
}
