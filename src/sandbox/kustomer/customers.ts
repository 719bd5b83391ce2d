import { bodySchemaOf, mergeCustom, pick, readBody } from './body.ts'
import { badRequest, type Call, conflict, idOf, need, notFound, one, type Reply } from './call.ts'
import { byId, compare, pageOf } from './list.ts'
import {
  type Attributes,
  countOf,
  linkTo,
  listOf,
  newResource,
  type Organisation,
  pathOf,
  type Resource,
  recordOf,
  relatedId,
  textOf,
  touch,
} from './resource.ts'
import { checkRevision } from './revision.ts'
import { tagIds } from './tags.ts'

/** GET /v1/customers: any attribute as `sort`, a leading minus for descending, and time windows as `filter`. */
export function listCustomers({ customers }: Organisation, call: Call): Reply {
  const bounds = [...call.query].flatMap(([name, value]) => {
    const [, attribute = '', operator = ''] = /^filter\[(\w+)\]\[(\w+)\]$/.exec(name) ?? []
    return name.startsWith('filter') ? [{ name, attribute, operator, value }] : []
  })
  for (const { name, attribute, operator, value } of bounds) {
    const known = /^(createdAt|updatedAt)$/.test(attribute) && /^(gte|gt|lte|lt)$/.test(operator)
    if (!known || Number.isNaN(Date.parse(value)))
      throw badRequest(`${name} is not a filter`, { parameter: name })
  }
  const kept = customers.filter(({ attributes }) =>
    bounds.every(({ attribute, operator, value }) => {
      const distance = Date.parse(textOf(attributes[attribute])) - Date.parse(value)
      return { gte: distance >= 0, gt: distance > 0, lte: distance <= 0, lt: distance < 0 }[operator] ?? false
    }),
  )
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

/** The look-ups by natural key: the key stands inside the path segment. */
export const findByEmail = finder('email', ({ emails }) =>
  listOf(emails).map((item) => recordOf(item)['email']),
)
export const findByPhone = finder('phone', ({ phones }) =>
  listOf(phones).map((item) => recordOf(item)['phone']),
)
export const findByExternalId = finder('externalId', externalIdsOf)

function finder(name: string, valuesOf: (attributes: Attributes) => readonly unknown[]) {
  return ({ customers }: Organisation, { params }: Call): Reply => {
    const wanted = params['value'] ?? ''
    const found = customers.find(({ attributes }) =>
      valuesOf(attributes).some((value) => textOf(value).toLowerCase() === wanted.toLowerCase()),
    )
    if (found === undefined) throw notFound('customer', `${name}=${wanted}`)
    return one(found)
  }
}

function externalIdsOf({ externalId, externalIds }: Attributes): readonly unknown[] {
  return [externalId, ...listOf(externalIds).map((item) => recordOf(item)['externalId'])].filter(Boolean)
}

const createSchema = bodySchemaOf('create-customer')
const updateSchema = bodySchemaOf('update-customer')
const stored = Object.keys(recordOf(updateSchema['properties'])).filter(
  (name) => !/^(company|custom|rev|tags)$/.test(name),
)
const emptyLists = Object.fromEntries(
  [
    ...['externalIds', 'sharedExternalIds', 'emails', 'sharedEmails', 'phones', 'sharedPhones', 'whatsapps'],
    ...['facebookIds', 'instagramIds', 'socials', 'sharedSocials', 'urls', 'locations', 'activeUsers'],
    ...['watchers', 'tags'],
  ].map((name): [string, unknown[]] => [name, []]),
)

/** POST /v1/customers. Throws 400 for an empty body, 404 for an unknown company, 409 for a contact that is taken. */
export function createCustomer(organisation: Organisation, call: Call): Reply {
  const body = readBody(call, createSchema)
  const customer = newResource(organisation, {
    type: 'customer',
    now: call.now,
    attributes: {
      ...structuredClone(emptyLists),
      displayColor: 'blue',
      displayIcon: 'user',
      presence: 'offline',
      lastActivityAt: call.now,
      conversationCounts: { all: 0, open: 0, snoozed: 0, done: 0 },
      progressiveStatus: null,
      verified: false,
      deleted: false,
      custom: {},
    },
    relationships: {},
  })
  customer.relationships['messages'] = { links: { self: `${pathOf('customer', customer.id)}/messages` } }
  apply(organisation, customer, body)
  organisation.customers.push(customer)
  return one(customer, 201)
}

/**
 * PUT and PATCH /v1/customers/{id}: both merge, lists are replaced whole, and a body without `company` unlinks it
 * (Kustomer's OpenAPI description). Throws 409 for a stale `rev`.
 */
export function updateCustomer(organisation: Organisation, call: Call): Reply {
  const customer = need(organisation.customers, idOf(call), 'customer')
  const body = readBody(call, updateSchema)
  checkRevision(customer, body)
  apply(organisation, customer, { company: null, ...body })
  touch(organisation, customer, call.now)
  return one(customer)
}

function apply(organisation: Organisation, customer: Resource, body: Attributes): void {
  const { attributes, relationships } = customer
  const { name, externalId, company, custom, tags } = body
  const changed = pick(body, stored)
  refuseTaken(organisation, customer.id, changed)
  for (const [field, value] of Object.entries(changed)) {
    attributes[field] = Array.isArray(value) ? value.map(withVerified) : value
  }
  if (typeof name === 'string') {
    const [first = '', ...rest] = name.toLowerCase().split(' ')
    Object.assign(attributes, { displayName: name, firstName: first, lastName: rest.join(' ') })
  }
  if (
    typeof externalId === 'string' &&
    !externalIdsOf({ externalIds: attributes['externalIds'] }).includes(externalId)
  )
    attributes['externalIds'] = [{ externalId, verified: true }, ...listOf(attributes['externalIds'])]
  if (tags !== undefined) attributes['tags'] = tagIds(organisation, tags)
  mergeCustom(attributes, custom)
  if (company === null) delete relationships['company']
  else if (typeof company === 'string') {
    need(organisation.companies, company, 'company')
    relationships['company'] = linkTo('company', company)
  }
}

const withVerified = (item: unknown) =>
  typeof item === 'object' && item !== null && ('email' in item || 'phone' in item || 'externalId' in item)
    ? { verified: false, ...item }
    : item

/** Emails, phones and external ids belong to one customer each; the shared lists are exempt (Kustomer's documentation). */
function refuseTaken({ customers }: Organisation, id: string, changed: Attributes): void {
  const keysOf = (attributes: Attributes) => [
    ...listOf(attributes['emails']).map((item) => `email ${textOf(recordOf(item)['email']).toLowerCase()}`),
    ...listOf(attributes['phones']).map((item) => `phone ${textOf(recordOf(item)['phone'])}`),
    ...externalIdsOf(attributes).map((value) => `externalId ${value}`),
  ]
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

/** Takes a customer and how the status of one of its conversations changed, and keeps its counts and its own status. */
export function countStatus(
  { attributes }: Resource,
  from: ConversationStatus | undefined,
  to: ConversationStatus,
): void {
  const before = recordOf(attributes['conversationCounts'])
  const after: Record<string, number> = {}
  for (const name of ['all', 'open', 'snoozed', 'done']) {
    const gained = name === to || (name === 'all' && from === undefined) ? 1 : 0
    after[name] = Math.max(0, countOf(before[name]) + gained - (name === from ? 1 : 0))
  }
  attributes['conversationCounts'] = after
  attributes['progressiveStatus'] =
    ['open', 'snoozed', 'done'].find((name) => countOf(after[name]) > 0) ?? null
}

/** Returns the customer that a conversation, message or note belongs to. Throws 404. */
export const customerOf = ({ customers }: Organisation, record: Resource): Resource =>
  need(customers, relatedId(record, 'customer'), 'customer')
