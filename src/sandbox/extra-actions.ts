import type { ActionDefinition } from './action-catalogue.ts'

const id = (description: string) => ({ type: 'string', description })
const paging = {
  page: { type: 'integer', minimum: 1 },
  pageSize: { type: 'integer', minimum: 1, maximum: 100 },
}
const tagNames = { type: 'array', items: { type: 'string' }, description: 'Names of tags.' }

/** Takes the required properties and the others, and returns the schema of an object of them. */
const object = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  ...(Object.keys(required).length > 0 ? { required: Object.keys(required) } : {}),
})

/**
 * Actions beyond the popular twenty, so that there is something to discover: one without a key, one whose schema has
 * Membrane's own keywords, and one that is still being built.
 */
export const extraActions: readonly ActionDefinition[] = [
  {
    key: 'delete-note',
    name: 'Delete Note',
    description: 'Deletes an internal note.',
    ...{ method: 'DELETE', path: '/v1/notes/{id}' },
    inputSchema: object({ id: id('Id of the note.') }),
  },
  {
    key: 'add-conversation-tags',
    name: 'Add Conversation Tags',
    description: 'Adds tags to a conversation by name and leaves its other tags as they are.',
    ...{ method: 'POST', path: '/v1/conversations/{id}/tags', body: { from: 'tags' } },
    inputSchema: object({ id: id('Id of the conversation.'), tags: tagNames }),
  },
  {
    key: 'remove-conversation-tags',
    name: 'Remove Conversation Tags',
    description: 'Takes tags off a conversation by name and leaves its other tags as they are.',
    ...{ method: 'DELETE', path: '/v1/conversations/{id}/tags', body: { from: 'tags' } },
    inputSchema: object({ id: id('Id of the conversation.'), tags: tagNames }),
  },
  {
    key: 'list-teams',
    name: 'List Teams',
    description: 'Lists the teams of the organisation and their members.',
    ...{ method: 'GET', path: '/v1/teams', query: ['page', 'pageSize'] },
    inputSchema: object({}, paging),
  },
  {
    key: 'list-tags',
    name: 'List Tags',
    description: 'Lists the tags of the organisation.',
    ...{ method: 'GET', path: '/v1/tags', query: ['page', 'pageSize'] },
    inputSchema: object({}, paging),
  },
  {
    key: 'list-queues',
    name: 'List Routing Queues',
    description: 'Lists the queues that conversations are routed to.',
    ...{ method: 'GET', path: '/v1/routing/queues', query: ['page', 'pageSize'] },
    inputSchema: object({}, paging),
  },
  {
    key: 'list-conversation-messages',
    name: 'List Conversation Messages',
    description: 'Lists the messages of one conversation.',
    ...{ method: 'GET', path: '/v1/conversations/{id}/messages', query: ['page', 'pageSize', 'sort'] },
    inputSchema: object({ id: id('Id of the conversation.') }, { ...paging, sort: { type: 'string' } }),
  },
  {
    name: 'List Conversation Notes',
    description: 'Lists the internal notes of one conversation.',
    ...{ method: 'GET', path: '/v1/conversations/{id}/notes', query: ['page', 'pageSize'] },
    inputSchema: object({ id: id('Id of the conversation.') }, paging),
  },
  {
    key: 'list-customer-conversations',
    name: 'List Customer Conversations',
    description: 'Lists the conversations of one customer.',
    ...{ method: 'GET', path: '/v1/customers/{id}/conversations', query: ['page', 'pageSize', 'fromDate'] },
    inputSchema: object({ id: id('Id of the customer.') }, { ...paging, fromDate: { type: 'string' } }),
  },
  {
    key: 'get-customer-by-phone',
    name: 'Get Customer by Phone',
    description: 'Finds a customer by phone number.',
    ...{ method: 'GET', path: '/v1/customers/phone={phone}' },
    inputSchema: object({ phone: id('Phone number, E.164 such as +12075550112.') }),
  },
  {
    key: 'create-draft',
    name: 'Create Draft',
    description: 'Creates a draft of a reply to a customer, for a person to send.',
    ...{ method: 'POST', path: '/v1/customers/{customer}/drafts', body: 'rest' },
    inputSchema: object(
      {
        customer: { ...id('Id of the customer.'), referenceCollection: { key: 'customers' } },
        channel: { type: 'string', enum: ['email', 'chat', 'sms', 'whatsapp', 'note'], allowCustom: true },
      },
      {
        conversation: { ...id('Id of the conversation.'), referenceCollection: { key: 'conversations' } },
        body: { type: 'string', description: 'Text of the draft.' },
        subject: { type: 'string' },
        payload: { $ref: 'kustomer-draft-payload' },
      },
    ),
  },
  {
    key: 'summarise-conversation',
    name: 'Summarise Conversation',
    description: 'Summarises a conversation.',
    ...{ method: 'GET', path: '/v1/conversations/{id}', state: 'BUILDING' },
    inputSchema: object({ id: id('Id of the conversation.') }),
  },
]
