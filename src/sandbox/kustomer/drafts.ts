import type { Json } from '../../json.ts'
import { badRequest, type Call, conflict, created, type Handler, need, one, removed, target } from './call.ts'
import schemas from './draft-schemas.json' with { type: 'json' }
import { linkTo, newResource, type Organisation, type Resource, relatedId, touch } from './resource.ts'
import { type Attributes, recordOf, textOf } from './values.ts'

const { common, sent, email, whatsapp, note, address } = schemas
/** Fields by channel, from Kustomer's OpenAPI description of 2025, with `scheduled` of the later page. */
const fieldsOf: Readonly<Record<string, object>> = {
  email: { ...common, ...sent, ...email },
  whatsapp: { ...common, ...sent, ...whatsapp },
  note: { ...common, ...note },
}
const channels = 'email sms chat whatsapp facebook instagram twitter-dm twitter-tweet note'.split(' ')

const schemaFor = (channel: string, required: string[]): Json => ({
  type: 'object',
  properties: {
    channel: { type: 'string', enum: channels },
    ...(fieldsOf[channel] ?? { ...common, ...sent }),
  },
  required,
  additionalProperties: false,
  $defs: { address },
})
const createSchemas = new Map(channels.map((channel) => [channel, schemaFor(channel, ['channel'])]))
const updateSchemas = new Map(channels.map((channel) => [channel, schemaFor(channel, [])]))
const otherSchema = schemaFor('', ['channel'])

/** The schema of a new draft's body, which depends on its channel. */
export const createSchema = (_: Organisation, { body }: Call): Json =>
  createSchemas.get(textOf(recordOf(body)['channel'])) ?? otherSchema

/** The schema of a change, which depends on the channel of the draft. */
export const updateSchema = (organisation: Organisation, call: Call): Json =>
  updateSchemas.get(textOf(target(organisation, 'draft', call).attributes['channel'])) ?? otherSchema

/**
 * Keeps a draft, which the sandbox never sends. It is scheduled by `scheduled` and a `sendAt` in the future; without
 * `scheduled`, `sendAt` has no effect (Kustomer's documentation). Any number of equal drafts may exist, except notes:
 * throws 409 for a second note draft in a conversation (documented; the status is assumed).
 */
export const createDraft: Handler = (organisation, call) => {
  const customer = target(organisation, 'customer', call)
  const body = recordOf(call.body)
  if (body['customer'] !== undefined && body['customer'] !== customer.id)
    throw badRequest('customer: not the customer in the path', { field: 'customer' })
  const conversation =
    body['conversation'] === undefined ? undefined : need(organisation, 'conversation', body['conversation'])
  if (conversation !== undefined && relatedId(conversation, 'customer') !== customer.id)
    throw badRequest('conversation: it belongs to another customer', { field: 'conversation' })
  if (body['channel'] === 'note' && conversation !== undefined) refuseSecondNote(organisation, conversation)
  const scheduled = body['scheduled'] === true
  if (scheduled) refusePast(body['sendAt'], call.now)
  const draft = newResource(organisation, {
    type: 'draft',
    now: call.now,
    attributes: { ...fieldsIn(body), ...scheduling(scheduled ? body['sendAt'] : null) },
    relationships: {
      customer: linkTo('customer', customer.id),
      ...(conversation === undefined ? {} : { conversation: linkTo('conversation', conversation.id) }),
    },
  })
  return created(organisation, draft, 200)
}

/** A `sendAt` schedules the draft and null takes it off the schedule (Kustomer's documentation). */
export const updateDraft: Handler = (organisation, call) => {
  const draft = target(organisation, 'draft', call)
  const { attributes } = draft
  const body = recordOf(call.body)
  const { channel = attributes['channel'], sendAt } = body
  if (channel !== attributes['channel'])
    throw badRequest('channel: the channel of a draft is fixed', { field: 'channel' })
  Object.assign(attributes, fieldsIn(body))
  if (sendAt !== undefined) {
    if (sendAt !== null) refusePast(sendAt, call.now)
    Object.assign(attributes, scheduling(sendAt))
  }
  touch(organisation, draft, call.now)
  return one(draft)
}

export const deleteDraft: Handler = (organisation, call) =>
  removed(organisation, target(organisation, 'draft', call))

const fieldsIn = (body: Attributes): Attributes =>
  Object.fromEntries(
    Object.entries(body).filter(([name]) => !/^(conversation|customer|sendAt|scheduled)$/.test(name)),
  )

/** The values of a draft's `status` are not documented: these two are assumed. */
const scheduling = (sendAt: unknown): Attributes =>
  sendAt === null
    ? { status: 'draft', scheduled: false, sendAt: null }
    : { status: 'scheduled', scheduled: true, sendAt }

function refusePast(sendAt: unknown, now: string): void {
  if (typeof sendAt !== 'string' || Date.parse(sendAt) <= Date.parse(now))
    throw badRequest('sendAt must be a time in the future for a scheduled draft', { field: 'sendAt' })
}

function refuseSecondNote({ drafts }: Organisation, { id: conversationId }: Resource): void {
  const other = drafts.find(
    (draft) => draft.attributes['channel'] === 'note' && relatedId(draft, 'conversation') === conversationId,
  )
  if (other !== undefined) throw conflict('The conversation has a note draft already', { id: other.id })
}
