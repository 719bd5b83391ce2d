export type Attributes = Record<string, unknown>

export interface Reference {
  type: string
  id: string
}

export interface Relationship {
  links?: { self: string }
  data?: Reference | readonly Reference[] | null
}

/** A record as Kustomer's JSON:API answers carry it. */
export interface Resource {
  type: string
  id: string
  attributes: Attributes
  relationships: Record<string, Relationship>
  links: { self: string }
}

/** Everything that one simulated organisation holds. Plain data: it is the file that the store keeps. */
export interface Organisation {
  meta: { now: string }
  org: { type: string; id: string; attributes: Attributes }
  companies: Resource[]
  customers: Resource[]
  users: Resource[]
  conversations: Resource[]
  messages: Resource[]
  notes: Resource[]
  teams: Resource[]
  queues: Resource[]
  tags: Resource[]
  drafts: Resource[]
  /** How many ids have been made; the last digits of the next one. */
  counter: number
}

interface Kind {
  /** The middle ten digits of an id, as the sample data has them: they keep ids of different types apart. */
  digits: string
  path: string
}

const kinds = {
  company: { digits: 'c0a9000003', path: '/v1/companies' },
  conversation: { digits: 'c0f0000004', path: '/v1/conversations' },
  customer: { digits: 'c057000002', path: '/v1/customers' },
  draft: { digits: 'd4af00000a', path: '/v1/drafts' },
  message: { digits: '3e55000006', path: '/v1/messages' },
  note: { digits: '907e000008', path: '/v1/notes' },
  org: { digits: '0a11ce0000', path: '/v1/orgs' },
  outboundAccount: { digits: 'acc000000b', path: '/v1/outboundAccounts' },
  queue: { digits: '90e0000009', path: '/v1/routing/queues' },
  sub_status: { digits: '5b5000000c', path: '/v1/sub-statuses' },
  tag: { digits: '7a90000005', path: '/v1/tags' },
  team: { digits: '7ea0000007', path: '/v1/teams' },
  user: { digits: '05e2000001', path: '/v1/users' },
} satisfies Record<string, Kind>

export type ResourceType = keyof typeof kinds

/** Takes a type and an id and returns the path of that record. */
export const pathOf = (type: ResourceType, id: string): string => `${kinds[type].path}/${id}`

/** Takes a type and an id and returns the relationship to that record. */
export const linkTo = (type: ResourceType, id: string): Relationship & { data: Reference } => ({
  links: { self: pathOf(type, id) },
  data: { type, id },
})

/** Takes a record and the name of a relationship and returns the id it points at, or undefined. */
export function relatedId({ relationships }: Resource, name: string): string | undefined {
  const data = relationships[name]?.data
  return data && 'id' in data ? data.id : undefined
}

/** What `newResource` is given. */
export interface Birth {
  type: ResourceType
  now: string
  attributes: Attributes
  relationships: Record<string, Relationship>
}

/**
 * Takes an organisation and what a record starts with, and returns the record with a new id, its times, `rev` and
 * its links to the organisation and to the machine user that every API key is. The caller puts it into its list.
 */
export function newResource(
  organisation: Organisation,
  { type, now, attributes, relationships }: Birth,
): Resource {
  const id = newId(organisation, type, now)
  const author = linkTo('user', machineUser(organisation).id)
  return {
    type,
    id,
    attributes: { ...attributes, createdAt: now, updatedAt: now, modifiedAt: now, rev: 1 },
    relationships: {
      org: linkTo('org', organisation.org.id),
      ...relationships,
      createdBy: author,
      modifiedBy: author,
    },
    links: { self: pathOf(type, id) },
  }
}

/** 24 hex digits that begin with the time, like a Mongo ObjectId; the counter is only moved under the store's lock. */
function newId(organisation: Organisation, type: ResourceType, now: string): string {
  organisation.counter += 1
  const seconds = Math.floor(Date.parse(now) / 1000)
    .toString(16)
    .padStart(8, '0')
  return `${seconds}${kinds[type].digits}${(0x1000 + organisation.counter).toString(16).padStart(6, '0')}`
}

/** Returns the user that stands for the API key. Throws when the data has none. */
export function machineUser({ users }: Organisation): Resource {
  const user = users.find(({ attributes }) => attributes['userType'] === 'machine')
  if (user === undefined) throw new Error('The organisation has no machine user.')
  return user
}

/** Records a change of a record: its times, its revision and its author. */
export function touch(organisation: Organisation, record: Resource, now: string): void {
  const { attributes, relationships } = record
  attributes['updatedAt'] = now
  attributes['modifiedAt'] = now
  attributes['rev'] = countOf(attributes['rev']) + 1
  relationships['modifiedBy'] = linkTo('user', machineUser(organisation).id)
}

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const recordOf = (value: unknown): Record<string, unknown> => (isRecord(value) ? value : {})
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
export const countOf = (value: unknown): number => (typeof value === 'number' ? value : 0)
