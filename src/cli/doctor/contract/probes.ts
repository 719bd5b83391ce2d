import { snapshotActions } from '../../../catalog/snapshot.macro.ts'
import type { ProxyRequest } from '../../../membrane/app-call.ts'
import * as argv from '../../../membrane/argv.ts'
import type { Capabilities } from '../../../membrane/capabilities.ts'
import { helpTopics, lists } from '../../../membrane/help-texts.ts'
import { inputFor } from './inputs.ts'
import { type Known, type Probe, unknownId } from './probe.ts'

/** The topics of help that the program reads, and those that it does not. */
const otherTopics = [
  'connection list',
  'connection get',
  'connection ensure',
  'action get',
  'action run',
  'search',
  'connect',
  'request',
  'act',
] as const

export const helpId = (topic: string) => `help${topic === '' ? '' : `-${topic.replaceAll(' ', '-')}`}`
export const helpArguments = (topic: string) => [...topic.split(' ').filter(Boolean), '--help']

const fixed = (id: string, args: readonly string[]): Probe => ({ id, argv: () => args })

/** A probe of a connection that is usable. */
const onConnection = (
  id: string,
  build: (connectionId: string, capabilities: Capabilities, known: Known) => readonly string[] | undefined,
): Probe => ({
  id,
  argv(known) {
    const { connectionId, capabilities } = known
    if (connectionId === undefined || capabilities === undefined) return undefined
    return build(connectionId, capabilities, known)
  },
})

/** Runs one of the built-in reads with what was listed before. */
const read = (
  id: string,
  key: string,
  input: (known: Known) => object | undefined = () => undefined,
): Probe =>
  onConnection(id, (connectionId, capabilities, known) => {
    const action = known.actions.find((each) => each.key === key)
    const given = input(known)
    return action === undefined || given === undefined
      ? undefined
      : argv.runAction(connectionId, action.id, given, capabilities)
  })

interface Get {
  path: string
  query?: ProxyRequest['query']
  pathParams?: ProxyRequest['pathParams']
  headers?: ProxyRequest['headers']
}

const get = (id: string, request: (known: Known) => Get | undefined): Probe =>
  onConnection(id, (connectionId, capabilities, known) => {
    const given = request(known)
    if (given === undefined) return undefined
    const { path, query = [], pathParams = {}, headers = [] } = given
    return argv.request(connectionId, { method: 'GET', path, query, pathParams, headers }, capabilities)
  })

export const readKeys = snapshotActions.filter(({ risk }) => risk === 'read').map(({ key }) => key)
const listKeys = readKeys.filter((key) => key.startsWith('list-'))
const getKeys = readKeys.filter((key) => !key.startsWith('list-'))
const readProbe = (key: string) => read(`read-${key}`, key, (known) => inputFor(key, known))
const isListed = (topic: string, { capabilities, help }: Known) => {
  if (capabilities === undefined) return false
  if (topic === 'connection ensure') return capabilities.connectionEnsure
  if (topic === 'action get') return capabilities.actionGet
  return lists(help, topic.split(' ')[0] ?? '')
}
const firstPage = [['pageSize', '1']] as const
const intent = 'list customers'

/** What is tried, in stages: each probe may use what the stages before it gave. Nothing here writes. */
export const stages: readonly (readonly Probe[])[] = [
  [fixed('connections', argv.listConnections())],
  [
    fixed('version', ['--version']),
    ...helpTopics.map((topic) => fixed(helpId(topic), helpArguments(topic))),
    fixed('connections-again', argv.listConnections()),
    fixed('status', ['status']),
    fixed('search', argv.searchConnectors('kustomer')),
    fixed('unknown-connection', argv.getConnection(unknownId)),
  ],
  [
    // Only a program that shows help when asked is asked for more of it.
    ...otherTopics.map((topic): Probe => {
      const args = helpArguments(topic)
      return { id: helpId(topic), argv: (known) => (isListed(topic, known) ? args : undefined) }
    }),
    fixed('unknown-command', ['connection', 'no-such-command', '--json']),
    fixed('unknown-flag', ['connection', 'list', '--noSuchFlag=1', '--json']),
    { id: 'without-home', argv: () => argv.listConnections(), withoutHome: true },
    onConnection('connections-next', (_, { connectionCursor }, { connectionsCursor }) =>
      connectionCursor && connectionsCursor ? argv.listConnections(connectionsCursor) : undefined,
    ),
    onConnection('connection', (id) => argv.getConnection(id)),
    onConnection('connection-wait', (id, { connectionWait }) =>
      connectionWait ? argv.getConnection(id, 1) : undefined,
    ),
    onConnection('actions', (id, capabilities) =>
      argv.listActions(id, { limit: capabilities.actionCursor ? 200 : 1000 }, capabilities),
    ),
    onConnection('actions-intent', (id, capabilities) =>
      argv.listActions(id, { intent, limit: 5 }, capabilities),
    ),
    onConnection('actions-limit', (id, capabilities) =>
      capabilities.actionLimit ? argv.listActions(id, { limit: 2 }, capabilities) : undefined,
    ),
    get('request-query', () => ({ path: '/v1/customers', query: firstPage })),
    get('request-repeat', () => ({ path: '/v1/customers', query: [['page', '2'], ...firstPage] })),
    get('request-header', () => ({
      path: '/v1/customers',
      query: firstPage,
      headers: [['Accept', 'application/json']],
    })),
    get('request-404', () => ({ path: `/v1/customers/${unknownId}` })),
    get('request-400', () => ({ path: '/v1/customers', query: [['pageSize', '0']] })),
  ],
  [
    ...listKeys.map(readProbe),
    onConnection('actions-next', (id, capabilities, { actionsCursor }) =>
      capabilities.actionCursor && actionsCursor
        ? argv.listActions(id, { limit: 2, cursor: actionsCursor }, capabilities)
        : undefined,
    ),
    onConnection('action', (_, { actionGet }, { actions: [first] }) =>
      actionGet && first ? argv.getAction(first.id) : undefined,
    ),
    onConnection('unknown-action', (id, capabilities) => argv.runAction(id, unknownId, {}, capabilities)),
    read('invalid-input', 'get-customer-by-id', () => ({})),
    onConnection('run-by-key', (id, capabilities, { actions }) =>
      capabilities.run === 'action run' && actions.some(({ key }) => key === 'list-users')
        ? argv.runAction(id, 'list-users', { pageSize: 1 }, capabilities)
        : undefined,
    ),
  ],
  [
    ...getKeys.map(readProbe),
    get('request-path-parameter', ({ recordIds: { customer } }) =>
      customer === undefined ? undefined : { path: '/v1/customers/{id}', pathParams: { id: customer } },
    ),
    get('request-encoded', ({ email }) =>
      email === undefined ? undefined : { path: `/v1/customers/email=${encodeURIComponent(email)}` },
    ),
    onConnection('run-log', (_, { act }, { actionRunId }) =>
      act && actionRunId ? ['action-run-log', 'get', argv.identifier(actionRunId), '--json'] : undefined,
    ),
  ],
]
