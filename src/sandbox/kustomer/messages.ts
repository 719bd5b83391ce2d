import { pick } from './body.ts'
import { badRequest, created, type Handler, need, notFound, one, target } from './call.ts'
import { setStatus, summaryOf } from './conversations.ts'
import { customerOf } from './customers.ts'
import { byId, pageOf } from './list.ts'
import { linkTo, newResource, type Organisation, type Resource, relatedId, touch } from './resource.ts'
import { refuseTakenExternalId } from './revision.ts'
import { type Attributes, countOf, listOf, recordOf, textOf } from './values.ts'

/** Side-loads the attachments of the messages that a list answers with, for `include=attachments`. */
export const withAttachments =
  (list: Handler): Handler =>
  (organisation, call) => {
    const reply = list(organisation, call)
    if (call.query.get('include') !== 'attachments') return reply
    const { data } = reply.body as { data: Resource[] }
    const ids = data.map(({ id }): string | undefined => id)
    const included = organisation.attachments.filter((one) => ids.includes(relatedId(one, 'message')))
    return { ...reply, body: { ...reply.body, included } }
  }

export const attachmentOfMessage: Handler = (organisation, call) => {
  const attachment = target(organisation, 'attachment', call)
  if (relatedId(attachment, 'message') !== call.params['message']) throw notFound('attachment', attachment.id)
  return one(attachment)
}

/** The attachments of all messages of a conversation. */
export const attachmentsOfConversation: Handler = (organisation, call) => {
  const { id } = target(organisation, 'conversation', call)
  const own = organisation.attachments.filter(
    (attachment) => relatedId(messageOf(organisation, attachment), 'conversation') === id,
  )
  return pageOf(byId(own, call), call)
}

const messageOf = (organisation: Organisation, attachment: Resource) =>
  need(organisation, 'message', relatedId(attachment, 'message'))

/**
 * Records a message and sends nothing (Kustomer's documentation). Counts, first and last messages and the preview of
 * the conversation and the customer follow; an inbound message opens a conversation that is done or snoozed.
 */
export const createMessage: Handler = (organisation, call) => {
  const body = recordOf(call.body)
  const conversation = need(organisation, 'conversation', body['conversation'])
  const customer = customerOf(organisation, conversation)
  if (body['customer'] !== undefined && body['customer'] !== customer.id)
    throw badRequest('customer: the conversation belongs to another customer', { field: 'customer' })
  refuseTakenExternalId(organisation, 'message', body['externalId'])
  const inbound = body['direction'] === 'in'
  const sentAt = textOf(body['sentAt']) || call.now
  const { assignedUsers, assignedTeams } = conversation.attributes
  const message = newResource(organisation, {
    type: 'message',
    now: call.now,
    attributes: {
      status: inbound ? 'received' : 'sent',
      assignedUsers,
      assignedTeams,
      ...pick(body, stored),
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
  updateConversation(conversation.attributes, message, inbound)
  updateCustomer(customer.attributes, message, conversation)
  for (const record of [conversation, customer]) {
    record.attributes['lastActivityAt'] = call.now
    touch(organisation, record, call.now)
  }
  return created(organisation, message)
}

const stored =
  'externalId channel app direction preview subject meta lang status auto source custom importedAt reference'.split(
    ' ',
  )

/** `initial-out` was seen; when `response-` and `followup-` apply is assumed. */
function directionTypeOf({ messageCount, lastMessageDirection }: Attributes, inbound: boolean): string {
  const direction = inbound ? 'in' : 'out'
  if (countOf(messageCount) === 0) return `initial-${direction}`
  return `${lastMessageDirection === direction ? 'followup' : 'response'}-${direction}`
}

function updateConversation(
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

function updateCustomer(customer: Attributes, { attributes }: Resource, conversation: Resource) {
  const { sentAt, channel, direction, preview, subject } = attributes
  const inbound = direction === 'in'
  customer[inbound ? 'lastMessageIn' : 'lastMessageOut'] = { sentAt, channel }
  customer['lastMessageAt'] = sentAt
  customer['preview'] = { previewAt: sentAt, type: `message_${direction}`, channel, text: preview, subject }
  customer['lastConversation'] = summaryOf(conversation)
  if (inbound) customer['lastCustomerActivityAt'] = sentAt
}
