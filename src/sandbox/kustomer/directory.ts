import { badRequest, type Call, notFound, one, type Reply, target } from './call.ts'
import { byId, pageOf } from './list.ts'
import { linkTo, linkToOrg, machineUser, type Organisation, type Resource, relatedId } from './resource.ts'
import { listOf } from './values.ts'

const userFilters = ['pending', 'deleted', 'userType', 'email']

/** Filters by one of four parameters; that two are a 400 is assumed. No user of the sample is pending. */
export function listUsers({ users }: Organisation, call: Call): Reply {
  const [name = 'deleted', second] = userFilters.filter((filter) => call.query.has(filter))
  if (second !== undefined)
    throw badRequest(`${name} and ${second} cannot be combined`, { parameter: second })
  const wanted = call.query.get(name) ?? 'false'
  const kept = users.filter(({ attributes }) => String(attributes[name] ?? false) === wanted)
  return pageOf(byId(kept, call), call, { most: 500 })
}

export const currentUser = (organisation: Organisation): Reply => one(machineUser(organisation))

/** The check of a key that needs no role. */
export function currentToken(organisation: Organisation): Reply {
  const { id, attributes } = machineUser(organisation)
  const { name, roles } = attributes
  const relationships = { org: linkToOrg(organisation), user: linkTo('user', id) }
  return {
    status: 200,
    body: { data: { type: 'token', id, attributes: { name, roles, expiresAt: null }, relationships } },
  }
}

export function teamsOfUser(organisation: Organisation, call: Call): Reply {
  const { id } = target(organisation, 'user', call)
  const own = organisation.teams.filter(({ attributes }) => listOf(attributes['members']).includes(id))
  return pageOf(byId(own, call), call, { most: 500 })
}

/** Filters by `resourceType`, as its page says. */
export function listSubStatuses({ subStatuses }: Organisation, call: Call): Reply {
  const type = call.query.get('resourceType')
  const kept = subStatuses.filter(({ attributes }) => type === null || attributes['resourceType'] === type)
  return pageOf(byId(kept, call), call)
}

/** The definitions of the custom attributes of a resource such as `conversation`. Throws 404 for another. */
export function metadataOf({ metadata, ...organisation }: Organisation, { params, path }: Call): Reply {
  const { resource = '' } = params
  const properties = Object.hasOwn(metadata, resource) ? metadata[resource] : undefined
  if (properties === undefined) throw notFound('metadata', resource)
  const relationships = { org: { data: { type: 'org', id: organisation.org.id } } }
  const data = {
    type: 'metadata',
    id: resource,
    attributes: { properties },
    relationships,
    links: { self: path },
  }
  return { status: 200, body: { data } }
}

/** The work item of a conversation in a queue; its attributes follow from the conversation. */
export function workItemsOfConversation(organisation: Organisation, call: Call): Reply {
  const conversation = target(organisation, 'conversation', call)
  const queue = relatedId(conversation, 'queue')
  const items = queue === undefined ? [] : [workItem(conversation, queue)]
  return { status: 200, body: { ...pageOf([], call).body, data: items } }
}

function workItem({ id, attributes }: Resource, queue: string): object {
  const { status, assignedUsers, createdAt, updatedAt } = attributes
  const [user] = listOf(assignedUsers)
  const state = status === 'done' ? 'completed' : user === undefined ? 'queued' : 'assigned'
  return {
    type: 'work_item',
    id: `${id.slice(0, 8)}304c000013${id.slice(-6)}`,
    attributes: { status: state, queuedCount: 1, createdAt, updatedAt },
    relationships: {
      resource: linkTo('conversation', id),
      queue: linkTo('queue', queue),
      ...(user === undefined ? {} : { assignedTo: linkTo('user', String(user)) }),
    },
  }
}
