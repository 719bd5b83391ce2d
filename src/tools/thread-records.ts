import { isObject, type Json } from '../json.ts'
import { type ApiRecord, relatedId, withoutEmpty } from '../kustomer/json-api.ts'

/** The conversation as a thread shows it. */
export function stateOf(conversation: ApiRecord, name: (id: string) => unknown): Json {
  const { id, attributes } = conversation
  return withoutEmpty({
    type: 'conversation',
    id,
    name: attributes['name'],
    status: attributes['status'],
    priority: attributes['priority'],
    channels: attributes['channels'],
    replyChannel: attributes['replyChannel'],
    externalId: attributes['externalId'],
    assignedUsers: idsIn(attributes['assignedUsers']).map((user) =>
      withoutEmpty({ id: user, name: name(user) }),
    ),
    assignedTeams: attributes['assignedTeams'],
    tags: attributes['tags'],
    queue: relatedId(conversation, 'queue'),
    custom: isObject(attributes['custom']) ? nonEmpty(withoutEmpty(attributes['custom'])) : undefined,
    satisfaction: satisfactionOf(attributes['satisfactionLevel']),
    sla: slaOf(attributes['sla']),
    snooze: attributes['snooze'],
    mergedTarget: attributes['mergedTarget'],
    createdAt: attributes['createdAt'],
    updatedAt: attributes['updatedAt'],
    rev: attributes['rev'],
  })
}

/** A survey that was answered or sent; a conversation without one has an empty level. */
function satisfactionOf(level: unknown): Json | undefined {
  if (!isObject(level) || typeof level['status'] !== 'string') return undefined
  const { status, rating, score } = level
  return withoutEmpty({ status, rating, score })
}

/** The agreed time of answer, and whether it was missed. */
function slaOf(sla: unknown): unknown {
  if (!isObject(sla)) return sla
  const { name, status, breached, breach, summary } = sla
  const { metric, at } = isObject(breach) ? breach : {}
  const { firstBreachAt, satisfiedAt } = isObject(summary) ? summary : {}
  // A breach that is still to come is when the answer is due.
  const due = breached === true ? undefined : firstBreachAt
  return nonEmpty(withoutEmpty({ name, status, breached, breachedAt: at, metric, due, satisfiedAt }))
}

/** The customer as a thread shows it. */
export function contactOf(customer: ApiRecord): Json {
  const { emails, phones } = customer.attributes
  return withoutEmpty({
    type: 'customer',
    id: customer.id,
    name: nameOf(customer),
    emails,
    phones,
    company: relatedId(customer, 'company'),
  })
}

/** The name of a customer; a masked one is its object. */
export const nameOf = ({ attributes }: ApiRecord): unknown => attributes['name'] ?? attributes['displayName']

const nonEmpty = (members: Json) => (Object.keys(members).length > 0 ? members : undefined)

export const idsIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((id): id is string => typeof id === 'string') : []
