import { isObject } from '../json.ts'
import {
  type Account,
  addConnection,
  advance,
  connectors,
  connectUrl,
  describeConnection,
  logoOf,
  reconnect,
  type StoredConnection,
} from './account.ts'
import { type Arguments, flag, jsonFlag, UsageError } from './arguments.ts'
import { type Command, CommandError, type Context, membraneError, missing, wrongInput } from './outcome.ts'
import { pageOf } from './paging.ts'

/** Finds the connectors whose name has the query in it. */
export const searchElements: Command = async (args, context) => {
  await signedIn(context)
  const query = args.positionals[0]?.toLowerCase()
  if (!query) throw new UsageError('search needs a query')
  const type = flag(args, 'elementType')?.toLowerCase() ?? 'connector'
  const found = Object.entries(connectors).filter(([key]) => type === 'connector' && key.includes(query))
  const items = found.map(([key, { id, name }]) => ({
    elementType: 'connector',
    element: { id, key, name, logoUri: logoOf(key), popularity: 1 },
  }))
  return { document: pageOf(items, args) }
}

/** Lists connections; each look moves one that is connecting to its next state. */
export const listConnections: Command = async (args, context) => {
  const { connections } = await look(context)
  const search = flag(args, 'search')?.toLowerCase() ?? ''
  const app = flag(args, 'integrationKey')
  const kept = connections.filter(
    ({ name, app: own }) => name.toLowerCase().includes(search) && (app === undefined || own === app),
  )
  return { document: pageOf(kept.map(describeConnection), args) }
}

/** Shows a connection; `--wait` never waits, because every look moves on. */
export const getConnection: Command = async (args, context) => {
  const { connections } = await look(context)
  return { document: describeConnection(byHandle(connections, args.positionals[0])) }
}

/** Finds or creates the Kustomer connection; one that failed is started anew. */
export const ensureConnection: Command = async (args, context) => {
  const url = args.positionals[0] ?? ''
  if (!/^(https?:\/\/)?([\w-]+\.)+[a-z]{2,}(\/|$)/i.test(url))
    throw wrongInput(`Invalid input: expected an app URL, received '${url}'`)
  if (!/(^|[./])kustomer(app)?\.com(\/|$)/i.test(url))
    throw wrongInput(`The sandbox connects to https://www.kustomer.com alone, not to '${url}'`)
  return changed(context, (account, now) => {
    const existing = account.connections.find(({ app }) => app === 'kustomer')
    if (existing === undefined) return addConnection(account, flag(args, 'name'), now)
    if (/FAILED|ERROR/.test(existing.state)) reconnect(existing, now)
    return existing
  })
}

/** Creates a connection by connector, or reconnects one by id, and does not wait for a person. */
export const connect: Command = async (args, context) => {
  const id = flag(args, 'connectionId') ?? flag(args, 'connectionKey')
  const connector = flag(args, 'connectorId') ?? flag(args, 'connectorKey') ?? flag(args, 'integrationKey')
  if (id === undefined && connector === undefined)
    throw wrongInput('Invalid input: connectorId or connectionId is required')
  const answer = await changed(context, (account, now) => {
    if (id !== undefined) {
      const existing = byHandle(account.connections, id)
      reconnect(existing, now)
      return existing
    }
    if (connector !== connectors.kustomer.id && connector !== 'kustomer')
      throw missing('Connector', connector ?? '')
    return addConnection(account, flag(args, 'name'), now)
  })
  if (context.settings.dialect === 'new') return answer
  // The old CLI prints a connection request when it cannot wait for the person.
  const { id: made = '', updatedAt } = answer.document as Partial<StoredConnection>
  const request = {
    requestId: `req_${made}`,
    url: connectUrl(made),
    status: 'pending',
    createdAt: updatedAt,
  }
  return { document: request, text: `Open this link to connect (simulated):\n\n  ${request.url}` }
}

/** Changes the name or the key of a connection. */
export const patchConnection: Command = async (args, context) => {
  const data = jsonFlag(args, 'data')
  if (!isObject(data)) throw wrongInput('Invalid input: expected object')
  const { name, key } = data
  return changed(context, (account, now) => {
    const existing = byHandle(account.connections, args.positionals[0])
    if (typeof name === 'string') existing.name = name
    if (typeof key === 'string') existing.key = key
    existing.updatedAt = now
    return existing
  })
}

/** Reads the account. Throws an error without a document when nobody is signed in. */
export async function signedIn({ store }: Context): Promise<Account> {
  const account = await store.account.read()
  if (!account.signedIn) throw signedOut()
  return account
}

/**
 * Finds the connection of a command. Throws `not_found`, or Membrane's error for one that is not connected, as the cause
 * of an error with the message `around` where it is given.
 */
export async function usableConnection(
  handle: string | undefined,
  context: Context,
  around?: string,
): Promise<StoredConnection> {
  const { connections } = await signedIn(context)
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

/** The id or key of the connection that a command is for. Throws `bad_request` without one. */
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

async function look(context: Context): Promise<Account> {
  const account = await signedIn(context)
  if (!account.connections.some(({ isConnecting }) => isConnecting)) return account
  return context.store.account.change(async (fresh) => {
    advance(fresh.connections, timeOf(context))
    return { save: true, result: fresh }
  })
}

async function changed(context: Context, change: (account: Account, now: string) => StoredConnection) {
  const document = await context.store.account.change(async (account) => {
    if (!account.signedIn) throw signedOut()
    return { result: describeConnection(change(account, timeOf(context))), save: true }
  })
  return { document }
}

const timeOf = ({ clock }: Context) => new Date(clock()).toISOString()
const signedOut = () => new CommandError('Not logged in. Run `membrane login` to sign in.')
