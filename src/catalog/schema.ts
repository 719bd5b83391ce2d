import { isObject } from '../json.ts'
import { isClean } from '../text/quote.ts'
import { describe, isChoice } from './describe-schema.ts'
import {
  flattenSchema,
  isNullable,
  listOf,
  namesUnknownType,
  type Schema,
  textValues,
  typesOf,
} from './flatten-schema.ts'

export type JsonSchema = Readonly<Record<string, unknown>>

/** Root of a tool's input schema. */
export interface ObjectSchema {
  type: 'object'
  properties: Record<string, JsonSchema>
  required?: string[]
  [keyword: string]: unknown
}

/** The two differ only where a value may be of several types or null. */
export interface NormalSchema {
  /** What a model reads: one type a property, and nothing that any model API refuses. */
  advertised: ObjectSchema
  /** What arguments are checked against: never narrower than the source. */
  readonly accepted: ObjectSchema
}

const maxDepth = 6
/** A number with a wider range is a count, not a scale. */
const maxRange = 20
const propertyName = /^[a-zA-Z0-9_-]{1,64}$/
/**
 * Normalises an input schema to the subset that all model APIs accept. Text is cleaned; names and values with hidden
 * characters or credentials are left out.
 */
export function normaliseSchema(source: unknown): NormalSchema {
  const { base, alternatives } = flattenSchema(source)
  const advertised = members(withAlternatives(base, alternatives), asAdvertised, 0)
  return {
    advertised: { type: 'object', properties: {}, ...advertised },
    // Made once, at the first call that needs it: listing the tools does not.
    get accepted() {
      const own = { ...members(base, asAccepted, 0), ...closed(base, alternatives) }
      const value: ObjectSchema = { type: 'object', properties: {}, ...own }
      Object.defineProperty(this, 'accepted', { value, enumerable: true })
      return value
    },
  }
}

/** How the members of an object are normalised for one of the two uses. */
interface Use {
  normalise: (source: unknown, depth: number) => JsonSchema
  isKept: (name: string) => boolean
}

/** Gemini refuses an object without properties. */
export const freeMember = { example: { type: 'string', description: 'Any member, by its name.' } }

/** A value of several types is listed as one of them and described in words. */
function advertise(source: unknown, depth: number): JsonSchema {
  const { base, alternatives } = flattenSchema(source)
  const schema = withAlternatives(base, alternatives)
  const types = typesOf(base).length > 0 ? typesOf(base) : [...new Set(alternatives.flatMap(typesOf))]
  const type = types[0] ?? 'string'
  const shownMembers = type === 'object' && depth < maxDepth ? members(schema, asAdvertised, depth) : {}
  const isFree = type === 'object' && !('properties' in shownMembers)
  const description = describe(schema, types) || (isFree ? 'A JSON object.' : '')
  const values = isChoice(schema, types)
    ? (textValues(schema) ?? []).filter((value) => value !== '' && isClean(value))
    : []
  const { default: fallback } = schema
  const isPlain =
    typeof fallback === 'string' ? isClean(fallback) : /^(number|boolean)$/.test(typeof fallback)
  return {
    type,
    ...(isFree ? { properties: freeMember } : shownMembers),
    ...(type === 'array'
      ? { items: depth < maxDepth ? advertise(itemOf(schema), depth + 1) : { type: 'string' } }
      : {}),
    ...(values.length > 0 ? { enum: values } : {}),
    ...(type === 'integer' || type === 'number' ? tellingBounds(schema) : {}),
    ...(description === '' ? {} : { description }),
    ...(isPlain ? { default: fallback } : {}),
  }
}

/** Anything passes where the type is not certain or not one. */
function accept(source: unknown, depth: number): JsonSchema {
  const { base, alternatives } = flattenSchema(source)
  const types = typesOf(base)
  const [type] = types
  if (type === undefined || types.length > 1 || depth > maxDepth || namesUnknownType(base)) return {}
  const tuple = Array.isArray(base['items']) || 'prefixItems' in base
  const one = {
    type,
    ...(type === 'object' ? { ...members(base, asAccepted, depth), ...closed(base, alternatives) } : {}),
    ...(type === 'array' ? { items: tuple ? {} : accept(base['items'], depth + 1) } : {}),
    ...(isChoice(base, types) && textValues(base)?.every(isClean) ? { enum: textValues(base) } : {}),
    ...(type === 'integer' || type === 'number' ? bounds(base) : {}),
    ...(type === 'string' ? textForm(base) : {}),
  }
  return isNullable(base) ? { anyOf: [one, { type: 'null' }] } : one
}

/**
 * Trims text with a format or a pattern, and refuses an empty text that the source refuses. JSON text may come as the
 * object itself.
 */
function textForm({ format, pattern, minLength, description, example, examples }: Schema): JsonSchema {
  const shown = example ?? listOf(examples)[0]
  const isJson =
    (typeof shown === 'string' && /^\s*[{[]/.test(shown)) || /\bJSON\b/.test(String(description ?? ''))
  return {
    ...(format !== undefined || pattern !== undefined ? { 'x-trim': true } : {}),
    ...(Number(minLength) > 0 || refusesEmpty(pattern) ? { minLength: 1 } : {}),
    ...(isJson ? { contentMediaType: 'application/json' } : {}),
  }
}

function refusesEmpty(pattern: unknown): boolean {
  if (typeof pattern !== 'string') return false
  try {
    return !new RegExp(pattern, 'u').test('')
  } catch {
    return false
  }
}

function members(schema: Schema, { normalise, isKept }: Use, depth: number) {
  const all = isObject(schema['properties']) ? schema['properties'] : {}
  const kept = Object.entries(all).filter(([name, property]) => isKept(name) && !isReadOnly(property))
  const properties = Object.fromEntries(
    kept.map(([name, property]) => [name, normalise(property, depth + 1)]),
  )
  const required = [...new Set(listOf(schema['required']))].filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(properties, name),
  )
  return { ...(kept.length > 0 ? { properties } : {}), ...(required.length > 0 ? { required } : {}) }
}

/** A model may use the members of every alternative. */
function withAlternatives(certain: Schema, possible: readonly Schema[]): Schema {
  const properties = Object.assign({}, ...possible.map((part) => part['properties']), certain['properties'])
  return Object.keys(properties).length > 0
    ? { ...Object.assign({}, ...possible), ...certain, properties }
    : { ...possible[0], ...certain }
}

const bounds = (schema: Schema): { minimum?: number; maximum?: number } =>
  Object.fromEntries(
    ['minimum', 'maximum'].flatMap((keyword) => {
      const bound = schema[keyword]
      return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? [[keyword, bound]] : []
    }),
  )

/** Omits the minimum of a count or a page, which any reader assumes. */
function tellingBounds(schema: Schema) {
  const { minimum, maximum = Number.POSITIVE_INFINITY } = bounds(schema)
  return {
    ...(minimum === undefined || (minimum >= 0 && minimum <= 1 && maximum > maxRange) ? {} : { minimum }),
    ...(maximum === Number.POSITIVE_INFINITY ? {} : { maximum }),
  }
}

/** Unknown members of a closed schema are refused on writes. */
const closed = ({ additionalProperties, properties }: Schema, alternatives: readonly Schema[]): JsonSchema =>
  additionalProperties === false &&
  alternatives.length === 0 &&
  Object.keys(isObject(properties) ? properties : {}).every(isClean)
    ? { additionalProperties: false }
    : {}

/** Whether every model API takes the name, and nothing hides in it. */
export const isAdvertisable = (name: string) =>
  propertyName.test(name) && name !== '__proto__' && isClean(name)
/** Names that every object inherits cannot be told from absent ones. */
const isCheckable = (name: string) => !(name in Object.prototype) && isClean(name)
const asAdvertised: Use = { normalise: advertise, isKept: isAdvertisable }
const asAccepted: Use = { normalise: accept, isKept: isCheckable }
const isReadOnly = (schema: unknown) => isObject(schema) && schema['readOnly'] === true
const itemOf = ({ items, prefixItems }: Schema) => listOf(prefixItems)[0] ?? listOf(items)[0]
