import { badRequest, type Handler, notFound, one, target } from './call.ts'
import { byId, pageOf } from './list.ts'
import { linkTo, linkToOrg, machineUser, type Resource, relatedId } from './resource.ts'
import { listOf } from './values.ts'

const userFilters = ['pending', 'deleted', 'userType', 'email']

/**
 * Filters by one of four parameters; that two are a 400, and that deleted users are listed by `deleted=true` alone, is
 * assumed. No user of the sample is pending.
 */
export const listUsers: Handler = ({ users }, call) => {
  const [name = 'deleted', second] = userFilters.filter((filter) => call.query.has(filter))
  if (second !== undefined)
    throw badRequest(`${name} and ${second} cannot be combined`, { parameter: second })
  const wanted = call.query.get(name) ?? 'false'
  const kept = users.filter(
    ({ attributes }) =>
      String(attributes[name] ?? false) === wanted && (name === 'deleted' || attributes['deleted'] !== true),
  )
  return pageOf(byId(kept, call), call, { most: 500 })
}

export const currentUser: Handler = (organisation) => one(machineUser(organisation))

/** The check of a key that needs no role. */
export const currentToken: Handler = (organisation) => {
  const { id, attributes } = machineUser(organisation)
  const { name, roles } = attributes
  const relationships = { org: linkToOrg(organisation), user: linkTo('user', id) }
  return {
    status: 200,
    body: { data: { type: 'token', id, attributes: { name, roles, expiresAt: null }, relationships } },
  }
}

export const teamsOfUser: Handler = (organisation, call) => {
  const { id } = target(organisation, 'user', call)
  const own = organisation.teams.filter(({ attributes }) => listOf(attributes['members']).includes(id))
  return pageOf(byId(own, call), call, { most: 500 })
}

/** Side-loads the versions of an SLA, which hold its name and times, for `versions=active` or `versions=all`. */
export const getSla: Handler = (organisation, call) => {
  const sla = target(organisation, 'sla', call)
  const wanted = call.query.get('versions')
  if (wanted === null) return one(sla)
  if (wanted !== 'active' && wanted !== 'all')
    throw badRequest('versions must be active or all', { parameter: 'versions' })
  const { currentVersion } = sla.attributes
  const included = organisation.slaVersions.filter(
    (version) =>
      relatedId(version, 'sla') === sla.id &&
      (wanted === 'all' || version.attributes['version'] === currentVersion),
  )
  return { status: 200, body: { data: sla, included } }
}

/** Filters by `resourceType`, as its page says. */
export const listSubStatuses: Handler = ({ subStatuses }, call) => {
  const type = call.query.get('resourceType')
  const kept = subStatuses.filter(({ attributes }) => type === null || attributes['resourceType'] === type)
  return pageOf(byId(kept, call), call)
}

/** The definitions of the custom attributes of a resource such as `conversation`. Throws 404 for another. */
export const metadataOf: Handler = ({ metadata, ...organisation }, { params, path }) => {
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
export const workItemsOfConversation: Handler = (organisation, call) => {
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
