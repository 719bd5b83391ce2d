import type { BuiltInAction } from '../catalog/built-in.ts'
import type { Arguments } from '../catalog/coerce.ts'
import {
  hasDestructiveFlag,
  higherRisk,
  type RiskLevel,
  riskOfRequest,
  targetOfAction,
} from '../kustomer/risk.ts'
import { fieldsArgument, selectingFields, withFieldsProperty } from './fields-argument.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { type ResolvedAction, resolveAction, runAction } from './run-action.ts'
import type { PreparedCall, Tool, ToolContext } from './tool.ts'

/** Makes the tool of a built-in action. All of them share this handler and differ in data. */
export function actionTool(action: BuiltInAction, context: ToolContext): Tool {
  const { key, title, description, annotations, schema, listing, method, path, risk } = action
  // An action that takes a `fields` of its own keeps it.
  const selectsFields = risk === 'read' && !(fieldsArgument in schema.accepted.properties)
  const prepare: Tool['prepare'] = (args, signal) => prepareBuiltIn(action, args, context, signal)
  return {
    name: key,
    group: 'actions',
    title,
    description: withHiddenArguments(description, listing.hidden),
    inputSchema: selectsFields ? withFieldsProperty(listing.schema) : listing.schema,
    annotations,
    endpoint: { method, path, risk },
    prepare: selectsFields ? selectingFields(prepare) : prepare,
  }
}

async function prepareBuiltIn(
  builtIn: BuiltInAction,
  args: Arguments,
  context: ToolContext,
  signal: AbortSignal,
): Promise<PreparedCall> {
  const resolved = await resolveAction({ selector: builtIn.key, args }, context, signal)
  const risk = riskOfBuiltIn(builtIn, resolved)
  return {
    risk,
    idempotencyKey: risk === 'read' ? undefined : idempotencyKeyOf(builtIn.key, resolved.input),
    execute: (limit) => runAction({ ...resolved, write: risk !== 'read' }, context, limit),
  }
}

/** The risk of a built-in action with this input: never below what the live action's own request would do. */
export function riskOfBuiltIn(
  { risk, internalFields }: BuiltInAction,
  { action, input }: Pick<ResolvedAction, 'action' | 'input'>,
): RiskLevel {
  const declared = action.readOnly ? undefined : targetOfAction(action, input)
  const live = declared === undefined ? 'read' : riskOfRequest(declared, input)
  if (risk === 'read') return live
  if (hasDestructiveFlag(input)) return 'destructive'
  const changed = Object.keys(input).filter((name) => name !== 'id')
  const isInternal = internalFields !== undefined && changed.every((name) => internalFields.includes(name))
  if (isInternal && live !== 'destructive') return 'internal'
  return higherRisk(risk, live)
}

const maxNames = 20

/** Names the arguments that the listing leaves out: a model can use them or look their form up. */
function withHiddenArguments(description: string, names: readonly string[]): string {
  if (names.length === 0) return description
  const more = names.length > maxNames ? ' and more' : ''
  return `${description} Also takes ${names.slice(0, maxNames).join(', ')}${more}.`
}
