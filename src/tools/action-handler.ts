import { type Arguments, acceptArguments, coerceArguments } from '../catalog/arguments.ts'
import type { BuiltInAction } from '../catalog/built-in.ts'
import type { Catalog } from '../catalog/catalog.ts'
import { type LiveAction, matchesSelector } from '../catalog/live-action.ts'
import type { ObjectSchema } from '../catalog/schema.ts'
import { explainUpstream, unknownArgumentNotices } from '../catalog/upstream-input.ts'
import { ToolError } from '../errors.ts'
import { hasDeleteFlag } from '../kustomer/risk.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { toToolOutput } from '../response/tool-output.ts'
import type { Tool, ToolContext, ToolListing } from './tool.ts'

/** Takes a popular action and returns what its tool does. */
export function actionHandler(
  { key, annotations, risk, internalFields, schema }: BuiltInAction,
  context: ToolContext,
): Omit<Tool, keyof ToolListing> {
  /** As the arguments will be checked: a tool that was listed from an earlier start may know an older schema. */
  async function coerce(args: Arguments) {
    await context.catalog.complete()
    const current = context.catalog.builtIn().find((action) => action.key === key)?.schema ?? schema
    return coerceArguments(args, current.accepted)
  }
  return {
    async effect(given) {
      const args = await coerce(given)
      if (risk !== 'read' && hasDeleteFlag(args)) return 'destructive'
      const changed = Object.keys(args).filter((name) => name !== 'id')
      const isInternal =
        internalFields !== undefined && changed.every((name) => internalFields.includes(name))
      return isInternal ? 'internal' : risk
    },
    identity: async (args) => ({ tool: key, args: await coerce(args) }),
    run: (args, signal) =>
      runAction({ selector: key, args, readOnly: annotations.readOnlyHint }, context, signal),
  }
}

interface ActionRun {
  /** Key or id. */
  selector: string
  args: Arguments
  /** Whether the action only reads; undefined where only the action itself tells. */
  readOnly?: boolean
  /** Throws when the action that was found may not be run. */
  allow?: (action: LiveAction) => void
}

/**
 * Takes an action by key or id with its arguments, checks them against the action's live schema and runs it.
 * When the id turns out to be one of an older catalogue, the action is looked up anew and run under its new id:
 * the CLI did nothing with the old one.
 */
export async function runAction(
  { selector, args, readOnly, allow }: ActionRun,
  { membrane, connections, catalog }: ToolContext,
  signal: AbortSignal,
): Promise<ToolOutput> {
  return connections.withConnection(signal, async (connectionId) => {
    const run = async (action: LiveAction) => {
      const input = acceptArguments(args, action.schema.accepted)
      const write = !(readOnly ?? action.readOnly)
      return membrane
        .runAction({ connectionId, actionId: action.id, input, write }, signal)
        .catch((error: unknown) => {
          throw explainUpstream(error, args, knownSchema(action, catalog))
        })
    }
    const action = await catalog.get(connectionId, selector, signal)
    allow?.(action)
    const reply = await run(action).catch(async (error: unknown) => {
      if (!(error instanceof ToolError) || error.reason !== 'action-not-found') throw error
      await catalog.refresh(connectionId, 0, signal)
      const current = await catalog.get(connectionId, selector, signal)
      const isSame = current.method === action.method && current.readOnly === action.readOnly
      if (current.id === action.id || !isSame) throw error
      allow?.(current)
      return run(current)
    })
    const answer = toToolOutput(reply.body, reply.status)
    const notices = unknownArgumentNotices(args, knownSchema(action, catalog))
    return notices.length === 0 ? answer : { ...answer, notices: [...(answer.notices ?? []), ...notices] }
  })
}

/** The live schema, or ours where a popular action has none. */
const knownSchema = (action: LiveAction, catalog: Catalog): ObjectSchema =>
  (catalog.builtIn().find(({ key }) => matchesSelector(action, key)) ?? action).schema.advertised
