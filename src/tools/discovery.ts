import * as z from 'zod'
import type { LiveAction } from '../catalog/live-action.ts'
import { unmatchedWords } from '../catalog/rank-actions.ts'
import { trimSchemaForListing } from '../catalog/trim-schema.ts'
import { ToolError } from '../errors.ts'
import { isObject, parseJson } from '../json.ts'
import { quoteUntrusted, singleLine } from '../text/quote.ts'
import { prepareAction } from './prepare-action.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Finds any action of the connection by intent. */
export function searchActions({ connections, catalog }: ToolContext): Tool {
  return defineTool({
    name: 'search-actions',
    group: 'discovery',
    title: 'Search Actions',
    description:
      'Finds further actions, such as to delete a note, to run with run-action. The best match has its whole inputSchema.',
    input: () =>
      z.object({
        intent: z.string().min(1),
        limit: z.number().int().min(1).max(50).default(10),
      }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run({ intent, limit }, signal) {
      const actions = await connections.withConnection(signal, (connectionId) =>
        catalog.find(connectionId, intent, limit, signal),
      )
      return {
        data: actions.map((action, index) => summarise(action, index === 0)),
        exact: true,
        notices: searchNotices(actions, intent),
      }
    },
  })
}

function searchNotices(actions: readonly LiveAction[], intent: string): string[] {
  const other = 'Try other words, or use proxy_request with the API path.'
  if (actions.length === 0) return [`None of the actions fits. ${other}`]
  const [word] = unmatchedWords(actions, intent)
  return word === undefined
    ? []
    : [
        `None of these actions mentions ${quoteUntrusted(word, 40)}: they fit the rest of the intent. ${other}`,
      ]
}

/** Runs any action of the connection by key or id. */
export function runAnyAction(context: ToolContext): Tool {
  return defineTool({
    name: 'run-action',
    group: 'discovery',
    title: 'Run Action',
    description: 'Runs an action that search-actions found. Where there is a tool of its name, use that.',
    input: () =>
      z.object({
        action: z.string().min(1).describe('Key or id.'),
        input: z.looseObject({ id: z.string().optional() }).optional().describe('As its inputSchema says.'),
        inputText: z.string().optional().describe('The same as JSON text.'),
      }),
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
    prepare: ({ action, input, inputText }, signal) =>
      prepareAction(action, input ?? parseInput(inputText), context, signal),
  })
}

/** Some clients read an object without listed members as closed: they can send text alone. */
function parseInput(text = '{}'): Record<string, unknown> {
  const parsed = parseJson(text)
  if (isObject(parsed)) return parsed
  throw new ToolError('invalid-input', '`inputText`: takes a JSON object as text.')
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
