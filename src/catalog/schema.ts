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

/** The root of a tool's input schema, as every model API accepts it. */
export interface ObjectSchema {
  type: 'object'
  properties: Record<string, JsonSchema>
  required?: string[]
  [keyword: string]: unknown
}

/** One schema in its two uses. They differ only where a value may be of several types or null. */
export interface NormalSchema {
  /** What a model reads: one type for each property and nothing that any model API refuses. */
  advertised: ObjectSchema
  /** What arguments are checked against: never narrower than the schema it was made from. */
  accepted: ObjectSchema
}

const maxDepth = 6
/** A number with a wider range than this is a count, not a scale. */
const maxRange = 20
const propertyName = /^[a-zA-Z0-9_-]{1,64}$/
/**
 * Normalises an input schema of any source (JSON Schema, Membrane's dialect of it, or nothing) to the subset that all model
 * APIs accept: an object at the root, one type a property, no references, no combinators, no vendor keywords.
 * Descriptions, enums and defaults stay. Text is cleaned; names and values with hidden characters or credentials in them
 * are left out.
 */
export function normaliseSchema(source: unknown): NormalSchema {
  const { base, alternatives } = flattenSchema(source)
  const advertised = members(withAlternatives(base, alternatives), advertise, isAdvertisable, 0)
  const accepted = { ...members(base, accept, isCheckable, 0), ...closed(base, alternatives) }
  return {
    advertised: { type: 'object', properties: {}, ...advertised },
    accepted: { type: 'object', properties: {}, ...accepted },
  }
}

type Walk = (source: unknown, depth: number) => JsonSchema

/** Some model APIs refuse an object without a property. */
const freeMember = { example: { type: 'string', description: 'Any member, by its name.' } }

/** What a model reads of one value. A value of several types or of none is shown as one, and described in words. */
function advertise(source: unknown, depth: number): JsonSchema {
  const { base, alternatives } = flattenSchema(source)
  const schema = withAlternatives(base, alternatives)
  const types = typesOf(base).length > 0 ? typesOf(base) : [...new Set(alternatives.flatMap(typesOf))]
  const type = types[0] ?? 'string'
  const shownMembers =
    type === 'object' && depth < maxDepth ? members(schema, advertise, isAdvertisable, depth) : {}
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

/** What one value is checked against: its type where that is certain and one, anything elsewhere. */
function accept(source: unknown, depth: number): JsonSchema {
  const { base, alternatives } = flattenSchema(source)
  const types = typesOf(base)
  const [type] = types
  if (type === undefined || types.length > 1 || depth > maxDepth || namesUnknownType(base)) return {}
  const tuple = Array.isArray(base['items']) || 'prefixItems' in base
  const one = {
    type,
    ...(type === 'object'
      ? { ...members(base, accept, isCheckable, depth), ...closed(base, alternatives) }
      : {}),
    ...(type === 'array' ? { items: tuple ? {} : accept(base['items'], depth + 1) } : {}),
    ...(isChoice(base, types) && textValues(base)?.every(isClean) ? { enum: textValues(base) } : {}),
    ...(type === 'integer' || type === 'number' ? bounds(base) : {}),
    ...(type === 'string' ? textForm(base) : {}),
  }
  return isNullable(base) ? { anyOf: [one, { type: 'null' }] } : one
}

/** How a text is coerced: what has a format or a pattern is trimmed, JSON text may come as the object itself. */
function textForm({ format, pattern, description, example, examples }: Schema): JsonSchema {
  const shown = example ?? listOf(examples)[0]
  const isJson =
    (typeof shown === 'string' && /^\s*[{[]/.test(shown)) || /\bJSON\b/.test(String(description ?? ''))
  return {
    ...(format !== undefined || pattern !== undefined ? { 'x-trim': true } : {}),
    ...(isJson ? { contentMediaType: 'application/json' } : {}),
  }
}

function members(schema: Schema, walk: Walk, isKept: (name: string) => boolean, depth: number) {
  const all = isObject(schema['properties']) ? schema['properties'] : {}
  const kept = Object.entries(all).filter(([name, property]) => isKept(name) && !isReadOnly(property))
  const properties = Object.fromEntries(kept.map(([name, property]) => [name, walk(property, depth + 1)]))
  const required = [...new Set(listOf(schema['required']))].filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(properties, name),
  )
  return { ...(kept.length > 0 ? { properties } : {}), ...(required.length > 0 ? { required } : {}) }
}

/** To a model, the members of every alternative are members that it may use. */
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

/** That a count or a page is not negative is what any reader assumes. */
function tellingBounds(schema: Schema) {
  const { minimum, maximum = Number.POSITIVE_INFINITY } = bounds(schema)
  return {
    ...(minimum === undefined || (minimum >= 0 && minimum <= 1 && maximum > maxRange) ? {} : { minimum }),
    ...(maximum === Number.POSITIVE_INFINITY ? {} : { maximum }),
  }
}

/** Kept in what is accepted alone: unknown members of a closed schema are refused on writes. */
const closed = ({ additionalProperties, properties }: Schema, alternatives: readonly Schema[]): JsonSchema =>
  additionalProperties === false &&
  alternatives.length === 0 &&
  Object.keys(isObject(properties) ? properties : {}).every(isClean)
    ? { additionalProperties: false }
    : {}

/** Whether every model API takes the name of a property, and nothing hides in it. */
export const isAdvertisable = (name: string) =>
  propertyName.test(name) && name !== '__proto__' && isClean(name)
/** A member that every object inherits would be read from there where it is not sent. */
const isCheckable = (name: string) => !(name in Object.prototype) && isClean(name)
const isReadOnly = (schema: unknown) => isObject(schema) && schema['readOnly'] === true
const itemOf = ({ items, prefixItems }: Schema) => listOf(prefixItems)[0] ?? listOf(items)[0]
