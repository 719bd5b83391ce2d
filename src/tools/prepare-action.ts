import { acceptArguments, rejectUnknownArguments, unknownArgumentNotices } from '../catalog/arguments.ts'
import type { BuiltInAction } from '../catalog/built-in.ts'
import { type Arguments, coerceArguments } from '../catalog/coerce.ts'
import { type LiveAction, matchesSelector } from '../catalog/live-action.ts'
import type { ObjectSchema } from '../catalog/schema.ts'
import { explainUpstream } from '../catalog/upstream-input.ts'
import { ToolError } from '../errors.ts'
import { readRecord, relatedId } from '../kustomer/json-api.ts'
import { fillPathParams } from '../kustomer/proxy-checks.ts'
import {
  hasDestructiveFlag,
  higherRisk,
  type RiskLevel,
  riskOfAnyAction,
  riskOfRequest,
  targetOfAction,
} from '../kustomer/risk.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { toToolOutput } from '../response/tool-output.ts'
import { classifyRequest } from './app-request.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { referencesOf, resolveReferences } from './resolve-references.ts'
import type { ResolvedArguments } from './resolved-arguments.ts'
import { changeTags, type TagChange, tagArguments, tagChanges, withTagArguments } from './tag-changes.ts'
import type { PreparedCall, ToolContext } from './tool.ts'

/** An action of a connection with its input, validated against the action's schema. */
interface ResolvedAction {
  connectionId: string
  /** The key or id that found it. */
  selector: string
  action: LiveAction
  /** The built-in action that it is, if any. */
  builtIn: BuiltInAction | undefined
  args: Arguments
  input: Arguments
  names: ResolvedArguments
  /** Sent after the action itself. */
  tagChanges: readonly TagChange[]
}

/** Resolves an action once, by key or id, and judges what running it with this input would do. */
export async function prepareAction(
  selector: string,
  args: Arguments,
  context: ToolContext,
  signal: AbortSignal,
): Promise<PreparedCall> {
  const resolved = await resolveAction(selector, args, context, signal)
  const { action, builtIn, input } = resolved
  const risk = riskOf(resolved)
  const keyInput = {
    ...input,
    ...Object.fromEntries(resolved.tagChanges.map(({ argument, request }) => [argument, request.body])),
  }
  return {
    risk,
    connectionId: resolved.connectionId,
    idempotencyKey: risk === 'read' ? undefined : idempotencyKeyOf(builtIn?.key ?? action.id, keyInput),
    target: action.readOnly ? undefined : targetOfAction(action, input),
    resolved: resolved.names.resolved,
    given: resolved.names.given,
    actionName: `${action.key ?? ''} ${action.name}`,
    actsAs: builtIn?.key,
    execute: (limit) => runAction(resolved, risk !== 'read', context, limit),
  }
}

function resolveAction(
  selector: string,
  args: Arguments,
  context: ToolContext,
  signal: AbortSignal,
): Promise<ResolvedAction> {
  const { connections, catalog } = context
  return connections.withConnection(signal, async (connectionId) => {
    const action = await catalog.get(connectionId, selector, signal)
    const builtIn = catalog.builtIn().find(({ key }) => matchesSelector(action, key))
    const { accepted } = action.schema
    // A live action without a schema takes what the built-in one lists.
    const isKnown = Object.keys(accepted.properties).length > 0 || builtIn === undefined
    const shape = isKnown ? accepted : builtIn.schema.advertised
    const changesTags = builtIn?.changesTags === true && 'tags' in shape.properties
    const [schema, known] = [accepted, shape].map((one) => (changesTags ? withTagArguments(one) : one)) as [
      ObjectSchema,
      ObjectSchema,
    ]
    const references = builtIn === undefined ? {} : referencesOf(builtIn, known)
    const accept = (given: Arguments) => {
      if (!action.readOnly) rejectUnknownArguments(given, schema)
      return acceptArguments(given, schema)
    }
    const names = await resolveReferences(args, references, context, signal, {
      coerce: (given) => coerceArguments(given, known),
      check: accept,
    })
    const all = accept(names.args)
    const changes =
      changesTags && builtIn !== undefined
        ? await tagChanges(builtIn.path, all, context, connectionId, signal)
        : []
    const own = Object.entries(all).filter(([name]) => !(changesTags && tagArguments.includes(name)))
    const input = Object.fromEntries(own)
    return { connectionId, selector, action, builtIn, args, input, names, tagChanges: changes }
  })
}

/** Never below what the live action's own request would do. */
function riskOf({ action, builtIn, input }: ResolvedAction): RiskLevel {
  if (builtIn === undefined)
    return riskOfAnyAction({ ...action, name: `${action.key ?? ''} ${action.name}` }, input)
  const declared = action.readOnly ? undefined : targetOfAction(action, input)
  const live = declared === undefined ? 'read' : riskOfRequest(declared, input)
  const { risk, internalFields } = builtIn
  if (risk === 'read') return live
  if (hasDestructiveFlag(input)) return 'destructive'
  const changed = Object.keys(input).filter((name) => name !== 'id')
  const isInternal = internalFields !== undefined && changed.every((name) => internalFields.includes(name))
  if (isInternal && live !== 'destructive') return 'internal'
  return higherRisk(risk, live)
}

/**
 * Runs a resolved action. An id that the service no longer knows is looked up anew: the action runs under its new id
 * when it makes the same request, since nothing was done under the old one.
 */
async function runAction(
  resolved: ResolvedAction,
  write: boolean,
  context: ToolContext,
  signal: AbortSignal,
): Promise<ToolOutput> {
  const { connectionId, selector, action, builtIn, args, tagChanges } = resolved
  const { membrane, connections, catalog } = context
  const schema = (builtIn ?? action).schema.advertised
  const isTagsAlone = tagChanges.length > 0 && Object.keys(resolved.input).every((name) => name === 'id')
  const output = await connections.use(async () => {
    const input = await withKeptMembers(builtIn, resolved, context, signal)
    const send = (actionId: string) =>
      membrane.runAction({ connectionId, actionId, input, write }, signal).catch((error: unknown) => {
        throw explainUpstream(error, args, schema)
      })
    const sendAgain = async (error: unknown) => {
      if (!(error instanceof ToolError) || error.reason !== 'action-not-found') throw error
      await catalog.refresh(connectionId, 0, signal)
      const current = await catalog.get(connectionId, selector, signal)
      if (current.id === action.id || !isSameRequest(current, action)) throw error
      return send(current.id)
    }
    const first = isTagsAlone ? undefined : toToolOutput(await send(action.id).catch(sendAgain))
    if (first !== undefined && tagChanges.length === 0) return first
    return changeTags(first, tagChanges, { membrane, connectionId }, signal)
  })
  const notices = unknownArgumentNotices(args, schema)
  return notices.length === 0 ? output : { ...output, notices: [...(output.notices ?? []), ...notices] }
}

const isSameRequest = (one: LiveAction, other: LiveAction) =>
  one.method === other.method &&
  one.path === other.path &&
  one.readOnly === other.readOnly &&
  JSON.stringify(one.schema.accepted) === JSON.stringify(other.schema.accepted)

/**
 * Adds to the input of an update what leaving out would remove, as it is in the record now, with the record's `rev` so
 * that a change in between is a conflict. Reads the record once, and only where the live schema has such a member that the
 * caller did not give.
 */
export async function withKeptMembers(
  builtIn: BuiltInAction | undefined,
  { connectionId, action, input }: { connectionId: string; action: LiveAction; input: Arguments },
  { membrane }: ToolContext,
  signal: AbortSignal,
): Promise<Arguments> {
  const { properties } = action.schema.accepted
  const missing = (builtIn?.keeps ?? []).filter(
    (name) => Object.hasOwn(properties, name) && !Object.hasOwn(input, name),
  )
  const id = input['id']
  if (builtIn === undefined || missing.length === 0 || typeof id !== 'string') return input
  const request = classifyRequest({ method: 'GET', ...fillPathParams({ id }, builtIn.path) })
  const record = readRecord((await membrane.request(connectionId, request, signal)).body)
  const kept = missing.flatMap((name) => {
    const related = relatedId(record, name)
    return related === undefined ? [] : [[name, related] as const]
  })
  if (kept.length === 0) return input
  const { rev } = record.attributes
  const hasRev = Object.hasOwn(properties, 'rev') && !Object.hasOwn(input, 'rev') && rev !== undefined
  return { ...input, ...Object.fromEntries(kept), ...(hasRev ? { rev } : {}) }
}
