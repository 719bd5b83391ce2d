import { ToolError } from '../errors.ts'
import {
  type Attributes,
  type Filter,
  filters,
  onConversation,
  orders,
  type SearchType,
  type Value,
} from './search-filters.ts'

type Condition = Readonly<Record<string, Readonly<Record<string, Value>>>>

/** The body of POST /v1/customers/search. */
export interface SearchBody {
  queryContext: SearchType
  and: Condition[]
  or?: Condition[]
  not?: Condition[]
  sort?: Readonly<Record<string, 'asc' | 'desc'>>[]
}

const unassigned = { on: onConversation('conversation_assigned_users') }
const notAssigned: Condition = { conversation_assigned_users: { not_set: '' } }

export type FilterName = keyof typeof filters | 'unassigned'
export type Filters = Readonly<Partial<Record<FilterName, Value | undefined>>>

export interface Search {
  type: SearchType
  filters: Filters
  /** Custom attributes that must equal these values. */
  custom?: Readonly<Record<string, Value>> | undefined
  /** With a minus for the latest or highest first. */
  sort?: string | undefined
  /** Custom attributes that `text` is searched in as well. */
  textAttributes?: readonly string[] | undefined
}

/**
 * Builds a search in which all filters must hold. Arguments become values, never names or operators. Throws ToolError
 * `invalid-input` for what does not apply to the type, and for a wrong id or time.
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
