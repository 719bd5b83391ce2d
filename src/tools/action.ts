import type { BuiltInAction } from '../catalog/built-in.ts'
import { withFieldsArgument } from './fields-argument.ts'
import type { Tool, ToolContext } from './tool.ts'

/**
 * Takes a popular action and returns its tool: all of them are one handler over their data, which is loaded at the
 * first call.
 */
export function actionTool(action: BuiltInAction, context: ToolContext): Tool {
  const { key, title, description, annotations, schema, listing } = action
  const handler = async () => (await import('./action-handler.ts')).actionHandler(action, context)
  const tool: Tool = {
    name: key,
    group: 'actions',
    title,
    description: withOmitted(description, listing.hidden),
    inputSchema: listing.schema,
    annotations,
    effect: async (...given) => (await handler()).effect(...given),
    identity: async (...given) => (await handler()).identity(...given),
    run: async (...given) => (await handler()).run(...given),
  }
  return withFieldsArgument(tool, schema.accepted)
}

const maxNames = 20

/** An agent that knows the name of an argument can use it, or look its form up. */
function withOmitted(description: string, names: readonly string[]): string {
  if (names.length === 0) return description
  const more = names.length > maxNames ? ' and more' : ''
  return `${description} Also takes ${names.slice(0, maxNames).join(', ')}${more}.`
}
