import { ToolError } from '../errors.ts'
import { singleLine } from '../text/quote.ts'
import type { Membrane } from './client.ts'
import type { Connection } from './documents.ts'

export interface ConnectionSummary {
  id: string
  name: string
  state: string
  usable: boolean
}

/** Whether calls can be made with it: it is READY, or of a CLI that has no states. */
export function isUsable({
  state,
  connected,
  disconnected,
  isDefunct,
  isDeactivated,
  archivedAt,
}: Connection): boolean {
  const alive = !archivedAt && !isDeactivated && !isDefunct && connected !== false && disconnected !== true
  return alive && (!state || state === 'READY')
}

/** Whether it leads to Kustomer. Which member says so differs between versions of the CLI. */
export function isKustomer({ key, integrationKey, connectorKey, integration, name }: Connection): boolean {
  const names = [key, integrationKey, connectorKey, integration?.key, integration?.name, name]
  return names.some((text) => text?.toLowerCase().startsWith('kustomer'))
}

export function toConnectionSummary(connection: Connection): ConnectionSummary {
  const { id, name, key, state } = connection
  const usable = isUsable(connection)
  return {
    id,
    name: singleLine(name ?? key ?? '', 80),
    state: state ?? (usable ? 'READY' : 'DISCONNECTED'),
    usable,
  }
}

/** Throws ToolError `not-connected`, `connection-needs-attention` or `ambiguous-connection`, with what there is. */
export function chooseConnection(
  connections: readonly Connection[],
  configured: string | undefined,
): Connection {
  const wanted =
    configured === undefined ? connections.filter(isKustomer) : connections.filter(isNamed(configured))
  const usable = wanted.filter(isUsable)
  const [first, ...others] = usable
  if (first !== undefined && others.length === 0) return first
  const data = {
    connections: (wanted.length > 0 ? wanted : connections.filter(isKustomer)).map(toConnectionSummary),
  }
  if (first !== undefined) {
    const list = usable
      .map((connection) => `${connection.id} (${toConnectionSummary(connection).name})`)
      .join(', ')
    throw new ToolError(
      'ambiguous-connection',
      `There are ${usable.length} usable Kustomer connections: ${list}.`,
      { data },
    )
  }
  if (wanted.length > 0) {
    const list = wanted.map(toConnectionSummary).map(({ id, name, state }) => `${id} (${name}) is ${state}`)
    throw new ToolError(
      'connection-needs-attention',
      `No Kustomer connection is ready: ${list.join(', ')}.`,
      {
        data,
      },
    )
  }
  const which =
    configured === undefined ? 'Kustomer connection' : `connection with the id or key ${configured}`
  throw new ToolError('not-connected', `There is no ${which} in this Membrane account.`, { data })
}

const isNamed = (name: string) => (connection: Connection) =>
  [connection.id, connection.key].some((handle) => handle === name)

/** The account as if it had one connection: the others are another's to know of. */
export const onlyConnection = (membrane: Membrane, name: string): Membrane => ({
  ...membrane,
  listConnections: async (signal) => (await membrane.listConnections(signal)).filter(isNamed(name)),
})
