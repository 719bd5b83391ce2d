import type { BuiltInAction } from '../catalog/built-in.ts'
import { fieldsArgument, selectingFields, withFieldsProperty } from './fields-argument.ts'
import { prepareAction } from './prepare-action.ts'
import type { Tool, ToolContext } from './tool.ts'

/** Makes the tool of a built-in action. All of them share this handler and differ in data. */
export function actionTool(action: BuiltInAction, context: ToolContext): Tool {
  const { key, title, description, annotations, searchHint, schema, listing, method, path, risk } = action
  // An action that takes a `fields` of its own keeps it.
  const selectsFields = risk === 'read' && !(fieldsArgument in schema.accepted.properties)
  const prepare: Tool['prepare'] = (args, signal) => prepareAction(key, args, context, signal)
  return {
    name: key,
    group: 'actions',
    title,
    description: withHiddenArguments(description, listing.hidden),
    inputSchema: selectsFields ? withFieldsProperty(listing.schema) : listing.schema,
    annotations,
    searchHint,
    endpoint: { method, path, risk },
    prepare: selectsFields ? selectingFields(prepare) : prepare,
  }
}

const maxNames = 20

/** Names the arguments that the listing leaves out: a model can use them or look their form up. */
function withHiddenArguments(description: string, names: readonly string[]): string {
  if (names.length === 0) return description
  const more = names.length > maxNames ? ' and more' : ''
  return `${description} Also takes ${names.slice(0, maxNames).join(', ')}${more}.`
}
