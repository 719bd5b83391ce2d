import type { ActionDefinition } from './action-definition.ts'

const text = (description: string) => ({ type: 'string', description })
const conversation = { id: text('Id of the conversation.') }
const tagNames = { type: 'array', items: { type: 'string' }, description: 'Names of tags.' }
const paging = {
  page: { type: 'integer', minimum: 1 },
  pageSize: { type: 'integer', minimum: 1, maximum: 100 },
}

/** The schema of an object with these required and optional properties. */
const object = (required: Record<string, object>, optional: Record<string, object> = {}) => ({
  type: 'object',
  properties: { ...required, ...optional },
  ...(Object.keys(required).length > 0 ? { required: Object.keys(required) } : {}),
})

/** An action whose key follows from its name, such as `delete-note`, and whose request is a method and a path. */
function action(
  name: string,
  description: string,
  request: string,
  inputSchema: object,
  more: Partial<ActionDefinition> = {},
): ActionDefinition {
  const [method = '', path = ''] = request.split(' ')
  return {
    key: name.toLowerCase().replaceAll(' ', '-'),
    name,
    description,
    method,
    path,
    inputSchema,
    ...more,
  }
}

const list = (name: string, description: string, path: string, required = {}, optional = {}) =>
  action(name, description, `GET ${path}`, object(required, { ...paging, ...optional }), {
    query: [...Object.keys(paging), ...Object.keys(optional)],
  })

const { key: _, ...withoutKey } = list(
  'List Conversation Notes',
  'Lists the internal notes of one conversation.',
  '/v1/conversations/{id}/notes',
  conversation,
)

/**
 * Actions beyond the popular twenty, so that there is something to discover: one without a key, one whose schema has
 * Membrane's own keywords, and one that is still being built.
 */
export const extraActions: readonly ActionDefinition[] = [
  action(
    'Delete Note',
    'Deletes an internal note.',
    'DELETE /v1/notes/{id}',
    object({ id: text('Id of the note.') }),
  ),
  action(
    'Add Conversation Tags',
    'Adds tags to a conversation by name and leaves its other tags as they are.',
    'POST /v1/conversations/{id}/tags',
    object({ ...conversation, tags: tagNames }),
    { body: { from: 'tags' } },
  ),
  action(
    'Remove Conversation Tags',
    'Takes tags off a conversation by name and leaves its other tags as they are.',
    'DELETE /v1/conversations/{id}/tags',
    object({ ...conversation, tags: tagNames }),
    { body: { from: 'tags' } },
  ),
  list('List Teams', 'Lists the teams of the organisation and their members.', '/v1/teams'),
  list('List Tags', 'Lists the tags of the organisation.', '/v1/tags'),
  {
    ...list(
      'List Routing Queues',
      'Lists the queues that conversations are routed to.',
      '/v1/routing/queues',
    ),
    key: 'list-queues',
  },
  list(
    'List Conversation Messages',
    'Lists the messages of one conversation.',
    '/v1/conversations/{id}/messages',
    conversation,
    { sort: { type: 'string' } },
  ),
  withoutKey,
  list(
    'List Customer Conversations',
    'Lists the conversations of one customer.',
    '/v1/customers/{id}/conversations',
    { id: text('Id of the customer.') },
    { fromDate: { type: 'string' } },
  ),
  action(
    'Get Customer by Phone',
    'Finds a customer by phone number.',
    'GET /v1/customers/phone={phone}',
    object({ phone: text('Phone number, E.164 such as +12075550112.') }),
  ),
  action(
    'Create Draft',
    'Creates a draft of a reply to a customer, for a person to send.',
    'POST /v1/customers/{customer}/drafts',
    object(
      {
        customer: { ...text('Id of the customer.'), referenceCollection: { key: 'customers' } },
        channel: { type: 'string', enum: ['email', 'chat', 'sms', 'whatsapp', 'note'], allowCustom: true },
      },
      {
        conversation: { ...text('Id of the conversation.'), referenceCollection: { key: 'conversations' } },
        body: text('Text of the draft.'),
        subject: { type: 'string' },
        payload: { $ref: 'kustomer-draft-payload' },
      },
    ),
    { body: 'rest' },
  ),
  action(
    'Summarise Conversation',
    'Summarises a conversation.',
    'GET /v1/conversations/{id}',
    object(conversation),
    { state: 'BUILDING' },
  ),
]
