import { ToolError } from '../errors.ts'
import { checkId, readTime } from './argument-checks.ts'

/** What `queryContext` can name, custom objects aside. */
export const searchTypes = ['conversation', 'customer', 'message', 'company', 'note'] as const
export type SearchType = (typeof searchTypes)[number]

/** The attribute that a filter tests for each type; of several, one has to match. */
type Attributes = Readonly<Partial<Record<SearchType, string | readonly string[]>>>
type Value = string | number | boolean
type Condition = Readonly<Record<string, Readonly<Record<string, Value>>>>

/** The body of POST /v1/customers/search. */
export interface SearchBody {
  queryContext: SearchType
  and: Condition[]
  or?: Condition[]
  not?: Condition[]
  sort?: Readonly<Record<string, 'asc' | 'desc'>>[]
}

interface Filter {
  on: Attributes
  operator: 'equals' | 'contains' | 'gte' | 'lt'
  /** Converts the value to the form that is sent. Throws ToolError `invalid-input`. */
  read?: (argument: string, value: Value) => Value
}

const onEvery = (attribute: string): Attributes =>
  Object.fromEntries(searchTypes.map((type) => [type, `${type}_${attribute}`]))
const onConversation = (attribute: string): Attributes => ({ conversation: attribute })
/** A type's attribute can be asked of another that belongs to it (Kustomer's search recipes). */
const onItsOwn = (attribute: string): Attributes => ({
  conversation: attribute,
  customer: attribute,
  message: attribute,
})
const readId: NonNullable<Filter['read']> = (argument, value) => checkId(argument, String(value))
const readTimeOf: NonNullable<Filter['read']> = (argument, value) => readTime(argument, String(value))

/** The attributes are those that Kustomer publishes for its search. */
const filters = {
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
    read: readId,
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

const unassigned = { on: onConversation('conversation_assigned_users') }
const notAssigned: Condition = { conversation_assigned_users: { not_set: '' } }

const orders: Readonly<Record<string, Attributes>> = {
  createdAt: onEvery('created_at'),
  updatedAt: onEvery('updated_at'),
  lastMessageAt: {
    conversation: 'conversation_last_message_at',
    customer: 'customer_last_message_at',
  },
  priority: onConversation('conversation_priority'),
}

export type FilterName = keyof typeof filters | 'unassigned'
export type Filters = Readonly<Partial<Record<FilterName, Value | undefined>>>

export interface Search {
  type: SearchType
  filters: Filters
  /** Custom attributes that must equal these values. */
  custom?: Readonly<Record<string, Value>> | undefined
  /** What to sort by, with a minus for the latest or highest first. */
  sort?: string | undefined
  /** Custom attributes that `text` is searched in as well. */
  textAttributes?: readonly string[] | undefined
}

/**
 * Builds the body of a search in which all filters must hold. Names and operators come from the tables here alone, values
 * stand in value position alone. Throws ToolError `invalid-input` for a filter or an order that does not apply to the type,
 * an id or a time that is none.
 */
export function searchBody({
  type,
  filters: given,
  custom = {},
  sort,
  textAttributes = [],
}: Search): SearchBody {
  const { unassigned: isUnassigned, ...rest } = given
  const and: Condition[] = []
  let or: Condition[] = []
  for (const [name, value] of Object.entries(rest)) {
    if (value === undefined) continue
    const { on, operator, read }: Filter = filters[name as keyof typeof filters]
    const more = name === 'text' ? textAttributes.map((attribute) => customAttribute(type, attribute)) : []
    const attributes = [attributesOf(name, on, type), more].flat()
    const sent = read === undefined ? value : read(name, value)
    const conditions = attributes.map((attribute) => ({ [attribute]: { [operator]: sent } }))
    if (conditions.length === 1) and.push(...conditions)
    else or = conditions
  }
  for (const [name, value] of Object.entries(custom))
    and.push({ [customAttribute(type, name)]: { equals: value } })
  if (isUnassigned !== undefined) attributesOf('unassigned', unassigned.on, type)
  if (isUnassigned === true && given.assignee !== undefined)
    throw new ToolError('invalid-input', 'Give `assignee` or `unassigned`, not both.')
  if (isUnassigned === true) and.push(notAssigned)
  return {
    queryContext: type,
    and,
    ...(or.length > 0 ? { or } : {}),
    ...(isUnassigned === false ? { not: [notAssigned] } : {}),
    ...(sort === undefined ? {} : { sort: [orderOf(sort, type)] }),
  }
}

function customAttribute(type: SearchType, name: string): string {
  if (/^[A-Za-z]\w{0,63}$/.test(name)) return `${type}_custom_${name}`
  throw new ToolError('invalid-input', '`custom`: names are letters and digits, such as orderNumberStr.')
}

function orderOf(sort: string, type: SearchType): Readonly<Record<string, 'asc' | 'desc'>> {
  const isDescending = sort.startsWith('-')
  const name = isDescending ? sort.slice(1) : sort
  if (!Object.hasOwn(orders, name)) {
    const names = Object.keys(orders).join(', ')
    throw new ToolError(
      'invalid-input',
      `\`sort\`: one of ${names}, with - before it for the latest or highest first.`,
    )
  }
  const [attribute = ''] = attributesOf(`sort ${sort}`, orders[name] ?? {}, type)
  return { [attribute]: isDescending ? 'desc' : 'asc' }
}

function attributesOf(name: string, on: Attributes, type: SearchType): readonly string[] {
  const attribute = on[type]
  if (attribute !== undefined) return [attribute].flat()
  throw new ToolError(
    'invalid-input',
    `\`${name}\` does not apply to type ${type}, only to ${Object.keys(on).join(', ')}.`,
  )
}

/** What people call a channel. */
const channelNames = new Map<Value, Value>([
  ['phone', 'voice'],
  ['call', 'voice'],
  ['text', 'sms'],
])

function readChannel(_: string, value: Value): Value {
  return channelNames.get(value) ?? value
}

/** Numbers are stored as + and digits, without what people write between them (assumed). */
function readPhone(_: string, value: Value): Value {
  return String(value).replace(/[\s().-]/g, '')
}

function readPriority(argument: string, value: Value): Value {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 5) return value
  throw new ToolError('invalid-input', `\`${argument}\`: a whole number from 1, the lowest, to 5.`)
}
