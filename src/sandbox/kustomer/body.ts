import actions from '../../catalog/actions.json' with { type: 'json' }
import { violations } from '../schema-check.ts'
import { badRequest, type Call } from './call.ts'
import { type Attributes, isRecord } from './resource.ts'

type Schema = Readonly<Record<string, unknown>>

/**
 * Takes the key of a catalogue action and returns the schema of the body that its endpoint accepts: the action's
 * input without what stands in the path.
 */
export function bodySchemaOf(key: string): Schema {
  const action = actions.find((one) => one.key === key)
  if (action === undefined) throw new Error(`The catalogue has no ${key}.`)
  const { properties, required, minProperties, ...rest } = action.inputSchema as Schema
  const inPath: readonly string[] = action.request.pathParams
  const isInBody = (name: string) => !inPath.includes(name)
  return {
    ...rest,
    properties: Object.fromEntries(Object.entries(properties as Schema).filter(([name]) => isInBody(name))),
    required: ((required ?? []) as string[]).filter(isInBody),
    minProperties: Math.max(0, Number(minProperties ?? 0) - inPath.length),
  }
}

/**
 * Takes a call and the schema of its body and returns the body. Throws 400 for no JSON object, a missing or wrong
 * field, an unknown field, or a custom attribute whose suffix names no type.
 */
export function readBody({ body, query }: Call, schema: Schema): Attributes {
  // It would replace the whole document; no agent should learn that it works.
  if (query.get('replace') === 'true') throw badRequest('replace=true is not simulated in the sandbox')
  if (!isRecord(body)) throw badRequest('The request body must be a JSON object')
  const [first] = violations(schema, body, { strict: true })
  if (first === undefined) return body
  const field = first.path.join('.')
  throw badRequest(field === '' ? first.message : `${field}: ${first.message}`, { field })
}

/** Takes names and returns the members of `body` that have them; a name that is absent stays absent. */
export const pick = (body: Attributes, names: readonly string[]): Attributes =>
  Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]))

/** Takes a record's attributes and a body that may have `custom`, and merges the latter, key by key. */
export function mergeCustom(attributes: Attributes, custom: unknown): void {
  if (!isRecord(custom)) return
  const before = isRecord(attributes['custom']) ? attributes['custom'] : {}
  attributes['custom'] = { ...before, ...custom }
}
