import { bodySchemaOf, pick, readBody } from './body.ts'
import { badRequest, type Call, idOf, need, one, type Reply } from './call.ts'
import { setStatus, summaryOf } from './conversations.ts'
import { customerOf } from './customers.ts'
import { byId, finderByExternalId, pageOf } from './list.ts'
import {
  type Attributes,
  countOf,
  linkTo,
  listOf,
  newResource,
  type Organisation,
  type Resource,
  recordOf,
  relatedId,
  textOf,
  touch,
} from './resource.ts'
import { refuseTakenExternalId } from './revision.ts'

const createSchema = bodySchemaOf('create-message')

/** GET /v1/messages. `include=attachments` answers with an empty `included`: the sample data has none. */
export function listMessages({ messages }: Organisation, call: Call): Reply {
  const reply = pageOf(byId(messages, call), call)
  return call.query.has('include') ? { ...reply, body: { ...reply.body, included: [] } } : reply
}

/** GET /v1/conversations/{id}/messages and /v1/customers/{id}/messages. */
export const messagesOf =
  (owner: 'conversation' | 'customer') =>
  (organisation: Organisation, call: Call): Reply => {
    const owners = owner === 'customer' ? organisation.customers : organisation.conversations
    const { id } = need(owners, idOf(call), owner)
    return pageOf(
      byId(
        organisation.messages.filter((message) => relatedId(message, owner) === id),
        call,
      ),
      call,
    )
  }

/** GET /v1/messages/externalId={value}. */
export const messageByExternalId = finderByExternalId('message', ({ messages }) => messages)

/**
 * POST /v1/messages: records a message and sends nothing (Kustomer's documentation). The conversation and the
 * customer follow it: counts, first and last messages, preview; an inbound one opens what was done or snoozed.
 */
export function createMessage(organisation: Organisation, call: Call): Reply {
  const body = readBody(call, createSchema)
  const conversation = need(organisation.conversations, textOf(body['conversation']), 'conversation')
  const customer = customerOf(organisation, conversation)
  if (body['customer'] !== undefined && body['customer'] !== customer.id)
    throw badRequest('customer: the conversation belongs to another customer', { field: 'customer' })
  refuseTakenExternalId(organisation.messages, '', body['externalId'])
  const inbound = body['direction'] === 'in'
  const sentAt = textOf(body['sentAt']) || call.now
  const { assignedUsers, assignedTeams } = conversation.attributes
  const message = newResource(organisation, {
    type: 'message',
    now: call.now,
    attributes: {
      ...{ externalId: null, preview: null, subject: null, meta: {}, lang: null, auto: false },
      ...{ status: inbound ? 'received' : 'sent', redacted: false, reactions: [], intentDetections: [] },
      ...{ assignedUsers, assignedTeams, createdByTeams: [] },
      ...pick(body, ['externalId', 'channel', 'app', 'direction', 'preview', 'subject', 'meta', 'lang']),
      ...pick(body, ['status', 'auto', 'source', 'custom', 'importedAt', 'reference']),
      size: Buffer.byteLength(textOf(body['preview'])),
      directionType: directionTypeOf(conversation.attributes, inbound),
      sentAt,
    },
    relationships: {
      customer: linkTo('customer', customer.id),
      conversation: linkTo('conversation', conversation.id),
    },
  })
  const unanswered = textOf(recordOf(conversation.attributes['lastMessageUnrespondedTo'])['sentAt'])
  if (!inbound && unanswered !== '')
    message.attributes['responseTime'] = Math.max(0, Date.parse(sentAt) - Date.parse(unanswered))
  if (inbound) setStatus(organisation, conversation, 'open', call.now)
  followInConversation(conversation.attributes, message, inbound)
  followInCustomer(customer.attributes, message, conversation)
  for (const record of [conversation, customer]) {
    record.attributes['lastActivityAt'] = call.now
    touch(organisation, record, call.now)
  }
  organisation.messages.push(message)
  return one(message, 201)
}

/** Seen are `initial-out` and, in the sample data, `response-` and `followup-`; when each applies is assumed. */
function directionTypeOf({ messageCount, lastMessageDirection }: Attributes, inbound: boolean): string {
  const direction = inbound ? 'in' : 'out'
  if (countOf(messageCount) === 0) return `initial-${direction}`
  return `${lastMessageDirection === direction ? 'followup' : 'response'}-${direction}`
}

function followInConversation(
  conversation: Attributes,
  { id, attributes, relationships }: Resource,
  inbound: boolean,
) {
  const { channel, sentAt, createdAt, directionType, preview, direction, responseTime } = attributes
  const summary = { id, channel, sentAt, createdAt, directionType }
  const side = inbound ? 'In' : 'Out'
  const counter = inbound ? 'inboundMessageCount' : 'outboundMessageCount'
  conversation['messageCount'] = countOf(conversation['messageCount']) + 1
  conversation[counter] = countOf(conversation[counter]) + 1
  conversation['channels'] = [...new Set([...listOf(conversation['channels']), channel])]
  conversation[`firstMessage${side}`] ??= summary
  conversation[`lastMessage${side}`] = summary
  conversation['lastMessageAt'] = sentAt
  conversation['lastMessageDirection'] = direction
  conversation['preview'] = preview
  if (inbound) conversation['lastMessageUnrespondedTo'] = summary
  else if (responseTime !== undefined) {
    const createdBy = recordOf(relationships['createdBy']?.data)['id']
    const response = { id, sentAt, createdAt, createdBy, responseTime }
    conversation['firstResponse'] ??= response
    conversation['lastResponse'] = response
    delete conversation['lastMessageUnrespondedTo']
  }
}

function followInCustomer(customer: Attributes, { attributes }: Resource, conversation: Resource) {
  const { sentAt, channel, direction, preview, subject } = attributes
  const inbound = direction === 'in'
  customer[inbound ? 'lastMessageIn' : 'lastMessageOut'] = { sentAt, channel }
  customer['lastMessageAt'] = sentAt
  customer['preview'] = { previewAt: sentAt, type: `message_${direction}`, channel, text: preview, subject }
  customer['lastConversation'] = summaryOf(conversation)
  if (inbound) customer['lastCustomerActivityAt'] = sentAt
}
