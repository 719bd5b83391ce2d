import actions from '../../catalog/actions.json' with { type: 'json' }
import { isObject, type Json } from '../../json.ts'
import { type Attributes, recordOf } from './values.ts'

/** The schema of the body of a catalogue action: its input without the path parameters, closed also in `custom`. */
export function bodySchemaOf(key: string): Json {
  const action = actions.find((other) => other.key === key)
  if (action === undefined) throw new Error(`The catalogue has no ${key}.`)
  const { properties, required, minProperties, ...rest } = action.inputSchema as Json
  const inPath: readonly string[] = action.request.pathParams
  const isInBody = (name: string) => !inPath.includes(name)
  const own = Object.entries(recordOf(properties)).filter(([name]) => isInBody(name))
  const closed = own.map(([name, schema]) => [
    name,
    name === 'custom' ? { ...recordOf(schema), additionalProperties: false } : schema,
  ])
  return {
    ...rest,
    properties: Object.fromEntries(closed),
    required: ((required ?? []) as string[]).filter(isInBody),
    minProperties: Math.max(0, Number(minProperties ?? 0) - inPath.length),
  }
}

/** The members of a body with these names that are present. */
export const pick = (body: Attributes, names: readonly string[]): Attributes =>
  Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]))

/** Merges custom attributes into those of a record, name by name. */
export function mergeCustom(attributes: Attributes, custom: unknown): void {
  if (isObject(custom)) attributes['custom'] = { ...recordOf(attributes['custom']), ...custom }
}
