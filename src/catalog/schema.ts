import { clean } from '../text.ts'

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

type Mode = keyof NormalSchema
type Schema = Record<string, unknown>

const maxDepth = 6
const maxEnum = 100
const maxDescription = 400
const propertyName = /^[a-zA-Z0-9_-]{1,64}$/
const scalarTypes = new Set(['string', 'number', 'integer', 'boolean'])
const knownTypes = new Set([...scalarTypes, 'object', 'array'])
const formatHints: Readonly<Record<string, string>> = {
  'date-time': 'ISO 8601 date-time.',
  date: 'ISO 8601 date.',
  uri: 'A URL.',
  email: 'An email address.',
}

/**
 * Takes an input schema of any source (JSON Schema, Membrane's dialect of it, or nothing) and returns it in the
 * subset that all model APIs accept: an object at the root, one type a property, no references, no combinators, no
 * keywords of a vendor's own. Descriptions, enums and defaults stay. Pure; throws nothing.
 */
export function normaliseSchema(source: unknown): NormalSchema {
  return { advertised: root(source, 'advertised'), accepted: root(source, 'accepted') }
}

function root(source: unknown, mode: Mode): ObjectSchema {
  const { properties, required } = objectParts(merged(source), mode, 0)
  return { type: 'object', properties: properties ?? {}, ...(required.length > 0 ? { required } : {}) }
}

function node(source: unknown, mode: Mode, depth: number): JsonSchema {
  const schema = merged(source)
  const types = typesOf(schema)
  const description = describe(schema, types)
  const [first] = types
  if (mode === 'accepted') {
    if (types.length !== 1 || first === undefined) return {}
    const one = typed(schema, first, mode, depth)
    return isNullable(schema) ? { anyOf: [one, { type: 'null' }] } : one
  }
  const shown = typed(schema, first ?? 'string', mode, depth)
  const { default: fallback } = schema
  const isPlain = ['string', 'number', 'boolean'].includes(typeof fallback)
  return { ...shown, ...(description ? { description } : {}), ...(isPlain ? { default: fallback } : {}) }
}

function typed(schema: Schema, type: string, mode: Mode, depth: number): JsonSchema {
  if (type === 'object') {
    const { properties, required } = depth < maxDepth ? objectParts(schema, mode, depth) : { required: [] }
    return { type, ...(properties ? { properties } : {}), ...(required.length > 0 ? { required } : {}) }
  }
  if (type === 'array') {
    const items = Array.isArray(schema['items']) ? schema['items'][0] : schema['items']
    return {
      type,
      items: depth < maxDepth ? node(items, mode, depth + 1) : mode === 'accepted' ? {} : { type: 'string' },
    }
  }
  const values = enumOf(schema)
  const strict =
    type === 'string' && values !== undefined && schema['allowCustom'] !== true && values.length <= maxEnum
  return { type, ...(strict ? { enum: values } : {}), ...(type === 'string' ? {} : bounds(schema)) }
}

function objectParts(schema: Schema, mode: Mode, depth: number) {
  const all = isSchema(schema['properties']) ? schema['properties'] : {}
  const usable = Object.entries(all).filter(
    ([name, property]) =>
      !isReadOnly(property) && name !== '__proto__' && (mode === 'accepted' || propertyName.test(name)),
  )
  const properties = Object.fromEntries(
    usable.map(([name, property]) => [name, node(property, mode, depth + 1)]),
  )
  const listed = Array.isArray(schema['required']) ? schema['required'] : []
  const required = [...new Set(listed)].filter(
    (name): name is string => typeof name === 'string' && Object.hasOwn(properties, name),
  )
  return { ...(usable.length > 0 ? { properties } : {}), required }
}

/** Folds `allOf` and a single alternative into the schema; alternatives at an object's root add their properties. */
function merged(source: unknown): Schema {
  if (!isSchema(source)) return {}
  const { allOf, anyOf, oneOf, ...own } = source
  const branches = alternatives(anyOf, oneOf)
  const [only] = branches
  const parts = [
    ...listOf(allOf),
    ...(branches.length === 1 ? [only] : branches.every(isObjectSchema) ? branches : []),
  ].map(merged)
  if (parts.length === 0) return source
  const optional = branches.length > 1
  const properties = Object.assign({}, ...parts.map(({ properties }) => properties), own['properties'])
  const required = [own, ...(optional ? parts.slice(0, listOf(allOf).length) : parts)].flatMap(
    ({ required }) => listOf(required),
  )
  return {
    ...Object.assign({}, ...parts),
    ...own,
    ...(Object.keys(properties).length > 0 ? { properties } : {}),
    ...(required.length > 0 ? { required } : { required: [] }),
    ...(isNullable(source) ? { nullable: true } : {}),
  }
}

function typesOf(schema: Schema): string[] {
  const branches = alternatives(schema['anyOf'], schema['oneOf'])
  const declared =
    branches.length > 0 ? branches.flatMap((branch) => typesOf(merged(branch))) : listOf(schema['type'])
  const types = [...new Set(declared)].filter(
    (type): type is string => typeof type === 'string' && knownTypes.has(type),
  )
  if (types.length === 2 && types.includes('integer') && types.includes('number')) return ['number']
  if (types.length > 0) return types
  if (isSchema(schema['properties'])) return ['object']
  if ('items' in schema) return ['array']
  return enumOf(schema) === undefined ? [] : ['string']
}

/** The enum as strings, or undefined when there is none or it holds anything else. `const` is an enum of one. */
function enumOf(schema: Schema): string[] | undefined {
  const values =
    'const' in schema ? [schema['const']] : listOf(schema['enum']).filter((value) => value !== null)
  return values.length > 0 && values.every((value) => typeof value === 'string') ? values : undefined
}

function describe(schema: Schema, types: readonly string[]): string {
  const own = typeof schema['description'] === 'string' ? clean(schema['description']).trim() : ''
  const values = listOf(schema['enum']).map(String)
  const [type] = types
  const shownAsEnum =
    type === 'string' && types.length === 1 && schema['allowCustom'] !== true && values.length <= maxEnum
  const hints = [
    values.length > 0 && !shownAsEnum
      ? `${schema['allowCustom'] === true ? 'For example' : 'One of'}: ${values.slice(0, 20).join(', ')}.`
      : '',
    own.length > 0 && /\b(ISO|URL|link|email|address|date|when|instant)\b/i.test(own)
      ? ''
      : (formatHints[String(schema['format'])] ?? ''),
    types.length === 0 ? 'Any JSON value.' : types.length > 1 ? `May be ${types.join(' or ')}.` : '',
  ]
  const text = [own, ...hints].filter((part) => part !== '').join(' ')
  return text.length > maxDescription ? `${text.slice(0, maxDescription - 1)}…` : text
}

const bounds = (schema: Schema) =>
  Object.fromEntries(
    ['minimum', 'maximum'].flatMap((keyword) => {
      const bound = schema[keyword]
      return typeof bound === 'number' && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? [[keyword, bound]] : []
    }),
  )

const alternatives = (anyOf: unknown, oneOf: unknown) =>
  [...listOf(anyOf), ...listOf(oneOf)].filter((branch) => !(isSchema(branch) && branch['type'] === 'null'))

const isNullable = (schema: Schema) =>
  schema['nullable'] === true ||
  listOf(schema['type']).includes('null') ||
  listOf(schema['enum']).includes(null) ||
  [...listOf(schema['anyOf']), ...listOf(schema['oneOf'])].some(
    (branch) => isSchema(branch) && branch['type'] === 'null',
  )

const isObjectSchema = (schema: unknown) =>
  isSchema(schema) && (schema['type'] === 'object' || isSchema(schema['properties']))
const isReadOnly = (schema: unknown) => isSchema(schema) && schema['readOnly'] === true
const listOf = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value]
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
