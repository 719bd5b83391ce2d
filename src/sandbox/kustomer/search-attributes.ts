import { badRequest } from './call.ts'
import {
  type Attributes,
  isRecord,
  listOf,
  type Organisation,
  type Resource,
  recordOf,
  relatedId,
  textOf,
} from './resource.ts'

/** What `queryContext` can name; custom objects are not simulated. */
export const contexts = ['customer', 'conversation', 'message', 'company', 'note'] as const
export type Context = (typeof contexts)[number]
type Values = readonly unknown[]
type Read = (record: Resource, organisation: Organisation) => Values

const recordsOf: Readonly<Record<Context, (organisation: Organisation) => Resource[]>> = {
  customer: ({ customers }) => customers,
  conversation: ({ conversations }) => conversations,
  message: ({ messages }) => messages,
  company: ({ companies }) => companies,
  note: ({ notes }) => notes,
}

/** Attributes whose search name is not the snake case of where the value stands. */
const special: Readonly<Record<string, Read>> = {
  customer_email: ({ attributes }) => members(attributes['emails'], 'email'),
  customer_phone: ({ attributes }) => members(attributes['phones'], 'phone'),
  customer_externalId: ({ attributes }) => [
    attributes['externalId'],
    ...members(attributes['externalIds'], 'externalId'),
  ],
  customer_tags: tagsOf,
  customer_company_id: (record) => [relatedId(record, 'company')],
  customer_any_text: ({ attributes }) => [
    ...[attributes['name'], attributes['externalId'], ...members(attributes['emails'], 'email')],
    ...members(attributes['phones'], 'phone'),
  ],
  conversation_tags: tagsOf,
  conversation_queue: (record) => [relatedId(record, 'queue')],
  conversation_customer_id: (record) => [relatedId(record, 'customer')],
  conversation_sla_breached: ({ attributes }) => [recordOf(attributes['sla'])['breached'] === true],
  conversation_sub_status: (record) => [relatedId(record, 'subStatus')],
  conversation_any_text: ({ attributes }) => [attributes['name'], attributes['preview']],
  message_body: ({ attributes }) => [attributes['preview']],
  message_conversation_id: (record) => [relatedId(record, 'conversation')],
  message_customer_id: (record) => [relatedId(record, 'customer')],
  message_any_text: ({ attributes }) => [attributes['preview'], attributes['subject']],
  note_conversation_id: (record) => [relatedId(record, 'conversation')],
  note_customer_id: (record) => [relatedId(record, 'customer')],
  note_any_text: ({ attributes }) => [attributes['body']],
  company_any_text: ({ attributes }) => [
    ...[attributes['name'], attributes['externalId'], ...members(attributes['domains'], 'domain')],
    ...members(attributes['emails'], 'email'),
  ],
}

/** Returns all records of a context. */
export const recordsIn = (organisation: Organisation, context: Context): Resource[] =>
  recordsOf[context](organisation)

/**
 * Takes the context of a search and an attribute's name, and returns how its values are read from a record. The
 * attribute may be one of a related type: a customer search can ask for the status of conversations.
 * Throws 400 for an attribute that no record of its type has.
 */
export function attributeReader(organisation: Organisation, context: Context, name: string): Read {
  const type = contexts.find((one) => name.startsWith(`${one}_`))
  const read = type === undefined ? undefined : ownReader(organisation, type, name)
  if (type === undefined || read === undefined)
    throw badRequest(`${name} is not a search attribute of the sandbox`, { attribute: name })
  if (type === context) return read
  return (record) => related(organisation, record, type).flatMap((other) => read(other, organisation))
}

function ownReader(organisation: Organisation, type: Context, name: string): Read | undefined {
  const rest = name.slice(type.length + 1)
  if (Object.hasOwn(special, name)) return special[name]
  if (rest === 'id') return ({ id }) => [id]
  const custom = /^custom_(\w+)$/.exec(rest)?.[1]
  if (custom !== undefined) return ({ attributes }) => [recordOf(attributes['custom'])[custom]]
  const attribute = rest.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const known = recordsOf[type](organisation).some(({ attributes }) => isSearchable(attributes, attribute))
  return known ? ({ attributes }) => [attributes[attribute]].flat() : undefined
}

const isSearchable = (attributes: Attributes, name: string) =>
  Object.hasOwn(attributes, name) && !isRecord(attributes[name])

/** The records of another type that hang together with a record, by way of their customer and conversation. */
function related(organisation: Organisation, record: Resource, type: Context): Resource[] {
  const customer = record.type === 'customer' ? record.id : relatedId(record, 'customer')
  const conversation = record.type === 'conversation' ? record.id : relatedId(record, 'conversation')
  if (type === 'customer') {
    return organisation.customers.filter((one) =>
      record.type === 'company' ? relatedId(one, 'company') === record.id : one.id === customer,
    )
  }
  if (type === 'company') {
    const owner = organisation.customers.find(({ id }) => id === customer)
    return organisation.companies.filter(
      ({ id }) => owner !== undefined && id === relatedId(owner, 'company'),
    )
  }
  if (record.type === 'company') {
    const staff = related(organisation, record, 'customer').map(({ id }) => id)
    return recordsOf[type](organisation).filter((one) => staff.includes(relatedId(one, 'customer') ?? ''))
  }
  return recordsOf[type](organisation).filter((one) => {
    if (conversation === undefined) return relatedId(one, 'customer') === customer
    return type === 'conversation' ? one.id === conversation : relatedId(one, 'conversation') === conversation
  })
}

const members = (list: unknown, name: string): Values => listOf(list).map((item) => recordOf(item)[name])

/** A tag is found by its id and by its name. */
function tagsOf({ attributes }: Resource, { tags }: Organisation): Values {
  return listOf(attributes['tags']).flatMap((id) => {
    const tag = tags.find((one) => one.id === id)
    return [id, textOf(tag?.attributes['name'])]
  })
}
