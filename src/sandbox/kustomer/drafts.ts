import { readBody } from './body.ts'
import { badRequest, type Call, conflict, idOf, need, one, type Reply } from './call.ts'
import { byId, pageOf } from './list.ts'
import {
  type Attributes,
  linkTo,
  newResource,
  type Organisation,
  type Resource,
  relatedId,
  textOf,
  touch,
} from './resource.ts'

const id = { type: 'string', pattern: '^[0-9a-fA-F]{24}$' }
const text = { type: 'string' }
const texts = { type: 'array', items: text }
const address = {
  type: 'object',
  properties: { email: { type: 'string', format: 'email' }, name: text },
  required: ['email'],
  additionalProperties: false,
}
const addresses = { type: 'array', items: address }
/** Fields by channel as Kustomer's OpenAPI description of 2025 has them, with `scheduled` of the later page. */
const common = {
  ...{ conversation: id, customer: id, body: text, lang: { type: ['string', 'null'] } },
  ...{ sendAt: { type: ['string', 'null'], format: 'date-time' }, scheduled: { type: 'boolean' } },
  ...{ shortcuts: texts, kbArticles: texts, attachments: texts, payload: { type: 'object' } },
  ...{ source: { type: 'string', enum: ['bulk', 'satisfaction'] } },
}
const sent = { auto: { type: 'boolean' }, app: text, to: text, from: text }
const fieldsOf: Readonly<Record<string, object>> = {
  email: {
    ...{ ...common, ...sent, to: { type: ['array', 'object'], items: address }, from: address },
    ...{ cc: addresses, bcc: addresses, subject: text, replyTo: text },
    ...{ headers: { type: 'array', items: { type: 'object' } }, template: { type: ['string', 'null'] } },
  },
  whatsapp: { ...common, ...sent, meta: { type: 'object' } },
  note: { ...common, userMentions: { type: 'array', items: { type: 'object' } } },
}
const channels = [
  ...['email', 'sms', 'chat', 'whatsapp', 'facebook', 'instagram', 'twitter-dm', 'twitter-tweet', 'note'],
]

/** Takes a channel and returns the schema of a draft's body on it. */
function schemaOf(channel: unknown): Attributes {
  const fields = fieldsOf[textOf(channel)] ?? { ...common, ...sent }
  return {
    type: 'object',
    properties: { channel: { type: 'string', enum: channels }, ...fields },
    required: ['channel'],
    additionalProperties: false,
  }
}

/** GET /v1/customers/{id}/drafts. */
export function draftsOfCustomer({ customers, drafts }: Organisation, call: Call): Reply {
  const { id: customerId } = need(customers, idOf(call), 'customer')
  const own = drafts.filter((draft) => relatedId(draft, 'customer') === customerId)
  return pageOf(byId(own, call), call)
}

/**
 * POST /v1/customers/{id}/drafts. The sandbox never sends a draft. With `scheduled` and a `sendAt` in the future it is
 * kept as scheduled; without `scheduled`, `sendAt` is overridden, as Kustomer's documentation says.
 * Throws 409 for a second note draft in one conversation (the rule is documented, the status assumed).
 */
export function createDraft(organisation: Organisation, call: Call): Reply {
  const customer = need(organisation.customers, idOf(call), 'customer')
  const body = readBody(call, schemaOf((call.body as Attributes | undefined)?.['channel']))
  if (body['customer'] !== undefined && body['customer'] !== customer.id)
    throw badRequest('customer: not the customer in the path', { field: 'customer' })
  const conversation =
    body['conversation'] === undefined
      ? undefined
      : need(organisation.conversations, textOf(body['conversation']), 'conversation')
  if (conversation !== undefined && relatedId(conversation, 'customer') !== customer.id)
    throw badRequest('conversation: it belongs to another customer', { field: 'conversation' })
  if (body['channel'] === 'note' && conversation !== undefined) refuseSecondNote(organisation, conversation)
  const scheduled = body['scheduled'] === true
  if (scheduled) refuseEarly(body['sendAt'], call.now)
  const draft = newResource(organisation, {
    type: 'draft',
    now: call.now,
    attributes: { ...fieldsIn(body), ...scheduling(scheduled ? body['sendAt'] : null) },
    relationships: {
      customer: linkTo('customer', customer.id),
      ...(conversation === undefined ? {} : { conversation: linkTo('conversation', conversation.id) }),
    },
  })
  organisation.drafts.push(draft)
  return one(draft, 200)
}

/**
 * PUT /v1/drafts/{id}: a `sendAt` schedules the draft, an empty one takes it off the schedule, and without one it
 * stays as it is (Kustomer's documentation).
 */
export function updateDraft(organisation: Organisation, call: Call): Reply {
  const draft = need(organisation.drafts, idOf(call), 'draft')
  const { attributes } = draft
  const given = call.body as Attributes | undefined
  const body = readBody(
    { ...call, body: { channel: attributes['channel'], ...given } },
    schemaOf(attributes['channel']),
  )
  if (body['channel'] !== attributes['channel'])
    throw badRequest('channel: the channel of a draft is fixed', { field: 'channel' })
  Object.assign(attributes, fieldsIn(body))
  if (body['sendAt'] !== undefined) {
    if (body['sendAt'] !== null) refuseEarly(body['sendAt'], call.now)
    Object.assign(attributes, scheduling(body['sendAt']))
  }
  touch(organisation, draft, call.now)
  return one(draft)
}

/** DELETE /v1/drafts/{id}. */
export function deleteDraft(organisation: Organisation, call: Call): Reply {
  const draft = need(organisation.drafts, idOf(call), 'draft')
  organisation.drafts = organisation.drafts.filter((other) => other !== draft)
  return { status: 204 }
}

function fieldsIn(body: Attributes): Attributes {
  const {
    conversation: _conversation,
    customer: _customer,
    sendAt: _at,
    scheduled: _scheduled,
    ...fields
  } = body
  return fields
}

/** A draft has a `status`, but its values are not documented: these two are assumed. */
const scheduling = (sendAt: unknown): Attributes =>
  sendAt === null
    ? { status: 'draft', scheduled: false, sendAt: null }
    : { status: 'scheduled', scheduled: true, sendAt }

function refuseEarly(sendAt: unknown, now: string): void {
  if (typeof sendAt !== 'string' || Date.parse(sendAt) <= Date.parse(now))
    throw badRequest('sendAt must be a time in the future for a scheduled draft', { field: 'sendAt' })
}

function refuseSecondNote({ drafts }: Organisation, { id: conversationId }: Resource): void {
  const other = drafts.find(
    (draft) => draft.attributes['channel'] === 'note' && relatedId(draft, 'conversation') === conversationId,
  )
  if (other !== undefined) throw conflict('The conversation has a note draft already', { id: other.id })
}
