import type { Json } from '../../json.ts'
import { searchArticles } from './articles.ts'
import { bodySchemaOf } from './body.ts'
import type { Call, Handler, Method } from './call.ts'
import { createCompany, listCompanies } from './companies.ts'
import { conversationsOfCustomer, createConversation, updateConversation } from './conversations.ts'
import { createCustomer, findCustomer, listCustomers, updateCustomer } from './customers.ts'
import {
  currentToken,
  currentUser,
  getSla,
  listSubStatuses,
  listUsers,
  metadataOf,
  teamsOfUser,
  workItemsOfConversation,
} from './directory.ts'
import { createDraft, createSchema, deleteDraft, updateDraft, updateSchema } from './drafts.ts'
import { eventOfCustomer, eventsOf } from './events.ts'
import { findByExternalId, getOne, getOneOrMore, listAll, listOwned } from './list.ts'
import { mergeCustomers, mergeSchema, mergesOfCustomer } from './merges.ts'
import { attachmentOfMessage, attachmentsOfConversation, createMessage, withAttachments } from './messages.ts'
import { createNote, deleteNote } from './notes.ts'
import { type Organisation, pathOf, type ResourceType, relatedId } from './resource.ts'
import { search } from './search.ts'
import { addTags, removeTags } from './tags.ts'
import { recordOf, textOf } from './values.ts'

/** A limit of its own that a write counts against: of a customer, or of the record. */
type Counts = 'perCustomer' | 'perObject'

export interface Route {
  method: Method
  pattern: string
  run: Handler
  /** The schema of the body, where it is a JSON object. */
  schema?: Json | ((organisation: Organisation, call: Call) => Json)
  counts?: Counts
}

const get = (pattern: string, run: Handler): Route => ({ method: 'GET', pattern, run })

interface Endpoints extends Partial<Record<'list' | 'get' | 'create' | 'update' | 'remove', Handler>> {
  hasExternalId?: true
}

/** The endpoints of one resource at its path; the schemas of its bodies are those of the catalogue's actions. */
function resource(type: ResourceType, endpoints: Endpoints): Route[] {
  const path = pathOf(type)
  const item = `${path}/{id}`
  const { list, create, update, remove } = endpoints
  const routes: Route[] = endpoints.hasExternalId
    ? [get(`${path}/externalId={value}`, findByExternalId(type))]
    : []
  if (list) routes.push(get(path, list))
  if (endpoints.get) routes.push(get(item, endpoints.get))
  if (create)
    routes.push({
      method: 'POST',
      pattern: path,
      run: create,
      schema: bodySchemaOf(`create-${type}`),
      ...(/conversation|message|note/.test(type) ? { counts: 'perCustomer' } : {}),
    })
  if (update) {
    const schema = type === 'draft' ? updateSchema : bodySchemaOf(`update-${type}`)
    for (const method of ['PUT', 'PATCH'] as const)
      routes.push({ method, pattern: item, run: update, schema, counts: 'perObject' })
  }
  if (remove) routes.push({ method: 'DELETE', pattern: item, run: remove })
  return routes
}

/** Resources that are read alone. */
const directory = (type: ResourceType, most = 100): Route[] =>
  resource(type, { list: listAll(type, { most }), get: getOne(type) })

const searchPath = '/v1/customers/search'
const tagsPath = '/v1/conversations/{id}/tags'

/** Every endpoint of the simulation; the first that matches answers. */
export const routes: readonly Route[] = [
  get('/v1/customers/email={value}', findCustomer('email')),
  get('/v1/customers/phone={value}', findCustomer('phone')),
  get('/v1/customers/externalId={value}', findCustomer('externalId')),
  ...resource('customer', {
    list: listCustomers,
    get: getOneOrMore('customer'),
    create: createCustomer,
    update: updateCustomer,
  }),
  { method: 'POST', pattern: searchPath, run: search },
  get('/v1/customers/{id}/conversations', conversationsOfCustomer),
  get('/v1/customers/{id}/messages', withAttachments(listOwned('customer', 'message'))),
  get('/v1/customers/{id}/events', eventsOf('customer')),
  get('/v1/customers/{customer}/events/{id}', eventOfCustomer),
  get('/v1/customers/{id}/drafts', listOwned('customer', 'draft')),
  {
    method: 'POST',
    pattern: '/v1/customers/{id}/drafts',
    run: createDraft,
    schema: createSchema,
    counts: 'perCustomer',
  },
  ...resource('draft', { update: updateDraft, remove: deleteDraft }),
  { method: 'POST', pattern: '/v1/customers/merges', run: mergeCustomers, schema: mergeSchema },
  ...resource('customer_merge', { get: getOne('customer_merge') }),
  get('/v1/customers/{id}/merges', mergesOfCustomer),
  ...resource('conversation', {
    list: listAll('conversation'),
    get: getOneOrMore('conversation'),
    create: createConversation,
    update: updateConversation,
    hasExternalId: true,
  }),
  get('/v1/conversations/{id}/messages', withAttachments(listOwned('conversation', 'message'))),
  get('/v1/conversations/{id}/events', eventsOf('conversation')),
  get('/v1/conversations/{id}/notes', listOwned('conversation', 'note')),
  get('/v1/conversations/{id}/attachments', attachmentsOfConversation),
  { method: 'POST', pattern: tagsPath, run: addTags, counts: 'perObject' },
  { method: 'DELETE', pattern: tagsPath, run: removeTags, counts: 'perObject' },
  ...resource('message', {
    list: withAttachments(listAll('message')),
    get: getOne('message'),
    create: createMessage,
    hasExternalId: true,
  }),
  get('/v1/messages/{message}/attachments/{id}', attachmentOfMessage),
  ...resource('attachment', { get: getOneOrMore('attachment') }),
  ...resource('note', { list: listAll('note'), get: getOne('note'), create: createNote, remove: deleteNote }),
  ...resource('company', { list: listCompanies, get: getOne('company'), create: createCompany }),
  get('/v1/users/current', currentUser),
  ...resource('user', { list: listUsers, get: getOneOrMore('user') }),
  get('/v1/users/{id}/teams', teamsOfUser),
  get('/v1/auth/tokens/current', currentToken),
  ...directory('team', 500),
  ...directory('tag'),
  ...directory('queue'),
  get('/v1/routing/conversations/{id}/work-items', workItemsOfConversation),
  ...resource('sub_status', { list: listSubStatuses, get: getOneOrMore('sub_status') }),
  ...resource('outboundAccount', { list: listAll('outboundAccount') }),
  ...resource('shortcut_category', { list: listAll('shortcut_category') }),
  ...directory('shortcut'),
  get('/v1/kb/articles/search', searchArticles),
  ...directory('kb_article'),
  ...directory('satisfaction'),
  ...resource('satisfaction_response', { get: getOne('satisfaction_response') }),
  ...resource('sla', { list: listAll('sla'), get: getSla }),
  get('/v1/metadata/{resource}', metadataOf),
]

export const isSearch = ({ pattern }: Route): boolean => pattern === searchPath
/** Whether a route may change the organisation. */
export const isWrite = (route: Route): boolean => route.method !== 'GET' && !isSearch(route)

/**
 * The key that a write counts under and the limit it counts against. Creations count per customer, and what is
 * imported does not count (Kustomer's rate-limit documentation).
 */
export function countedBy(
  { counts }: Route,
  { conversations }: Organisation,
  { params, body }: Call,
): { limit: Counts; id: string } | undefined {
  if (counts === undefined) return undefined
  const { customer, conversation, importedAt } = recordOf(body)
  if (counts === 'perCustomer' && importedAt !== undefined) return undefined
  const parent = conversations.find(({ id }) => id === conversation)
  const id = params['id'] ?? (parent === undefined ? textOf(customer) : relatedId(parent, 'customer'))
  return id ? { limit: counts, id } : undefined
}
