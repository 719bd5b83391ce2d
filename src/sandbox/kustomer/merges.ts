import { badRequest, created, type Handler, need, removed, target } from './call.ts'
import { setCounts } from './customers.ts'
import { pageOf } from './list.ts'
import { linkTo, newResource, relatedId, touch } from './resource.ts'
import { type Attributes, countOf, listOf, recordOf, textOf } from './values.ts'

const id = { type: 'string' }
export const mergeSchema = {
  type: 'object',
  properties: { source: id, target: id },
  required: ['source', 'target'],
  additionalProperties: false,
}

/** The merges of a customer, also of one that was merged away (the example of Kustomer's reference). */
export const mergesOfCustomer: Handler = (organisation, call) => {
  const { id } = call.params
  const own = organisation.merges.filter(
    (merge) => relatedId(merge, 'source') === id || relatedId(merge, 'target') === id,
  )
  if (own.length === 0) target(organisation, 'customer', call)
  return pageOf(own, call)
}

/**
 * Merges a source customer into a target by the rules of Kustomer's reference: contacts and tags are joined, counts are
 * added, and the rest is the target's. That the source is then gone and its records are the target's is assumed.
 */
export const mergeCustomers: Handler = (organisation, call) => {
  const ids = recordOf(call.body)
  const source = need(organisation, 'customer', ids['source'])
  const goal = need(organisation, 'customer', ids['target'])
  if (source === goal) throw badRequest('source and target are the same customer', { field: 'target' })
  joinAttributes(source.attributes, goal.attributes)
  const { conversations, messages, notes, drafts, responses } = organisation
  for (const record of [...conversations, ...messages, ...notes, ...drafts, ...responses])
    if (relatedId(record, 'customer') === source.id)
      record.relationships['customer'] = linkTo('customer', goal.id)
  removed(organisation, source)
  touch(organisation, goal, call.now)
  const merge = newResource(organisation, {
    type: 'customer_merge',
    now: call.now,
    attributes: { status: 'success' },
    relationships: { source: linkTo('customer', source.id), target: linkTo('customer', goal.id) },
  })
  return created(organisation, merge)
}

const joined = [
  'emails',
  'phones',
  'whatsapps',
  'socials',
  'locations',
  'watchers',
  'tags',
  'externalIds',
  'urls',
]

function joinAttributes(source: Attributes, goal: Attributes): void {
  for (const name of joined) {
    const items = [...listOf(goal[name]), ...listOf(source[name])].map((item) => JSON.stringify(item))
    goal[name] = [...new Set(items)].map((item) => JSON.parse(item))
  }
  goal['custom'] = { ...recordOf(source['custom']), ...recordOf(goal['custom']) }
  const [own, added] = [recordOf(goal['conversationCounts']), recordOf(source['conversationCounts'])]
  const names = ['all', 'open', 'snoozed', 'done']
  setCounts(goal, Object.fromEntries(names.map((name) => [name, countOf(own[name]) + countOf(added[name])])))
  for (const name of ['signedUpAt', 'lastSeenAt', 'lastActivityAt', 'lastMessageAt'])
    if (textOf(source[name]) > textOf(goal[name])) goal[name] = source[name]
  if (textOf(source['createdAt']) < textOf(goal['createdAt'])) goal['createdAt'] = source['createdAt']
}
