import { ToolError } from '../errors.ts'
import { checkId, readTime } from './argument-checks.ts'

/** What `queryContext` can name, custom objects aside. */
export const searchTypes = ['conversation', 'customer', 'message', 'company', 'note'] as const
export type SearchType = (typeof searchTypes)[number]

type Attributes = Readonly<Partial<Record<SearchType, string>>>
type Value = string | number | boolean
type Condition = Readonly<Record<string, Readonly<Record<string, Value>>>>

/** The body of POST /v1/customers/search. */
export interface SearchBody {
  queryContext: SearchType
  and: Condition[]
  not?: Condition[]
  sort?: Readonly<Record<string, 'asc' | 'desc'>>[]
}

interface Filter {
  /** The types it applies to, each with the attribute that it tests. */
  on: Attributes
  operator: 'equals' | 'contains' | 'gte' | 'lt'
  /** Brings the value into the form that is sent, or throws Failure `invalid-input`. Left out, it is sent as given. */
  read?: (argument: string, value: Value) => Value
}

const onEvery = (attribute: string): Attributes =>
  Object.fromEntries(searchTypes.map((type) => [type, `${type}_${attribute}`]))
const onConversation = (attribute: string): Attributes => ({ conversation: attribute })
/** One type's attribute can be asked of another that belongs to it (Kustomer's search recipes). */
const onItsOwn = (attribute: string): Attributes => ({
  ...{ conversation: attribute, customer: attribute, message: attribute },
})
const readId: NonNullable<Filter['read']> = (argument, value) => checkId(argument, String(value))
const readTimeOf: NonNullable<Filter['read']> = (argument, value) => readTime(argument, String(value))

/** Every name is one of the attributes that Kustomer publishes for its search. */
const filters = {
  text: {
    on: {
      ...{ conversation: 'conversation_any_text', customer: 'customer_any_text', message: 'message_body' },
      ...{ company: 'company_any_text', note: 'note_body' },
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
  email: { on: onItsOwn('customer_email'), operator: 'equals' },
  phone: { on: onItsOwn('customer_phone'), operator: 'equals', read: readPhone },
  channel: {
    on: { conversation: 'conversation_channels', message: 'message_channel' },
    operator: 'equals',
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

/**
 * Takes a type, the filters that must all hold, and what to sort by, with a minus for the latest or highest first, and
 * returns the body of the search. Names and operators come from the tables here alone, values stand in value position
 * alone. Pure.
 * Throws Failure `invalid-input` for a filter or order that does not apply to the type, an id or time that is none.
 */
export function searchBody(type: SearchType, given: Filters, sort?: string): SearchBody {
  const { unassigned: isUnassigned, ...rest } = given
  const and = Object.entries(rest).flatMap(([name, value]): Condition[] => {
    if (value === undefined) return []
    const { on, operator, read }: Filter = filters[name as keyof typeof filters]
    const attribute = attributeOf(name, on, type)
    return [{ [attribute]: { [operator]: read === undefined ? value : read(name, value) } }]
  })
  if (isUnassigned !== undefined) attributeOf('unassigned', unassigned.on, type)
  if (isUnassigned === true && given.assignee !== undefined)
    throw new ToolError('invalid-input', 'Give `assignee` or `unassigned`, not both.')
  return {
    queryContext: type,
    and: isUnassigned === true ? [...and, notAssigned] : and,
    ...(isUnassigned === false ? { not: [notAssigned] } : {}),
    ...(sort === undefined ? {} : { sort: [orderOf(sort, type)] }),
  }
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
  return { [attributeOf(`sort ${sort}`, orders[name] ?? {}, type)]: isDescending ? 'desc' : 'asc' }
}

function attributeOf(name: string, on: Attributes, type: SearchType): string {
  const attribute = on[type]
  if (attribute !== undefined) return attribute
  throw new ToolError(
    'invalid-input',
    `\`${name}\` does not apply to type ${type}, only to ${Object.keys(on).join(', ')}.`,
  )
}

/** Numbers are taken to be kept as + and digits, without what people write between them. */
function readPhone(_: string, value: Value): Value {
  return String(value).replace(/[\s().-]/g, '')
}

function readPriority(argument: string, value: Value): Value {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= 5) return value
  throw new ToolError('invalid-input', `\`${argument}\`: a whole number from 1, the lowest, to 5.`)
}
