import { acceptArguments, rejectUnknownArguments } from '../catalog/arguments.ts'
import type { Catalog } from '../catalog/catalog.ts'
import type { Arguments } from '../catalog/coerce.ts'
import { type LiveAction, matchesSelector } from '../catalog/live-action.ts'
import type { ObjectSchema } from '../catalog/schema.ts'
import { explainUpstream, unknownArgumentNotices } from '../catalog/upstream-input.ts'
import { ToolError } from '../errors.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { toToolOutput } from '../response/tool-output.ts'
import type { ToolContext } from './tool.ts'

/** An action of a connection with its input, checked against the action's schema. */
export interface ResolvedAction {
  connectionId: string
  /** The key or id that found it. */
  selector: string
  action: LiveAction
  args: Arguments
  input: Arguments
}

/** Finds an action by key or id and checks its input. Throws ToolError `action-not-found` or `invalid-input`. */
export async function resolveAction(
  { selector, args }: { selector: string; args: Arguments },
  { connections, catalog }: ToolContext,
  signal: AbortSignal,
): Promise<ResolvedAction> {
  return connections.withConnection(signal, async (connectionId) => {
    const action = await catalog.get(connectionId, selector, signal)
    if (!action.readOnly) rejectUnknownArguments(args, action.schema.accepted)
    const input = acceptArguments(args, action.schema.accepted)
    return { connectionId, selector, action, args, input }
  })
}

/**
 * Runs a resolved action. An id that the service no longer knows is looked up anew: the action runs under its new id
 * when it makes the same request, since nothing was done under the old one.
 */
export async function runAction(
  { connectionId, selector, action, args, input, write }: ResolvedAction & { write: boolean },
  { membrane, connections, catalog }: ToolContext,
  signal: AbortSignal,
): Promise<ToolOutput> {
  const schema = knownSchema(action, catalog)
  const send = (actionId: string) =>
    membrane.runAction({ connectionId, actionId, input, write }, signal).catch((error: unknown) => {
      throw explainUpstream(error, args, schema)
    })
  const response = await connections.use(() =>
    send(action.id).catch(async (error: unknown) => {
      if (!(error instanceof ToolError) || error.reason !== 'action-not-found') throw error
      await catalog.refresh(connectionId, 0, signal)
      const current = await catalog.get(connectionId, selector, signal)
      if (current.id === action.id || !isSameRequest(current, action)) throw error
      return send(current.id)
    }),
  )
  const output = toToolOutput(response)
  const notices = unknownArgumentNotices(args, schema)
  return notices.length === 0 ? output : { ...output, notices: [...(output.notices ?? []), ...notices] }
}

const isSameRequest = (one: LiveAction, other: LiveAction) =>
  one.method === other.method &&
  one.path === other.path &&
  one.readOnly === other.readOnly &&
  JSON.stringify(one.schema.accepted) === JSON.stringify(other.schema.accepted)

/** The live schema, or the built-in one of a built-in action that has none. */
const knownSchema = (action: LiveAction, catalog: Catalog): ObjectSchema =>
  (catalog.builtIn().find(({ key }) => matchesSelector(action, key)) ?? action).schema.advertised
