import type { BuiltInAction } from '../catalog/built-in.ts'
import { fieldsArgument, selectingFields, withFieldsProperty } from './fields-argument.ts'
import { handWrittenTools, type ToolOptions } from './hand-written.ts'
import { listings } from './listings.macro.ts'
import { prepareAction } from './prepare-action.ts'
import { withTagArguments } from './tag-changes.ts'
import type { Tool, ToolContext, ToolListing } from './tool.ts'

/** All tools, allowed or not, in their fixed order. */
export interface ToolRegistry {
  all(): readonly Tool[]
  get(name: string): Tool | undefined
}

/** Creates the registry. The tools of actions are made anew when the catalog has changed. */
export function createRegistry(context: ToolContext, options: ToolOptions): ToolRegistry {
  const handWritten = handWrittenTools(context, options).map((tool, index): Tool => {
    const listing = listings[options.proxy][index] as ToolListing
    return { ...listing, endpoint: tool.endpoint, prepare: tool.prepare }
  })
  let source: unknown
  let tools = new Map<string, Tool>()
  const current = () => {
    const actions = context.catalog.builtIn()
    if (actions !== source) {
      source = actions
      const all = [...actions.map((action) => actionTool(action, context)), ...handWritten]
      tools = new Map(all.map((tool) => [tool.name, tool]))
    }
    return tools
  }
  return { all: () => [...current().values()], get: (name) => current().get(name) }
}

/** Makes the tool of a built-in action. All of them share this handler and differ in data. */
export function actionTool(action: BuiltInAction, context: ToolContext): Tool {
  const {
    key,
    title,
    description,
    annotations,
    searchHint,
    schema,
    listing,
    method,
    path,
    risk,
    changesTags,
  } = action
  // An action that takes a `fields` of its own keeps it.
  const selectsFields = risk === 'read' && !(fieldsArgument in schema.accepted.properties)
  const listedSchema = selectsFields
    ? withFieldsProperty(listing.schema)
    : changesTags && 'tags' in schema.accepted.properties
      ? withTagArguments(listing.schema)
      : listing.schema
  const prepare: Tool['prepare'] = (args, signal) => prepareAction(key, args, context, signal)
  return {
    name: key,
    group: 'actions',
    title,
    description: withHiddenArguments(description, listing.hidden),
    inputSchema: listedSchema,
    annotations,
    searchHint,
    endpoint: { method, path, risk, changesTags },
    prepare: selectsFields ? selectingFields(prepare) : prepare,
  }
}

const maxNames = 10

/** Names the arguments that the listing leaves out: a model can use them or look their form up. */
function withHiddenArguments(description: string, names: readonly string[]): string {
  if (names.length === 0) return description
  const more = names.length > maxNames ? ' and more' : ''
  return `${description} Also takes ${names.slice(0, maxNames).join(', ')}${more}.`
}
