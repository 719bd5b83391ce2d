import type { Start } from './settings.ts'

export type State = 'BUILDING' | 'CLIENT_ACTION_REQUIRED' | 'CONFIGURATION_ERROR' | 'SETUP_FAILED' | 'READY'

/** What is kept of a connection; `describeConnection` makes the full document of it. */
export interface StoredConnection {
  id: string
  key: string
  name: string
  app: 'kustomer' | 'slack'
  state: State
  /** Whether looks move it on: the sandbox then plays the person who allows access. */
  walks: boolean
  createdAt: string
  updatedAt: string
}

/** Who is signed in and what is connected. */
export interface Account {
  signedIn: boolean
  connections: StoredConnection[]
}

export const kustomerConnectorId = '65a0c0ffee0000000000c001'
const slackConnectorId = '65a0c0ffee0000000000c002'
/** The `.example` domain belongs to nobody: there is no page, and nobody has to open one. */
const site = 'https://membrane-sandbox.example'
export const loginUrl = `${site}/login`
export const connectUrl = (id: string) => `${site}/connect/${id}`
const firstSeen = '2026-05-01T10:00:00.000Z'

const connection = (number: number, given: Partial<StoredConnection>): StoredConnection => ({
  ...{ id: connectionId(number), key: 'kustomer', name: 'Kustomer', app: 'kustomer', state: 'READY' },
  ...{ walks: false, createdAt: firstSeen, updatedAt: firstSeen, ...given },
})
const connectionId = (number: number) => `66b0c0ffee0000000000a${String(number).padStart(3, '0')}`
const slack = connection(3, { key: 'slack', name: 'Slack', app: 'slack' })

/** Takes what a fresh data folder starts as and returns its account. */
export function freshAccount(start: Start): Account {
  const kustomer: Readonly<Record<Start, StoredConnection[]>> = {
    ready: [connection(1, {})],
    'signed-out': [],
    'no-connection': [],
    'two-connections': [connection(1, {}), connection(2, { key: 'kustomer-2', name: 'Kustomer EU' })],
    'needs-attention': [connection(1, { state: 'CLIENT_ACTION_REQUIRED' })],
    'setup-failed': [connection(1, { state: 'SETUP_FAILED' })],
    'configuration-error': [connection(1, { state: 'CONFIGURATION_ERROR' })],
  }
  return { signedIn: start !== 'signed-out', connections: [...kustomer[start], slack] }
}

/**
 * Moves every connection that walks one step on, as a look at them does: BUILDING, then CLIENT_ACTION_REQUIRED with a
 * link, then READY, as if a person had opened the link in between. Returns whether anything moved.
 */
export function walk(connections: readonly StoredConnection[], now: string): boolean {
  const walking = connections.filter(({ walks }) => walks)
  for (const one of walking) {
    one.state = one.state === 'BUILDING' ? 'CLIENT_ACTION_REQUIRED' : 'READY'
    one.walks = one.state !== 'READY'
    one.updatedAt = now
  }
  return walking.length > 0
}

/** Creates the Kustomer connection in state BUILDING and returns it. */
export function addConnection(account: Account, name: string | undefined, now: string): StoredConnection {
  const taken = new Set(account.connections.map(({ id }) => id))
  let number = 1
  while (taken.has(connectionId(number))) number++
  const added = connection(number, {
    ...{ key: number === 1 ? 'kustomer' : `kustomer-${number}`, name: name ?? 'Kustomer' },
    ...{ state: 'BUILDING', walks: true, createdAt: now, updatedAt: now },
  })
  account.connections.push(added)
  return added
}

/** Takes a connection that is not READY and starts its walk anew; one that is READY stays. */
export function revive(one: StoredConnection, now: string): void {
  if (one.state === 'READY') return
  Object.assign(one, { state: 'BUILDING', walks: true, updatedAt: now })
}

const troubles: Partial<Record<State, string>> = {
  SETUP_FAILED: 'The setup of the connection failed (simulated).',
  CONFIGURATION_ERROR: 'The connector is configured wrongly: no region is chosen (simulated).',
}

/** Takes a connection and returns it as the CLI prints it: full size, with members that no caller has to know. */
export function describeConnection(one: StoredConnection): object {
  const { id, key, name, app, state, createdAt, updatedAt } = one
  const connected = state === 'READY'
  const connectorId = app === 'kustomer' ? kustomerConnectorId : slackConnectorId
  const trouble = troubles[state]
  const appName = app === 'kustomer' ? 'Kustomer' : 'Slack'
  return {
    ...{ id, name, key, userId: '67c0c0ffee0000000000b001', tenantId: '67c0c0ffee0000000000b001' },
    ...{ connected, disconnected: !connected, state, isTest: false, isDefunct: false },
    errors: trouble === undefined ? [] : [{ type: 'configuration', message: trouble }],
    ...(state === 'CLIENT_ACTION_REQUIRED'
      ? {
          clientAction: {
            type: 'connect',
            description: `Connect ${appName} (simulated: there is no page, the sandbox plays the person)`,
            uiUrl: connectUrl(id),
            agentInstructions: 'Show the link to the person and look at the connection again.',
          },
        }
      : {}),
    integrationId: app === 'kustomer' ? '68d0c0ffee0000000000d001' : '68d0c0ffee0000000000d002',
    integrationKey: app,
    connectorId,
    connectorKey: app,
    connectorVersion: '1.4.2',
    authOptionKey: 'default',
    integration: {
      id: app === 'kustomer' ? '68d0c0ffee0000000000d001' : '68d0c0ffee0000000000d002',
      ...{ key: app, name: appName, logoUri: `${site}/${app}.png` },
    },
    user: { id: '67c0c0ffee0000000000b001', internalId: 'sandbox-user', name: 'Sandbox User' },
    meta: {},
    canTest: true,
    canRefreshCredentials: true,
    retryAttempts: 0,
    ...{ createdAt, updatedAt, lastActiveAt: updatedAt },
  }
}
