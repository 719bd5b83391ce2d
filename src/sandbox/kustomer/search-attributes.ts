import { isObject } from '../../json.ts'
import { badRequest } from './call.ts'
import { type Organisation, type Resource, recordsOf, relatedId } from './resource.ts'
import { listOf, recordOf, textOf } from './values.ts'

/** The values of `queryContext`; custom objects are not simulated. */
export const contexts = ['customer', 'conversation', 'message', 'company', 'note'] as const
export type Context = (typeof contexts)[number]
type Read = (record: Resource, organisation: Organisation) => readonly unknown[]

const members = (list: unknown, name: string) => listOf(list).map((item) => recordOf(item)[name])
const related =
  (name: string): Read =>
  (record) => [relatedId(record, name)]
const attributesNamed =
  (...names: string[]): Read =>
  ({ attributes }) =>
    names.map((name) => attributes[name])
const emails: Read = ({ attributes }) => members(attributes['emails'], 'email')
const phones: Read = ({ attributes }) => members(attributes['phones'], 'phone')
const every =
  (...reads: Read[]): Read =>
  (record, organisation) =>
    reads.flatMap((read) => read(record, organisation))
/** A tag is found by its id and by its name. */
const tags: Read = ({ attributes }, { tags }) =>
  listOf(attributes['tags']).flatMap((id) => [
    id,
    textOf(tags.find((tag) => tag.id === id)?.attributes['name']),
  ])

/** Attributes whose search name is not the snake case of a member of `attributes`. */
const special: Readonly<Record<string, Read>> = {
  customer_email: emails,
  customer_phone: phones,
  customer_externalId: every(attributesNamed('externalId'), ({ attributes }) =>
    members(attributes['externalIds'], 'externalId'),
  ),
  customer_tags: tags,
  customer_company_id: related('company'),
  customer_any_text: every(attributesNamed('name', 'externalId'), emails, phones),
  conversation_tags: tags,
  conversation_queue: related('queue'),
  conversation_customer_id: related('customer'),
  conversation_sla_breached: ({ attributes }) => [recordOf(attributes['sla'])['breached'] === true],
  conversation_sub_status: related('subStatus'),
  conversation_any_text: attributesNamed('name', 'preview'),
  message_body: attributesNamed('preview'),
  message_conversation_id: related('conversation'),
  message_customer_id: related('customer'),
  message_any_text: attributesNamed('preview', 'subject'),
  note_conversation_id: related('conversation'),
  note_customer_id: related('customer'),
  note_any_text: attributesNamed('body'),
  company_any_text: every(
    attributesNamed('name', 'externalId'),
    ({ attributes }) => members(attributes['domains'], 'domain'),
    emails,
  ),
}

/**
 * How the values of a search attribute are read from a record of the context. The attribute may be of a related type:
 * a customer search can ask for the status of conversations. Throws 400 for an attribute that no record has.
 */
export function attributeReader(organisation: Organisation, context: Context, name: string): Read {
  const type = contexts.find((other) => name.startsWith(`${other}_`))
  const read = type && ownReader(organisation, type, name)
  if (type === undefined || read === undefined)
    throw badRequest(`${name} is not a search attribute of the sandbox`, { attribute: name })
  if (type === context) return read
  return (record) => relatedRecords(organisation, record, type).flatMap((other) => read(other, organisation))
}

function ownReader(organisation: Organisation, type: Context, name: string): Read | undefined {
  const rest = name.slice(type.length + 1)
  if (Object.hasOwn(special, name)) return special[name]
  if (rest === 'id') return ({ id }) => [id]
  const custom = /^custom_(\w+)$/.exec(rest)?.[1]
  if (custom !== undefined) return ({ attributes }) => [recordOf(attributes['custom'])[custom]]
  const attribute = rest.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
  const known = recordsOf(organisation, type).some(
    ({ attributes }) => Object.hasOwn(attributes, attribute) && !isObject(attributes[attribute]),
  )
  return known ? ({ attributes }) => [attributes[attribute]].flat() : undefined
}

/** The records of another type that belong to the same conversation, customer or company. */
function relatedRecords(organisation: Organisation, record: Resource, type: Context): Resource[] {
  const idOf = (kind: Context) => (record.type === kind ? record.id : relatedId(record, kind))
  const customer = idOf('customer')
  if (record.type === 'company' || type === 'company') {
    const company =
      record.type === 'company' ? record.id : relatedId(ownerOf(organisation, customer) ?? record, 'company')
    if (type === 'company') return organisation.companies.filter(({ id }) => id === company)
    const staff = organisation.customers.filter((other) => relatedId(other, 'company') === company)
    if (type === 'customer') return staff
    const ids = staff.map(({ id }): string | undefined => id)
    return recordsOf(organisation, type).filter((other) => ids.includes(relatedId(other, 'customer')))
  }
  const conversation = idOf('conversation')
  const kind = type === 'customer' || conversation === undefined ? 'customer' : 'conversation'
  const id = kind === 'customer' ? customer : conversation
  return recordsOf(organisation, type).filter(
    (other) => id === (type === kind ? other.id : relatedId(other, kind)),
  )
}

const ownerOf = ({ customers }: Organisation, id: string | undefined) =>
  customers.find((customer) => customer.id === id)
