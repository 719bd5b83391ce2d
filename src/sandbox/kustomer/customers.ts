import { mergeCustom } from './body.ts'
import { badRequest, type Call, conflict, created, type Handler, need, one, target } from './call.ts'
import { byId, compare, findBy, pageOf } from './list.ts'
import { linkTo, newResource, type Organisation, type Resource, relatedId, touch } from './resource.ts'
import { checkRevision } from './revision.ts'
import { tagIds } from './tags.ts'
import { type Attributes, countOf, listOf, recordOf, textOf } from './values.ts'

/** Sorts by an attribute, `-` for descending, and filters by times such as `filter[createdAt][gte]`. */
export const listCustomers: Handler = ({ customers }, call) => {
  const bounds = [...call.query].filter(([name]) => name.startsWith('filter'))
  const tests = bounds.map(([name, value]) => {
    const [, attribute = '', operator] =
      /^filter\[(createdAt|updatedAt)\]\[(gte|gt|lte|lt)\]$/.exec(name) ?? []
    if (operator === undefined || Number.isNaN(Date.parse(value)))
      throw badRequest(`${name} is not a filter`, { parameter: name })
    return ({ attributes }: Resource) => {
      const distance = Date.parse(textOf(attributes[attribute])) - Date.parse(value)
      return (
        (operator.startsWith('g') ? distance > 0 : distance < 0) || (operator.endsWith('e') && distance === 0)
      )
    }
  })
  const kept = customers.filter((customer) => tests.every((test) => test(customer)))
  return pageOf(sorted(kept, call), call, { counted: true })
}

function sorted(customers: readonly Resource[], { query }: Call): Resource[] {
  const sort = query.get('sort')
  const ascending = byId(customers, { query: new URLSearchParams() })
  if (sort === null) return ascending
  const attribute = sort.replace(/^-/, '')
  if (!/^[A-Za-z]\w*$/.test(attribute)) throw badRequest('sort must name an attribute', { parameter: 'sort' })
  const order = ascending.toSorted((left, right) =>
    compare(left.attributes[attribute], right.attributes[attribute]),
  )
  return sort.startsWith('-') ? order.reverse() : order
}

const membersOf = (list: unknown, name: string) =>
  listOf(list)
    .map((item) => recordOf(item)[name])
    .filter((value) => typeof value === 'string')

/** The natural keys of a customer: one customer has each of their values. */
const keys = {
  email: ({ emails }: Attributes) => membersOf(emails, 'email'),
  phone: ({ phones }: Attributes) => membersOf(phones, 'phone'),
  externalId: ({ externalId, externalIds }: Attributes) =>
    [externalId, ...membersOf(externalIds, 'externalId')].filter(Boolean),
}

export const findCustomer = (key: keyof typeof keys): Handler =>
  findBy('customer', key, ({ attributes }) => keys[key](attributes))

/** Throws 404 for an unknown company, 409 for a contact that another customer has. */
export const createCustomer: Handler = (organisation, call) => {
  const customer = newResource(organisation, {
    type: 'customer',
    now: call.now,
    attributes: { lastActivityAt: call.now },
    relationships: {},
  })
  apply(organisation, customer, recordOf(call.body))
  return created(organisation, customer)
}

/**
 * Merges the body; lists are replaced whole, and a body without `company` unlinks it (Kustomer's OpenAPI
 * description). Throws 409 for a stale `rev`.
 */
export const updateCustomer: Handler = (organisation, call) => {
  const customer = target(organisation, 'customer', call)
  const { rev, ...body } = recordOf(call.body)
  checkRevision(customer, { rev })
  apply(organisation, customer, { company: null, ...body })
  touch(organisation, customer, call.now)
  return one(customer)
}

function apply(
  organisation: Organisation,
  customer: Resource,
  { company, custom, tags, ...changed }: Attributes,
): void {
  const { attributes, relationships } = customer
  const { name, externalId } = changed
  refuseTaken(organisation, customer.id, changed)
  for (const [field, value] of Object.entries(changed))
    attributes[field] = Array.isArray(value) ? value.map(withVerified) : value
  if (typeof name === 'string') {
    const [first = '', ...rest] = name.toLowerCase().split(' ')
    Object.assign(attributes, { displayName: name, firstName: first, lastName: rest.join(' ') })
  }
  if (
    typeof externalId === 'string' &&
    !membersOf(attributes['externalIds'], 'externalId').includes(externalId)
  )
    attributes['externalIds'] = [{ externalId, verified: true }, ...listOf(attributes['externalIds'])]
  if (tags !== undefined) attributes['tags'] = tagIds(organisation, tags)
  mergeCustom(attributes, custom)
  if (company === null) delete relationships['company']
  else if (company !== undefined)
    relationships['company'] = linkTo('company', need(organisation, 'company', company).id)
}

const withVerified = (item: unknown) =>
  Object.keys(recordOf(item)).some((name) => /^(email|phone|externalId)$/.test(name))
    ? { verified: false, ...recordOf(item) }
    : item

/** One customer has an email, phone or external id; the shared lists are exempt (Kustomer's documentation). */
function refuseTaken({ customers }: Organisation, id: string, changed: Attributes): void {
  const keysOf = (attributes: Attributes) =>
    Object.entries(keys).flatMap(([key, read]) =>
      read(attributes).map((value) => `${key} ${String(value).toLowerCase()}`),
    )
  const wanted = new Set(keysOf(changed))
  for (const other of customers) {
    const taken = other.id === id ? undefined : keysOf(other.attributes).find((key) => wanted.has(key))
    if (taken !== undefined)
      throw conflict(`Duplicate: another customer has the ${taken}`, {
        field: taken.split(' ')[0],
        id: other.id,
      })
  }
}

export type ConversationStatus = 'open' | 'snoozed' | 'done'

/** Updates a customer after one of its conversations moved from a status to another. */
export function countStatus(
  { attributes }: Resource,
  from: ConversationStatus | undefined,
  to: ConversationStatus,
): void {
  const counts = { ...recordOf(attributes['conversationCounts']) }
  const add = (name: string, by: number) => {
    counts[name] = Math.max(0, countOf(counts[name]) + by)
  }
  add(to, 1)
  add(from ?? 'all', from === undefined ? 1 : -1)
  setCounts(attributes, counts)
}

export function setCounts(attributes: Attributes, counts: Attributes): void {
  attributes['conversationCounts'] = counts
  attributes['progressiveStatus'] =
    ['open', 'snoozed', 'done'].find((name) => countOf(counts[name]) > 0) ?? null
}

/** The customer of a conversation, message or note. Throws 404. */
export const customerOf = (organisation: Organisation, record: Resource): Resource =>
  need(organisation, 'customer', relatedId(record, 'customer'))
