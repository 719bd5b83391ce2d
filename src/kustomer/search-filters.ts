import { ToolError } from '../errors.ts'
import { checkId, readTime } from './argument-checks.ts'
import { isNobody } from './references.ts'

/** What `queryContext` can name, custom objects aside. */
export const searchTypes = ['conversation', 'customer', 'message', 'company', 'note'] as const
export type SearchType = (typeof searchTypes)[number]

/** The attributes that a filter tests for each type; one of several has to match. */
export type Attributes = Readonly<Partial<Record<SearchType, string | readonly string[]>>>
export type Value = string | number | boolean

export interface Filter {
  on: Attributes
  operator: 'equals' | 'contains' | 'gte' | 'lt'
  /** Throws ToolError `invalid-input`. */
  read?: (argument: string, value: Value) => Value
}

const onEvery = (attribute: string): Attributes =>
  Object.fromEntries(searchTypes.map((type) => [type, `${type}_${attribute}`]))
export const onConversation = (attribute: string): Attributes => ({ conversation: attribute })
/** Attributes of customers that other types are searched by as well (Kustomer's search recipes). */
const onItsOwn = (attribute: string): Attributes => ({
  conversation: attribute,
  customer: attribute,
  message: attribute,
})
const readId: NonNullable<Filter['read']> = (argument, value) => checkId(argument, String(value))
const readAssignee: NonNullable<Filter['read']> = (argument, value) => {
  if (isNobody(String(value)))
    throw new ToolError(
      'invalid-input',
      '`assignee`: for what nobody is assigned to, leave it out and give `unassigned` true.',
    )
  return readId(argument, value)
}
const readTimeOf: NonNullable<Filter['read']> = (argument, value) => readTime(argument, String(value))

/** The filters that the search tool takes. Attributes and operators are those of Kustomer's search documentation. */
export const filters = {
  text: {
    on: {
      conversation: ['conversation_any_text', 'message_body', 'note_body'],
      customer: 'customer_any_text',
      message: 'message_body',
      company: 'company_any_text',
      note: 'note_body',
    },
    operator: 'contains',
  },
  status: {
    on: { conversation: 'conversation_status', customer: 'conversation_status' },
    operator: 'equals',
  },
  assignee: {
    on: onConversation('conversation_assigned_users'),
    operator: 'equals',
    read: readAssignee,
  },
  team: {
    on: onConversation('conversation_assigned_teams'),
    operator: 'equals',
    read: readId,
  },
  tag: {
    on: { conversation: 'conversation_tags', customer: 'customer_tags' },
    operator: 'equals',
  },
  queue: { on: onConversation('conversation_queue'), operator: 'equals', read: readId },
  customer: {
    on: { conversation: 'conversation_customer_id', message: 'conversation_customer_id' },
    operator: 'equals',
    read: readId,
  },
  externalId: { on: onEvery('externalId'), operator: 'equals' },
  company: {
    on: { customer: 'customer_company_id', conversation: 'customer_company_id' },
    operator: 'equals',
    read: readId,
  },
  satisfaction: { on: onConversation('conversation_satisfaction'), operator: 'equals' },
  email: { on: onItsOwn('customer_email'), operator: 'equals' },
  phone: { on: onItsOwn('customer_phone'), operator: 'equals', read: readPhone },
  channel: {
    on: { conversation: 'conversation_channels', message: 'message_channel' },
    operator: 'equals',
    read: readChannel,
  },
  direction: { on: { message: 'message_direction' }, operator: 'equals' },
  priority: { on: onConversation('conversation_priority'), operator: 'equals', read: readPriority },
  minPriority: { on: onConversation('conversation_priority'), operator: 'gte', read: readPriority },
  slaBreached: { on: onConversation('conversation_sla_breached'), operator: 'equals' },
  createdAfter: { on: onEvery('created_at'), operator: 'gte', read: readTimeOf },
  createdBefore: { on: onEvery('created_at'), operator: 'lt', read: readTimeOf },
  updatedAfter: { on: onEvery('updated_at'), operator: 'gte', read: readTimeOf },
  updatedBefore: { on: onEvery('updated_at'), operator: 'lt', read: readTimeOf },
} satisfies Record<string, Filter>

export const orders: Readonly<Record<string, Attributes>> = {
  createdAt: onEvery('created_at'),
  updatedAt: onEvery('updated_at'),
  lastMessageAt: {
    conversation: 'conversation_last_message_at',
    customer: 'customer_last_message_at',
  },
  priority: onConversation('conversation_priority'),
}

const channelNames = new Map<Value, Value>([
  ['phone', 'voice'],
  ['call', 'voice'],
  ['text', 'sms'],
])

function readChannel(_: string, value: Value): Value {
  return channelNames.get(value) ?? value
}

/** Assumed: phone numbers are stored as + and digits. */
function readPhone(_: string, value: Value): Value {
  return String(value).replace(/[\s().-]/g, '')
}

function readPriority(argument: string, value: Value): Value {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 5) return value
  throw new ToolError('invalid-input', `\`${argument}\`: a whole number from 1, the lowest, to 5.`)
}
