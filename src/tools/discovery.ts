import * as z from 'zod'
import { type LiveAction, matchesSelector } from '../catalog/live-action.ts'
import { trimSchemaForListing } from '../catalog/trim-schema.ts'
import { riskOfAnyAction, targetOfAction } from '../kustomer/risk.ts'
import { singleLine } from '../text/quote.ts'
import { riskOfBuiltIn } from './action.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { resolveAction, runAction } from './run-action.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Finds any action of the connection by intent. */
export function searchActions({ connections, catalog }: ToolContext): Tool {
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

/** Runs any action of the connection by key or id. */
export function runAnyAction(context: ToolContext): Tool {
  return defineTool({
    name: 'run-action',
    group: 'discovery',
    title: 'Run Action',
    description: 'Runs an action that search-actions found. Where there is a tool of its name, use that.',
    input: z.object({
      action: z.string().min(1).describe('Key or id.'),
      input: z
        .looseObject({ id: z.string().optional() })
        .default({})
        .describe('Its arguments, as its inputSchema says.'),
    }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    async prepare({ action: selector, input: args }, signal) {
      const resolved = await resolveAction({ selector, args }, context, signal)
      const { action, input } = resolved
      const builtIn = context.catalog.builtIn().find(({ key }) => matchesSelector(action, key))
      const risk =
        builtIn === undefined
          ? riskOfAnyAction({ ...action, name: `${action.key ?? ''} ${action.name}` }, input)
          : riskOfBuiltIn(builtIn, resolved)
      return {
        risk,
        idempotencyKey:
          risk === 'read'
            ? undefined
            : builtIn === undefined
              ? idempotencyKeyOf('run-action', { action: action.id, input })
              : idempotencyKeyOf(builtIn.key, input),
        target: action.readOnly ? undefined : targetOfAction(action, input),
        actsAs: builtIn?.key,
        execute: (limit) => runAction({ ...resolved, write: risk !== 'read' }, context, limit),
      }
    },
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
