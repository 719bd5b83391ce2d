import { isObject, type Json } from '../json.ts'

/** JSON Schema, or Membrane's dialect of it. */
export type Schema = Json

const knownTypes = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array'])
/** Deeper than any real schema; bounds the recursion. */
const maxDepth = 32

export interface FlattenedSchema {
  /** The schema itself, its `allOf`, and an alternative that is the only one. */
  base: Schema
  /** Alternatives of which one holds, without null. */
  alternatives: readonly Schema[]
}

/** Folds `allOf`, `anyOf` and `oneOf` into a base and its alternatives. */
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

/** The declared or implied types without null; none when the schema says nothing. */
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

/** Of a type outside JSON Schema it is unknown what it accepts. */
export const namesUnknownType = ({ type }: Schema): boolean =>
  listOf(type).some((name) => name !== 'null' && !(typeof name === 'string' && knownTypes.has(name)))

/** Without null. `const` is an enum of one. */
export const valuesOf = (schema: Schema): unknown[] =>
  ('const' in schema ? [schema['const']] : listOf(schema['enum'])).filter((value) => value !== null)

/** Undefined unless all values are text. */
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

/** `nullable` alone adds null to whatever else there is. */
function isNull(schema: unknown): boolean {
  if (!isObject(schema) || !isNullable({ ...schema, nullable: false })) return false
  return listOf(schema['type']).every((type) => type === 'null') && valuesOf(schema).length === 0
}

export const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]
