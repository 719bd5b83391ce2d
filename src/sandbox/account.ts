import type { Start } from './settings.ts'
import templates from './templates.json' with { type: 'json' }

export type State = 'BUILDING' | 'CLIENT_ACTION_REQUIRED' | 'CONFIGURATION_ERROR' | 'SETUP_FAILED' | 'READY'

/** The stored part of a connection; `describeConnection` makes the full document of it. */
export interface StoredConnection {
  id: string
  key: string
  name: string
  app: keyof typeof connectors
  state: State
  /** Whether each look moves it to its next state, as if a person allowed access in between. */
  isConnecting: boolean
  createdAt: string
  updatedAt: string
}

export interface Account {
  signedIn: boolean
  connections: StoredConnection[]
}

/** The apps there are, as connectors. */
export const connectors = {
  kustomer: { id: '65a0c0ffee0000000000c001', name: 'Kustomer', integrationId: '68d0c0ffee0000000000d001' },
  slack: { id: '65a0c0ffee0000000000c002', name: 'Slack', integrationId: '68d0c0ffee0000000000d002' },
}
/** No page has this address: `.example` is a reserved domain. */
const site = 'https://membrane-sandbox.example'
export const loginUrl = `${site}/login`
export const connectUrl = (id: string) => `${site}/connect/${id}`
export const logoOf = (app: string) => `${site}/${app}.png`
const firstSeen = '2026-05-01T10:00:00.000Z'

const connection = (number: number, given: Partial<StoredConnection>): StoredConnection => ({
  id: connectionId(number),
  key: 'kustomer',
  name: 'Kustomer',
  app: 'kustomer',
  state: 'READY',
  isConnecting: false,
  createdAt: firstSeen,
  updatedAt: firstSeen,
  ...given,
})
const connectionId = (number: number) => `66b0c0ffee0000000000a${String(number).padStart(3, '0')}`
const slack = connection(3, { key: 'slack', name: 'Slack', app: 'slack' })

/** The account of a fresh data folder. */
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

/** Moves each connection that is connecting one state on: BUILDING, CLIENT_ACTION_REQUIRED with a link, READY. */
export function advance(connections: readonly StoredConnection[], now: string): void {
  for (const one of connections.filter(({ isConnecting }) => isConnecting)) {
    one.state = one.state === 'BUILDING' ? 'CLIENT_ACTION_REQUIRED' : 'READY'
    one.isConnecting = one.state !== 'READY'
    one.updatedAt = now
  }
}

/** Adds a Kustomer connection in state BUILDING. */
export function addConnection(account: Account, name: string | undefined, now: string): StoredConnection {
  const taken = new Set(account.connections.map(({ id }) => id))
  let number = 1
  while (taken.has(connectionId(number))) number++
  const added = connection(number, {
    key: number === 1 ? 'kustomer' : `kustomer-${number}`,
    name: name ?? 'Kustomer',
    state: 'BUILDING',
    isConnecting: true,
    createdAt: now,
    updatedAt: now,
  })
  account.connections.push(added)
  return added
}

/** Starts to connect a connection anew, unless it is READY. */
export function reconnect(one: StoredConnection, now: string): void {
  if (one.state !== 'READY') Object.assign(one, { state: 'BUILDING', isConnecting: true, updatedAt: now })
}

const problems: Partial<Record<State, string>> = {
  SETUP_FAILED: 'The setup of the connection failed (simulated).',
  CONFIGURATION_ERROR: 'The connector is configured wrongly: no region is chosen (simulated).',
}

/** A connection as the CLI prints it, with members that no caller needs. */
export function describeConnection({ isConnecting: _, app, ...own }: StoredConnection): object {
  const { id, state, updatedAt } = own
  const { id: connectorId, name: appName, integrationId } = connectors[app]
  const connected = state === 'READY'
  const problem = problems[state]
  const clientAction = {
    type: 'connect',
    description: `Connect ${appName} (simulated: there is no page, the sandbox plays the person)`,
    uiUrl: connectUrl(id),
    agentInstructions: 'Show the link to the person and look at the connection again.',
  }
  return {
    ...templates.connection,
    ...own,
    connected,
    disconnected: !connected,
    errors: problem === undefined ? [] : [{ type: 'configuration', message: problem }],
    ...(state === 'CLIENT_ACTION_REQUIRED' ? { clientAction } : {}),
    integrationId,
    integrationKey: app,
    connectorId,
    connectorKey: app,
    integration: { id: integrationId, key: app, name: appName, logoUri: logoOf(app) },
    lastActiveAt: updatedAt,
  }
}
