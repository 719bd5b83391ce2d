import { isObject, type Json } from '../json.ts'

/** A schema as some source wrote it: JSON Schema, or Membrane's dialect of it. */
export type Schema = Json

const knownTypes = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array'])
/** Deeper than any schema a person writes; a document may nest until the stack ends. */
const maxDepth = 32

export interface FlattenedSchema {
  /** What holds in any case: the schema itself, every part of its `allOf`, and an alternative that is the only one. */
  base: Schema
  /** Several alternatives to null and each other, of which one holds. */
  alternatives: readonly Schema[]
}

/** Takes a schema of any kind and returns what it says, with what it says elsewhere folded in. */
export function flattenSchema(source: unknown, depth = 0): FlattenedSchema {
  if (!isObject(source) || depth > maxDepth) return { base: {}, alternatives: [] }
  const { allOf, anyOf, oneOf, ...own } = source
  const branches = [...listOf(anyOf), ...listOf(oneOf)]
  const options = branches
    .filter((branch) => !isNull(branch))
    .map((branch) => flattenSchema(branch, depth + 1))
  const [only] = options.length === 1 ? options : []
  const parts = [
    ...listOf(allOf).map((part) => flattenSchema(part, depth + 1)),
    ...(only === undefined ? [] : [only]),
  ]
  const layers = [...parts.map(({ base }) => base), own]
  const properties = Object.assign({}, ...layers.map((layer) => layer['properties']))
  const base = {
    ...Object.assign({}, ...layers),
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    required: layers.flatMap((layer) => listOf(layer['required'])),
    ...(layers.some(isNullable) || branches.some(isNull) ? { nullable: true } : {}),
  }
  const alternatives = only === undefined ? options.map((option) => option.base) : []
  return { base, alternatives: [...alternatives, ...parts.flatMap((part) => part.alternatives)] }
}

/** The types a schema names or shows, without null; none where it says nothing. */
export function typesOf(schema: Schema): string[] {
  const types = [...new Set(listOf(schema['type']))].filter(
    (type): type is string => typeof type === 'string' && knownTypes.has(type),
  )
  if (types.length === 2 && types.includes('integer') && types.includes('number')) return ['number']
  if (types.length > 0) return types
  if (isObject(schema['properties'])) return ['object']
  if ('items' in schema) return ['array']
  return textValues(schema) === undefined ? [] : ['string']
}

/** Whether a type is named that is none of JSON Schema's: what it accepts is not known. */
export const namesUnknownType = ({ type }: Schema): boolean =>
  listOf(type).some((name) => name !== 'null' && !(typeof name === 'string' && knownTypes.has(name)))

/** The values of an enum without null; `const` is an enum of one. */
export const valuesOf = (schema: Schema): unknown[] =>
  ('const' in schema ? [schema['const']] : listOf(schema['enum'])).filter((value) => value !== null)

/** The values of an enum when there are any and all are text. */
export function textValues(schema: Schema): string[] | undefined {
  const values = valuesOf(schema)
  return values.length > 0 && values.every((value) => typeof value === 'string')
    ? [...new Set(values)]
    : undefined
}

export function isNullable({ nullable, type, enum: values, ...others }: Schema): boolean {
  return (
    nullable === true ||
    listOf(type).includes('null') ||
    listOf(values).includes(null) ||
    ('const' in others && others['const'] === null)
  )
}

/** Whether null is all it accepts; `nullable` alone adds null to whatever else there is. */
function isNull(schema: unknown): boolean {
  if (!isObject(schema) || !isNullable({ ...schema, nullable: false })) return false
  return listOf(schema['type']).every((type) => type === 'null') && valuesOf(schema).length === 0
}

export const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]
