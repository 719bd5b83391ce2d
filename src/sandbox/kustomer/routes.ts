import type { Call, Handler, Method } from './call.ts'
import { createCompany, listCompanies } from './companies.ts'
import {
  conversationByExternalId,
  conversationsOfCustomer,
  createConversation,
  listConversations,
  updateConversation,
} from './conversations.ts'
import {
  createCustomer,
  findByEmail,
  findByExternalId,
  findByPhone,
  listCustomers,
  updateCustomer,
} from './customers.ts'
import { createDraft, deleteDraft, draftsOfCustomer, updateDraft } from './drafts.ts'
import { getOne, getOneOrMore } from './list.ts'
import { createMessage, listMessages, messageByExternalId, messagesOf } from './messages.ts'
import { createNote, deleteNote, listNotes, notesOfConversation } from './notes.ts'
import {
  currentToken,
  currentUser,
  listOutboundAccounts,
  listQueues,
  listTeams,
  listUsers,
  teamsOfUser,
} from './people.ts'
import { type Organisation, recordOf, relatedId, textOf } from './resource.ts'
import { search } from './search.ts'
import { addTags, listTags, removeTags } from './tags.ts'

export interface Route {
  method: Method
  pattern: string
  run: Handler
  /** Whether the organisation may change: then the call runs alone, under the store's lock. */
  writes: boolean
  /** Whether it counts as a search, which has a budget of its own. */
  searches?: true
  /** The record whose own limit the call counts against, where it has one. */
  counts?: (
    organisation: Organisation,
    call: Call,
  ) => { limit: 'perCustomer' | 'perObject'; id: string } | undefined
}

const read = (pattern: string, run: Handler): Route => ({ method: 'GET', pattern, run, writes: false })
const write = (method: Method, pattern: string, run: Handler, counts?: Route['counts']): Route => ({
  ...{ method, pattern, run, writes: true },
  ...(counts === undefined ? {} : { counts }),
})

/** Creations count per customer; what is imported does not (Kustomer's rate-limit documentation). */
const perCustomer: Route['counts'] = ({ conversations }, { params, body }) => {
  const { customer, conversation, importedAt } = recordOf(body)
  const parent = conversations.find(({ id }) => id === conversation)
  const id = params['id'] ?? (parent === undefined ? textOf(customer) : relatedId(parent, 'customer'))
  return importedAt === undefined && id ? { limit: 'perCustomer', id } : undefined
}
const perObject: Route['counts'] = (_, { params }) => ({ limit: 'perObject', id: params['id'] ?? '' })
const update = (pattern: string, run: Handler): Route[] => [
  write('PUT', pattern, run, perObject),
  write('PATCH', pattern, run, perObject),
]

/** Every endpoint of the simulation; the first that matches answers. */
const routes: readonly Route[] = [
  read('/v1/customers', listCustomers),
  read('/v1/customers/email={value}', findByEmail),
  read('/v1/customers/phone={value}', findByPhone),
  read('/v1/customers/externalId={value}', findByExternalId),
  read(
    '/v1/customers/{id}',
    getOneOrMore(({ customers }) => customers, 'customer'),
  ),
  read('/v1/customers/{id}/conversations', conversationsOfCustomer),
  read('/v1/customers/{id}/messages', messagesOf('customer')),
  read('/v1/customers/{id}/drafts', draftsOfCustomer),
  { method: 'POST', pattern: '/v1/customers/search', run: search, writes: false, searches: true },
  write('POST', '/v1/customers', createCustomer),
  write('POST', '/v1/customers/{id}/drafts', createDraft, perCustomer),
  ...update('/v1/customers/{id}', updateCustomer),
  ...update('/v1/drafts/{id}', updateDraft),
  write('DELETE', '/v1/drafts/{id}', deleteDraft),
  read('/v1/conversations', listConversations),
  read('/v1/conversations/externalId={value}', conversationByExternalId),
  read(
    '/v1/conversations/{id}',
    getOneOrMore(({ conversations }) => conversations, 'conversation'),
  ),
  read('/v1/conversations/{id}/messages', messagesOf('conversation')),
  read('/v1/conversations/{id}/notes', notesOfConversation),
  write('POST', '/v1/conversations', createConversation, perCustomer),
  ...update('/v1/conversations/{id}', updateConversation),
  write('POST', '/v1/conversations/{id}/tags', addTags, perObject),
  write('DELETE', '/v1/conversations/{id}/tags', removeTags, perObject),
  read('/v1/messages', listMessages),
  read('/v1/messages/externalId={value}', messageByExternalId),
  read(
    '/v1/messages/{id}',
    getOne(({ messages }) => messages, 'message'),
  ),
  write('POST', '/v1/messages', createMessage, perCustomer),
  read('/v1/notes', listNotes),
  read(
    '/v1/notes/{id}',
    getOne(({ notes }) => notes, 'note'),
  ),
  write('POST', '/v1/notes', createNote, perCustomer),
  write('DELETE', '/v1/notes/{id}', deleteNote),
  read('/v1/companies', listCompanies),
  read(
    '/v1/companies/{id}',
    getOne(({ companies }) => companies, 'company'),
  ),
  write('POST', '/v1/companies', createCompany),
  read('/v1/users', listUsers),
  read('/v1/users/current', currentUser),
  read(
    '/v1/users/{id}',
    getOneOrMore(({ users }) => users, 'user'),
  ),
  read('/v1/users/{id}/teams', teamsOfUser),
  read('/v1/auth/tokens/current', currentToken),
  read('/v1/teams', listTeams),
  read(
    '/v1/teams/{id}',
    getOne(({ teams }) => teams, 'team'),
  ),
  read('/v1/tags', listTags),
  read('/v1/routing/queues', listQueues),
  read(
    '/v1/routing/queues/{id}',
    getOne(({ queues }) => queues, 'queue'),
  ),
  read('/v1/outboundAccounts', listOutboundAccounts),
]

const compiled = routes.map((route) => ({
  route,
  expression: new RegExp(`^${route.pattern.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

export interface Match {
  route: Route
  params: Record<string, string>
}

/** Takes a method and a path and returns the route that answers and the decoded values in the path, or undefined. */
export function findRoute(method: string, path: string): Match | undefined {
  for (const { route, expression } of compiled) {
    const found = route.method === method ? expression.exec(path) : null
    if (found !== null) {
      const values = Object.entries(found.groups ?? {})
      return { route, params: Object.fromEntries(values.map(([name, value]) => [name, decoded(value)])) }
    }
  }
  return undefined
}

/** A value with a broken percent-encoding stands for itself; no record is found by it. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
