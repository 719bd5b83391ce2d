import { mergeCustom, pick } from './body.ts'
import { badRequest, created, type Handler, need, one, target } from './call.ts'
import { type ConversationStatus, countStatus, customerOf } from './customers.ts'
import { byId, pageOf } from './list.ts'
import {
  linkTo,
  machineUser,
  newResource,
  type Organisation,
  type Resource,
  relatedId,
  touch,
} from './resource.ts'
import { checkRevision, refuseTakenExternalId } from './revision.ts'
import { tagIds } from './tags.ts'
import { type Attributes, countOf, listOf, recordOf, textOf } from './values.ts'

/** The conversations of a customer that changed since `fromDate`. */
export const conversationsOfCustomer: Handler = (organisation, call) => {
  const { id } = target(organisation, 'customer', call)
  const from = call.query.get('fromDate') ?? '1970-01-01'
  if (Number.isNaN(Date.parse(from))) throw badRequest('fromDate must be a date', { parameter: 'fromDate' })
  const isRecent = ({ attributes }: Resource) =>
    Date.parse(textOf(attributes['updatedAt'])) >= Date.parse(from)
  const own = organisation.conversations.filter(
    (record) => relatedId(record, 'customer') === id && isRecent(record),
  )
  return pageOf(byId(own, call), call)
}

/** A new conversation is open or done; snoozing is an update. */
export const createConversation: Handler = (organisation, call) => {
  const body = recordOf(call.body)
  const customer = need(organisation, 'customer', body['customer'])
  const status = (body['status'] ?? 'open') as ConversationStatus
  const conversation = newResource(organisation, {
    type: 'conversation',
    now: call.now,
    attributes: { status, lastActivityAt: call.now },
    relationships: { customer: linkTo('customer', customer.id) },
  })
  const { attributes } = conversation
  apply(organisation, conversation, body)
  if (status === 'open') attributes['open'] = { statusAt: call.now }
  else markDone(organisation, attributes, call.now)
  countStatus(customer, undefined, status)
  customer.attributes['lastConversation'] = summaryOf(conversation)
  customer.attributes['lastActivityAt'] = call.now
  touch(organisation, customer, call.now)
  return created(organisation, conversation)
}

/** Merges the body; lists are replaced whole. Throws 409 for a stale `rev`. */
export const updateConversation: Handler = (organisation, call) => {
  const conversation = target(organisation, 'conversation', call)
  const body = recordOf(call.body)
  checkRevision(conversation, body)
  apply(organisation, conversation, body)
  moveStatus(organisation, conversation, body, call.now)
  touch(organisation, conversation, call.now)
  return one(conversation)
}

const plain = ['name', 'priority', 'direction', 'replyChannel', 'defaultLang', 'externalId']

function apply(
  organisation: Organisation,
  { id, attributes, relationships }: Resource,
  body: Attributes,
): void {
  const { assignedUsers, assignedTeams, tags, queue, subStatus, custom, externalId } = body
  refuseTakenExternalId(organisation, 'conversation', externalId, id)
  for (const user of listOf(assignedUsers)) need(organisation, 'user', user)
  for (const team of listOf(assignedTeams)) need(organisation, 'team', team)
  Object.assign(attributes, pick(body, [...plain, 'assignedUsers', 'assignedTeams']))
  if (tags !== undefined) attributes['tags'] = tagIds(organisation, tags)
  mergeCustom(attributes, custom)
  const queueId = recordOf(queue)['id']
  if (queueId === null) delete relationships['queue']
  else if (queueId !== undefined)
    relationships['queue'] = linkTo('queue', need(organisation, 'queue', queueId).id)
  if (subStatus === null) delete relationships['subStatus']
  else if (subStatus !== undefined)
    relationships['subStatus'] = linkTo('sub_status', need(organisation, 'sub_status', subStatus).id)
}

function moveStatus(organisation: Organisation, conversation: Resource, body: Attributes, now: string): void {
  const { attributes } = conversation
  const from = attributes['status'] as ConversationStatus
  const snooze = recordOf(body['snooze'])
  const wakes = from === 'snoozed' && /^(canceled|elapsed)$/.test(textOf(snooze['status']))
  const to = (body['status'] ?? (wakes ? 'open' : from)) as ConversationStatus
  if (body['snooze'] !== undefined || to === 'snoozed') {
    const merged: Attributes = { ...recordOf(attributes['snooze']), ...snooze }
    if (to === 'snoozed') refusePastSnooze(merged, now)
    attributes['snooze'] = merged
  }
  setStatus(organisation, conversation, to, now)
}

/** That a snooze without a time, or with a past one, is refused is assumed. */
function refusePastSnooze({ status, time }: Attributes, now: string): void {
  if (status !== 'scheduled' || typeof time !== 'string')
    throw badRequest('snooze: status snoozed needs snooze {status: scheduled, time}', { field: 'snooze' })
  if (Date.parse(time) <= Date.parse(now))
    throw badRequest('snooze.time must lie in the future', { field: 'snooze.time' })
}

/** Sets a status and what depends on it: done, reopen and snooze counts, the snooze, the customer's counts. */
export function setStatus(
  organisation: Organisation,
  conversation: Resource,
  to: ConversationStatus,
  now: string,
): void {
  const { attributes } = conversation
  const from = attributes['status'] as ConversationStatus
  if (from === to) return
  attributes['status'] = to
  if (to === 'open') attributes['open'] = { statusAt: now }
  else delete attributes['open']
  if (to === 'done') markDone(organisation, attributes, now)
  if (to === 'snoozed') attributes['snoozeCount'] = countOf(attributes['snoozeCount']) + 1
  if (from === 'done') attributes['reopenCount'] = countOf(attributes['reopenCount']) + 1
  if (from === 'snoozed') {
    const snooze = recordOf(attributes['snooze'])
    attributes['snooze'] = snooze['status'] === 'scheduled' ? { ...snooze, status: 'canceled' } : snooze
  }
  countStatus(customerOf(organisation, conversation), from, to)
}

function markDone(organisation: Organisation, attributes: Attributes, now: string): void {
  const { messageCount, noteCount } = attributes
  attributes['doneCount'] = countOf(attributes['doneCount']) + 1
  attributes['lastDone'] = {
    createdAt: now,
    createdBy: machineUser(organisation).id,
    messageCount,
    noteCount,
  }
}

/** What a customer record holds of its last conversation. */
export const summaryOf = ({ id, attributes: { channels, tags } }: Resource) => ({ id, channels, tags })
