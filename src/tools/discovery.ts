import * as z from 'zod'
import { coerceArguments } from '../catalog/arguments.ts'
import { type LiveAction, matchesSelector } from '../catalog/live-action.ts'
import { trimSchemaForListing } from '../catalog/trim-schema.ts'
import { ToolError } from '../errors.ts'
import { riskOfAnyAction, targetOfAction } from '../kustomer/risk.ts'
import { singleLine } from '../text/text.ts'
import { actionTool } from './action.ts'
import { runAction } from './action-handler.ts'
import { refuseClosedWrite } from './closed-writes.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Returns the tools that reach every action of the connection beyond the popular ones. */
export function discoveryTools(context: ToolContext): Tool[] {
  return [searchActions(context), runAnyAction(context)]
}

function searchActions({ connections, catalog }: ToolContext): Tool {
  return defineTool({
    name: 'search-actions',
    group: 'discovery',
    title: 'Search Actions',
    description:
      'Finds actions by what they should do, beyond the tools here, to run with run-action. The best match comes with its whole inputSchema, that of a tool here too.',
    input: z.object({
      intent: z.string().min(1).describe('Such as "delete a note".'),
      limit: z.number().int().min(1).max(50).default(10),
    }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run({ intent, limit }, signal) {
      const actions = await connections.withConnection(signal, (connectionId) =>
        catalog.find(connectionId, intent, limit, signal),
      )
      const none = 'No action fits. Try other words, or use proxy_request with the API path.'
      return {
        data: actions.map((action, index) => summarise(action, index === 0)),
        exact: true,
        ...(actions.length === 0 ? { notices: [none] } : {}),
      }
    },
  })
}

function runAnyAction(context: ToolContext): Tool {
  /** A popular action that may not be used as a tool may not be used by this way either. */
  const allow = (found: LiveAction, input: object) => {
    const popular = popularOf(found)
    const why = popular && context.refusal(actionTool(popular, context))
    if (why) throw new ToolError('refused-by-policy', `The action ${popular.key} ${why}.`)
    const target = targetOfAction(found, input)
    if (target !== undefined && !found.readOnly) refuseClosedWrite(target, context)
  }
  const popularOf = (found: LiveAction) =>
    context.catalog.builtIn().find(({ key }) => matchesSelector(found, key))
  const resolve = async ({ action, input }: { action: string; input: object }, signal: AbortSignal) => {
    const found = await context.connections.withConnection(signal, (id) =>
      context.catalog.get(id, action, signal),
    )
    return { found, input: coerceArguments({ ...input }, found.schema.accepted) }
  }
  return defineTool({
    name: 'run-action',
    group: 'discovery',
    title: 'Run Action',
    description: 'Runs an action that search-actions found. Where there is a tool of its name, use that.',
    input: z.object({
      action: z.string().min(1).describe('Key or id.'),
      input: z.looseObject({}).default({}).describe('Its arguments, as its inputSchema says.'),
    }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    async effect(given, signal) {
      const { found, input } = await resolve(given, signal)
      allow(found, input)
      return riskOfAnyAction({ ...found, name: `${found.key ?? ''} ${found.name}` }, input)
    },
    async identity(given, signal) {
      const { found, input } = await resolve(given, signal)
      const popular = popularOf(found)
      return popular === undefined
        ? { tool: 'run-action', args: { action: found.id, input } }
        : { tool: popular.key, args: input }
    },
    run: ({ action, input }, signal) =>
      runAction({ selector: action, args: input, allow: (found) => allow(found, input) }, context, signal),
  })
}

/** The best match with its whole schema, the others with what a tool list would show of it. */
function summarise({ id, key, name, description, ready, schema }: LiveAction, whole: boolean) {
  const listing = whole ? { schema: schema.advertised, hidden: [] } : trimSchemaForListing(schema.advertised)
  return {
    ...(key === undefined ? {} : { key }),
    id,
    name: singleLine(name, 120),
    description: singleLine(description, 400),
    ...(ready ? {} : { state: 'BUILDING' }),
    inputSchema: listing.schema,
    ...(listing.hidden.length > 0 ? { alsoTakes: listing.hidden } : {}),
  }
}
