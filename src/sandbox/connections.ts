import {
  type Account,
  addConnection,
  connectUrl,
  describeConnection,
  kustomerConnectorId,
  revive,
  type StoredConnection,
  walk,
} from './account.ts'
import { type Arguments, flag, jsonFlag, UsageError } from './arguments.ts'
import {
  type Command,
  CommandError,
  membraneError,
  missing,
  type Surroundings,
  wrongInput,
} from './outcome.ts'
import { pageOf } from './paging.ts'

const connectors = [
  { id: kustomerConnectorId, key: 'kustomer', name: 'Kustomer' },
  { id: '65a0c0ffee0000000000c002', key: 'slack', name: 'Slack' },
]

/** `search <query>`: the connectors whose name has the query in it. */
export const searchElements: Command = async (args, { store }) => {
  await signedIn({ store })
  const query = args.positionals[0]?.toLowerCase()
  if (!query) throw new UsageError('search needs a query')
  const type = flag(args, 'elementType')?.toLowerCase() ?? 'connector'
  const found = connectors.filter(({ name }) => type === 'connector' && name.toLowerCase().includes(query))
  const items = found.map(({ id, key, name }) => ({
    elementType: 'connector',
    element: { id, key, name, logoUri: `https://membrane-sandbox.example/${key}.png`, popularity: 1 },
  }))
  return { document: pageOf(items, args) }
}

/** `connection list`: a look, which moves a connection that is being made one step on. */
export const listConnections: Command = async (args, { store, clock }) => {
  const { connections } = await look(store, clock)
  const search = flag(args, 'search')?.toLowerCase() ?? ''
  const app = flag(args, 'integrationKey')
  const kept = connections.filter(
    ({ name, app: own }) => name.toLowerCase().includes(search) && (app === undefined || own === app),
  )
  return { document: pageOf(kept.map(describeConnection), args) }
}

/** `connection get <id>`: a look as well; `--wait` never waits, because every look moves on. */
export const getConnection: Command = async (args, { store, clock }) => {
  const { connections } = await look(store, clock)
  return { document: describeConnection(byHandle(connections, args.positionals[0])) }
}

/** `connection ensure <appUrl>`: finds or creates; a Kustomer connection that failed is started anew. */
export const ensureConnection: Command = async (args, { store, clock }) => {
  const url = args.positionals[0] ?? ''
  if (!/^(https?:\/\/)?([\w-]+\.)+[a-z]{2,}(\/|$)/i.test(url))
    throw wrongInput(`Invalid input: expected an app URL, received '${url}'`)
  if (!/(^|[./])kustomer(app)?\.com(\/|$)/i.test(url))
    throw wrongInput(`The sandbox connects to https://www.kustomer.com alone, not to '${url}'`)
  const now = new Date(clock()).toISOString()
  return changed(store, (account) => {
    const existing = account.connections.find(({ app }) => app === 'kustomer')
    if (existing === undefined) return addConnection(account, flag(args, 'name'), now)
    if (/FAILED|ERROR/.test(existing.state)) revive(existing, now)
    return existing
  })
}

/** `connect`: creates a connection by connector, or revives one by `--connectionId`. It never waits for a person. */
export const connect: Command = async (args, { store, clock, settings }) => {
  const now = new Date(clock()).toISOString()
  const id = flag(args, 'connectionId') ?? flag(args, 'connectionKey')
  const connector = flag(args, 'connectorId') ?? flag(args, 'connectorKey') ?? flag(args, 'integrationKey')
  if (id === undefined && connector === undefined)
    throw wrongInput('Invalid input: connectorId or connectionId is required')
  const answer = await changed(store, (account) => {
    if (id !== undefined) {
      const existing = byHandle(account.connections, id)
      revive(existing, now)
      return existing
    }
    if (connector !== kustomerConnectorId && connector !== 'kustomer')
      throw missing('Connector', connector ?? '')
    return addConnection(account, flag(args, 'name'), now)
  })
  if (settings.dialect === 'new') return answer
  // The old CLI prints a connection request when it cannot wait for the person.
  const { id: made = '' } = answer.document as { id?: string }
  const request = { requestId: `req_${made}`, url: connectUrl(made), status: 'pending', createdAt: now }
  return { document: request, text: `Open this link to connect (simulated):\n\n  ${request.url}` }
}

/** `connection patch <id> --data`: renames a connection. */
export const patchConnection: Command = async (args, { store, clock }) => {
  const data = jsonFlag(args, 'data')
  if (typeof data !== 'object' || data === null) throw wrongInput('Invalid input: expected object')
  const { name, key } = data as { name?: unknown; key?: unknown }
  return changed(store, (account) => {
    const existing = byHandle(account.connections, args.positionals[0])
    if (typeof name === 'string') existing.name = name
    if (typeof key === 'string') existing.key = key
    existing.updatedAt = new Date(clock()).toISOString()
    return existing
  })
}

/** Returns the account. Throws the error of a CLI that nobody is signed in to, which has no document. */
export async function signedIn({ store }: Pick<Surroundings, 'store'>): Promise<Account> {
  const account = await store.account.read()
  if (!account.signedIn) throw signedOut()
  return account
}

/**
 * Takes the arguments of a command that works with one connection and returns it, usable. Throws `not_found`, or
 * what Membrane says of a connection that is not connected, as a cause of `around` where that is given.
 */
export async function usableConnection(
  handle: string | undefined,
  surroundings: Surroundings,
  around?: string,
): Promise<StoredConnection> {
  const { connections } = await signedIn(surroundings)
  const found = byHandle(connections, handle)
  if (found.state === 'READY') return found
  const cause = {
    type: 'connection',
    key: 'connection_is_defunct',
    message: `Connection '${found.id}' is disconnected: its state is ${found.state}`,
    data: { connectionId: found.id, connectorKey: found.app },
  }
  throw membraneError(
    around === undefined ? cause : { type: 'action_run', message: around, causedByError: cause },
  )
}

/** Returns the handle of the connection that a command is for. Throws `bad_request` when none is given. */
export function connectionHandle(args: Arguments): string {
  const handle = flag(args, 'connectionId') ?? flag(args, 'connectionKey')
  if (handle === undefined)
    throw wrongInput('Invalid input: expected string, received undefined at connectionId')
  return handle
}

function byHandle(connections: readonly StoredConnection[], handle: string | undefined): StoredConnection {
  const found = connections.find(({ id, key }) => id === handle || key === handle)
  if (found === undefined) throw missing('Connection', handle ?? '')
  return found
}

async function look(store: Surroundings['store'], clock: () => number): Promise<Account> {
  const account = await signedIn({ store })
  if (!account.connections.some(({ walks }) => walks)) return account
  return store.account.change(async (fresh) => ({
    save: walk(fresh.connections, new Date(clock()).toISOString()),
    result: fresh,
  }))
}

async function changed(store: Surroundings['store'], change: (account: Account) => StoredConnection) {
  const document = await store.account.change(async (account) => {
    if (!account.signedIn) throw signedOut()
    return { result: describeConnection(change(account)), save: true }
  })
  return { document }
}

const signedOut = () => new CommandError('Not logged in. Run `membrane login` to sign in.')
