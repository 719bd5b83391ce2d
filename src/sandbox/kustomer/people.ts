import { badRequest, type Call, idOf, need, one, type Reply } from './call.ts'
import { byId, pageOf } from './list.ts'
import { linkTo, listOf, machineUser, type Organisation, pathOf, type Resource } from './resource.ts'

const userFilters = ['pending', 'deleted', 'userType', 'email'] as const

/** GET /v1/users: one of four filters; that a combination is a 400 is assumed. Nobody in the sample is pending. */
export function listUsers({ users }: Organisation, call: Call): Reply {
  const given = userFilters.filter((name) => call.query.has(name))
  if (given.length > 1) throw badRequest(`${given.join(' and ')} cannot be combined`, { parameter: given[1] })
  const value = (name: (typeof userFilters)[number]) => call.query.get(name)
  const kept = users.filter(({ attributes }) => {
    if (value('userType') !== null) return attributes['userType'] === value('userType')
    if (value('email') !== null) return attributes['email'] === value('email')
    const flag = value('pending') === null ? 'deleted' : 'pending'
    return (attributes[flag] === true) === (value(flag) === 'true')
  })
  return pageOf(byId(kept, call), call, { most: 500 })
}

/** GET /v1/users/current: the machine user that the API key is. */
export const currentUser = (organisation: Organisation): Reply => one(machineUser(organisation))

/** GET /v1/auth/tokens/current: the key check that needs no role. */
export function currentToken(organisation: Organisation): Reply {
  const user = machineUser(organisation)
  const attributes = { name: user.attributes['name'], roles: user.attributes['roles'], expiresAt: null }
  const relationships = {
    org: linkTo('org', organisation.org.id),
    user: linkTo('user', user.id),
  }
  return { status: 200, body: { data: { type: 'token', id: user.id, attributes, relationships } } }
}

/** GET /v1/teams. */
export const listTeams = ({ teams }: Organisation, call: Call): Reply =>
  pageOf(byId(teams, call), call, { most: 500 })

/** GET /v1/users/{id}/teams. */
export function teamsOfUser({ users, teams }: Organisation, call: Call): Reply {
  const { id } = need(users, idOf(call), 'user')
  const own = teams.filter(({ attributes }) => listOf(attributes['members']).includes(id))
  return pageOf(byId(own, call), call, { most: 500 })
}

/** GET /v1/routing/queues. */
export const listQueues = ({ queues }: Organisation, call: Call): Reply => pageOf(byId(queues, call), call)

/** GET /v1/outboundAccounts: the accounts a draft can be sent from. Their attributes are assumed. */
export function listOutboundAccounts({ org }: Organisation, call: Call): Reply {
  const accounts = (
    [
      ['678779100acc00000b000001', 'email', 'postmark', 'support@example.com', true],
      ['678779100acc00000b000002', 'email', 'postmark', 'billing@example.com', false],
      ['678779100acc00000b000003', 'sms', 'twilio', '+12075550100', true],
    ] as const
  ).map(
    ([id, channel, app, address, isDefault]): Resource => ({
      type: 'outboundAccount',
      id,
      attributes: { name: address, channel, app, address, default: isDefault, enabled: true },
      relationships: { org: linkTo('org', org.id) },
      links: { self: pathOf('outboundAccount', id) },
    }),
  )
  return pageOf(accounts, call)
}
