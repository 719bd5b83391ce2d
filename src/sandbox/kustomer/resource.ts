import type { Json } from '../../json.ts'
import defaults from './defaults.json' with { type: 'json' }
import { type Attributes, countOf } from './values.ts'

export interface Reference {
  type: string
  id: string
}

export interface Relationship {
  links?: { self: string }
  data?: Reference | readonly Reference[] | null
}

/** A record in the JSON:API form of Kustomer's answers. */
export interface Resource {
  type: ResourceType
  id: string
  attributes: Attributes
  /** Null where nobody made or changed a record. */
  relationships: Record<string, Relationship | null>
  links: { self: string; related?: string }
}

/** Each type of record: its list in the organisation, its path, and the middle ten digits of its ids. */
const kinds = {
  attachment: { list: 'attachments', path: '/v1/attachments', digits: 'a77a00000d' },
  company: { list: 'companies', path: '/v1/companies', digits: 'c0a9000003' },
  conversation: { list: 'conversations', path: '/v1/conversations', digits: 'c0f0000004' },
  customer: { list: 'customers', path: '/v1/customers', digits: 'c057000002' },
  customer_merge: { list: 'merges', path: '/v1/customers/merges', digits: '3e49e0000e' },
  customer_event: { list: 'events', path: '/v1/events', digits: 'e7e7000014' },
  draft: { list: 'drafts', path: '/v1/drafts', digits: 'd4af00000a' },
  kb_article: { list: 'articles', path: '/v1/kb/articles', digits: 'a471c1e013' },
  message: { list: 'messages', path: '/v1/messages', digits: '3e55000006' },
  note: { list: 'notes', path: '/v1/notes', digits: '907e000008' },
  outboundAccount: { list: 'outboundAccounts', path: '/v1/outboundAccounts', digits: 'acc000000b' },
  queue: { list: 'queues', path: '/v1/routing/queues', digits: '90e0000009' },
  satisfaction: { list: 'satisfaction', path: '/v1/satisfaction', digits: '5a7000000f' },
  satisfaction_response: { list: 'responses', path: '/v1/satisfaction-responses', digits: '5a7e000010' },
  shortcut: { list: 'shortcuts', path: '/v1/shortcuts', digits: '5c00000011' },
  shortcut_category: { list: 'shortcutCategories', path: '/v1/shortcuts/categories', digits: '5cca000015' },
  sla: { list: 'slas', path: '/v1/slas', digits: '51a0000012' },
  sla_version: { list: 'slaVersions', path: '/v1/sla-versions', digits: '51ae000016' },
  sub_status: { list: 'subStatuses', path: '/v1/sub-statuses', digits: '5b5000000c' },
  tag: { list: 'tags', path: '/v1/tags', digits: '7a90000005' },
  team: { list: 'teams', path: '/v1/teams', digits: '7ea0000007' },
  user: { list: 'users', path: '/v1/users', digits: '05e2000001' },
} as const

export type ResourceType = keyof typeof kinds

/** The data of one simulated organisation, as the store keeps it in a file. */
export type Organisation = Record<(typeof kinds)[ResourceType]['list'], Resource[]> & {
  meta: { now: string }
  org: { type: string; id: string; attributes: Attributes }
  /** The definitions of the custom attributes, by the resource that has them. */
  metadata: Record<string, Attributes>
  /** The number of ids made so far. */
  counter: number
}

export const recordsOf = (organisation: Organisation, type: ResourceType): Resource[] =>
  organisation[kinds[type].list]

export const pathOf = (type: ResourceType): string => kinds[type].path

export const linkTo = (type: ResourceType, id: string): Relationship & { data: Reference } => ({
  links: { self: `${pathOf(type)}/${id}` },
  data: { type, id },
})

/** The relationship of a record to its organisation. */
export const linkToOrg = ({ org }: Organisation): Relationship => ({
  links: { self: `/v1/orgs/${org.id}` },
  data: { type: 'org', id: org.id },
})

/** The id that a relationship to one record holds. */
export function relatedId({ relationships }: Resource, name: string): string | undefined {
  const data = relationships[name]?.data
  return data && 'id' in data ? data.id : undefined
}

interface NewResource {
  type: ResourceType
  now: string
  attributes: Attributes
  relationships: Record<string, Relationship>
}

/** Makes a record with an id, the defaults of its type, times, `rev` and its author, and does not add it to its list. */
export function newResource(
  organisation: Organisation,
  { type, now, attributes, relationships }: NewResource,
): Resource {
  const id = newId(organisation, type, now)
  const author = linkTo('user', machineUser(organisation).id)
  const self = `${pathOf(type)}/${id}`
  const hasMessages = type === 'conversation' || type === 'customer'
  return {
    type,
    id,
    attributes: {
      ...structuredClone((defaults as Json)[type] ?? {}),
      ...attributes,
      createdAt: now,
      updatedAt: now,
      modifiedAt: now,
      rev: 1,
    },
    relationships: {
      org: linkToOrg(organisation),
      ...relationships,
      ...(hasMessages ? { messages: { links: { self: `${self}/messages` } } } : {}),
      createdBy: author,
      modifiedBy: author,
    },
    links: { self },
  }
}

/** 24 hex digits that begin with the time in seconds, like a Mongo ObjectId. */
export function newId(organisation: Organisation, type: ResourceType, now: string): string {
  organisation.counter += 1
  const seconds = Math.floor(Date.parse(now) / 1000).toString(16)
  return `${seconds.padStart(8, '0')}${kinds[type].digits}${(0x1000 + organisation.counter).toString(16).padStart(6, '0')}`
}

/** The user that the API key stands for: each key is a machine user. */
export function machineUser({ users }: Organisation): Resource {
  const user = users.find(({ attributes }) => attributes['userType'] === 'machine')
  if (user === undefined) throw new Error('The organisation has no machine user.')
  return user
}

/** Updates the times, the revision and the author of a record that changed. */
export function touch(organisation: Organisation, record: Resource, now: string): void {
  const { attributes, relationships } = record
  attributes['updatedAt'] = now
  attributes['modifiedAt'] = now
  attributes['rev'] = countOf(attributes['rev']) + 1
  relationships['modifiedBy'] = linkTo('user', machineUser(organisation).id)
}
