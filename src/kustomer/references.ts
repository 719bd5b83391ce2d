import { isObject } from '../json.ts'

/** What an id can stand for, where an organisation calls it by a name. */
export type DirectoryKind = 'user' | 'team' | 'tag' | 'queue' | 'sub-status' | 'outbound account'
export type ReferenceKind = DirectoryKind | 'customer' | 'company' | 'conversation'

interface DirectoryList {
  path: string
  /** The most that a page holds (Kustomer's pagination documentation). */
  pageSize: number
  /** Attributes that hold a name, the best one first. */
  names: readonly string[]
  /** Attributes that hold an address, which nobody else has. */
  addresses: readonly string[]
  /** Whether the records that were deleted are a list of their own. */
  listsDeleted?: boolean
  /** Whether a part of a name, such as a first name, can be meant. */
  matchesWords?: boolean
}

/** The lists that a directory is read from (Kustomer's API reference). */
export const directoryLists: Readonly<Record<DirectoryKind, DirectoryList>> = {
  user: {
    path: '/v1/users',
    pageSize: 500,
    names: ['name', 'displayName'],
    addresses: ['email'],
    listsDeleted: true,
    matchesWords: true,
  },
  team: { path: '/v1/teams', pageSize: 500, names: ['name', 'displayName'], addresses: [] },
  tag: { path: '/v1/tags', pageSize: 100, names: ['name'], addresses: [] },
  queue: { path: '/v1/routing/queues', pageSize: 100, names: ['displayName', 'name'], addresses: [] },
  'sub-status': { path: '/v1/sub-statuses', pageSize: 100, names: ['label', 'name'], addresses: [] },
  'outbound account': {
    path: '/v1/outboundAccounts',
    pageSize: 100,
    names: ['name', 'displayName'],
    addresses: ['email', 'address', 'phone'],
  },
}

export const isDirectoryKind = (kind: ReferenceKind): kind is DirectoryKind =>
  Object.hasOwn(directoryLists, kind)

/** Members of records and arguments of tools that hold ids, alone or in a list. */
export const referenceFields: Readonly<Record<string, ReferenceKind>> = {
  assignedUsers: 'user',
  assignedTeams: 'team',
  tags: 'tag',
  addTags: 'tag',
  removeTags: 'tag',
  queue: 'queue',
  subStatus: 'sub-status',
  outboundAccount: 'outbound account',
  customer: 'customer',
  company: 'company',
  conversation: 'conversation',
}

/** Stems of the names that other schemas use, such as `customerId` and `assigneeIds`. */
const stems: Readonly<Record<string, ReferenceKind>> = {
  user: 'user',
  assignee: 'user',
  assignedUser: 'user',
  team: 'team',
  assignedTeam: 'team',
  tag: 'tag',
  queue: 'queue',
  subStatus: 'sub-status',
  customer: 'customer',
  company: 'company',
  conversation: 'conversation',
}

/** What an argument of a live schema holds ids of, by its name. */
export function kindOfArgument(name: string): ReferenceKind | undefined {
  const stem = /^(\w+?)Ids?$/.exec(name)?.[1] ?? ''
  if (Object.hasOwn(referenceFields, name)) return referenceFields[name]
  return Object.hasOwn(stems, stem) ? stems[stem] : undefined
}

/** Members of records alone. */
export const authorFields: Readonly<Record<string, ReferenceKind>> = { createdBy: 'user', modifiedBy: 'user' }

/** What the id in a path stands for: `/v1/customers/{id}` is of a customer. */
export function kindOfPath(path: string): ReferenceKind | undefined {
  const [, segment] = /^\/v1\/(\w+)\/\{id\}/.exec(path) ?? []
  return segment === undefined ? undefined : kindOfSegment(segment)
}

const segments: Readonly<Record<string, ReferenceKind>> = {
  customers: 'customer',
  companies: 'company',
  conversations: 'conversation',
  event: 'conversation',
  users: 'user',
  teams: 'team',
  tags: 'tag',
  queues: 'queue',
}
const kindOfSegment = (segment: string) => (Object.hasOwn(segments, segment) ? segments[segment] : undefined)

/** An id of 24 hexadecimal characters (API reference). */
export const isRecordId = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{24}$/i.test(value)

/** Whether a text says that nobody is assigned. */
export const isNobody = (text: string): boolean => /^\s*(?:none|no ?one|nobody|unassigned)\s*$/i.test(text)

/** The records that a link into the Kustomer app names, by kind; undefined for a text that is no such link. */
export function idsInLink(text: string): ReadonlyMap<ReferenceKind, string> | undefined {
  if (!/^https:\/\//i.test(text) || !URL.canParse(text)) return undefined
  const { hostname, pathname } = new URL(text)
  if (!hostname.endsWith('.kustomerapp.com')) return undefined
  const parts = pathname.split('/')
  return new Map(
    parts.flatMap((part, index): [ReferenceKind, string][] => {
      const kind = kindOfSegment(part)
      const id = parts[index + 1]
      return kind !== undefined && isRecordId(id) ? [[kind, id]] : []
    }),
  )
}

/** Ids that a value of a reference field holds: an id, a list of them, or `{id}`. */
export const idsOf = (value: unknown): string[] =>
  [value].flat().flatMap((item) => {
    const id = isObject(item) ? item['id'] : item
    return isRecordId(id) ? [id] : []
  })
