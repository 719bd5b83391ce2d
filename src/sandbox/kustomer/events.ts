import { type Handler, notFound, one, target } from './call.ts'
import { byId, pageOf } from './list.ts'
import {
  linkTo,
  linkToOrg,
  machineUser,
  newId,
  type Organisation,
  type Resource,
  recordsOf,
  relatedId,
} from './resource.ts'
import { type Attributes, recordOf, textOf } from './values.ts'

const followed = ['customer', 'conversation', 'message', 'note'] as const
const bookkeeping = ['createdAt', 'updatedAt', 'modifiedAt', 'rev', 'createdBy', 'modifiedBy']
/** The oldest go first, so that the file does not grow without end. */
const mostEvents = 1000

/** Runs a write and keeps an event for each record that it made or changed. */
export function recordingEvents<T>(organisation: Organisation, now: string, write: () => T): T {
  const records = () => followed.flatMap((type) => recordsOf(organisation, type))
  const before = new Map(records().map((record) => [record.id, JSON.stringify(record)]))
  const result = write()
  for (const record of records()) {
    const old = before.get(record.id)
    if (old === JSON.stringify(record)) continue
    const changes = old === undefined ? undefined : changesOf(JSON.parse(old), record)
    if (changes === undefined || Object.values(changes).some((members) => Object.keys(members).length > 0))
      organisation.events.push(eventOf(organisation, record, now, changes))
  }
  organisation.events.splice(0, organisation.events.length - mostEvents)
  return result
}

function changesOf(before: Resource, after: Resource) {
  const between = (old: object, now: object): Attributes => {
    const [then, present] = [recordOf(old), recordOf(now)]
    const names = [...new Set([...Object.keys(then), ...Object.keys(present)])]
    const isChanged = (name: string) =>
      !bookkeeping.includes(name) && JSON.stringify(then[name]) !== JSON.stringify(present[name])
    return Object.fromEntries(
      names.filter(isChanged).map((name) => {
        const [from, to] = [then[name] ?? null, present[name] ?? null]
        const op = from === null ? 'add' : to === null ? 'remove' : 'replace'
        return [name, { op, before: from, after: to }]
      }),
    )
  }
  return {
    attributes: between(before.attributes, after.attributes),
    relationships: between(before.relationships, after.relationships),
  }
}

/** The form of Kustomer's OpenAPI description of 2025. */
function eventOf(
  organisation: Organisation,
  record: Resource,
  now: string,
  changes: object | undefined,
): Resource {
  const { type, id, relationships } = record
  const eventId = newId(organisation, 'customer_event', now)
  const author = linkTo('user', machineUser(organisation).id)
  const owners = Object.entries(relationships).filter(([name]) => /^(customer|conversation)$/.test(name))
  const customer = type === 'customer' ? id : relatedId(record, 'customer')
  return {
    type: 'customer_event',
    id: eventId,
    attributes: {
      name: `kustomer.${type}.${changes === undefined ? 'create' : 'update'}`,
      type,
      publishedAt: now,
      createdAt: now,
      updatedAt: now,
      modifiedAt: now,
      ...(changes === undefined ? {} : { changes }),
      location: null,
      meta: null,
    },
    relationships: {
      org: linkToOrg(organisation),
      createdBy: author,
      modifiedBy: author,
      ...Object.fromEntries(owners),
      [type]: linkTo(type, id),
    },
    links: { self: `/v1/customers/${customer}/events/${eventId}` },
  }
}

/** The events of a record, filtered by `name` and by the `changed` attributes, both comma-separated. */
export const eventsOf =
  (owner: 'customer' | 'conversation'): Handler =>
  (organisation, call) => {
    const { id } = target(organisation, owner, call)
    const [names, changed] = ['name', 'changed'].map((filter) => call.query.get(filter)?.split(','))
    const own = organisation.events.filter((event) => {
      const { name, changes } = event.attributes
      const { attributes, relationships } = recordOf(changes)
      const members = { ...recordOf(attributes), ...recordOf(relationships) }
      return (
        relatedId(event, owner) === id &&
        (names?.includes(textOf(name)) ?? true) &&
        (changed?.some((member) => Object.hasOwn(members, member)) ?? true)
      )
    })
    return pageOf(byId(own, call), call)
  }

export const eventOfCustomer: Handler = (organisation, call) => {
  const event = target(organisation, 'customer_event', call)
  if (relatedId(event, 'customer') !== call.params['customer']) throw notFound('customer_event', event.id)
  return one(event)
}
