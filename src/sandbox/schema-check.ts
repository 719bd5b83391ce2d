import * as z from 'zod'
import { isObject, type Json } from '../json.ts'

export interface Violation {
  path: readonly PropertyKey[]
  message: string
}

const compiled = new WeakMap<object, z.ZodType>()

/** What is wrong with a value by a JSON schema, in zod's words. */
export function violations(schema: Json, value: unknown): Violation[] {
  const type = compiled.get(schema) ?? z.fromJSONSchema(schema)
  compiled.set(schema, type)
  const issues = type.safeParse(value).error?.issues ?? []
  return issues.map((issue) => {
    const inner = issue.code === 'invalid_union' ? issue.errors[0]?.[0] : undefined
    return { path: [...issue.path, ...(inner?.path ?? [])], message: inner?.message ?? issue.message }
  })
}

/**
 * Keeps of a schema in Membrane's dialect what Membrane enforces: types, enums and what is required. Its `$ref` names
 * a data schema of the app, and `allowCustom` makes an enum a suggestion.
 */
export function lenient(schema: unknown): Json {
  if (!isObject(schema)) return {}
  const { type, required, items, properties, enum: values, allowCustom } = schema
  return {
    ...(type === undefined ? {} : { type }),
    ...(required === undefined ? {} : { required }),
    ...(items === undefined ? {} : { items: lenient(items) }),
    ...(values === undefined || allowCustom === true ? {} : { enum: values }),
    ...(isObject(properties) ? { properties: mapValues(properties, lenient) } : {}),
  }
}

const mapValues = <T>(object: Json, map: (value: unknown) => T): Record<string, T> =>
  Object.fromEntries(Object.entries(object).map(([name, value]) => [name, map(value)]))
