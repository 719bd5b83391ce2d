import { isObject } from '../json.ts'
import { freeMember, type JsonSchema, type ObjectSchema } from './schema.ts'

export interface ListedSchema {
  schema: ObjectSchema
  /** Arguments that are accepted but not listed, in schema order. */
  hidden: readonly string[]
}

export interface ListingOptions {
  /** Members that few calls need, `a.b` for nested ones. Required ones are shown all the same. */
  rarelyUsed?: readonly string[]
  /** Arguments that many calls need: the last to be left out. */
  usual?: readonly string[]
  maxBytes?: number
}

/** In bytes: about 300 tokens. */
const roomForSchema = 1300
type Step = (schema: JsonSchema, depth: number) => JsonSchema

/**
 * Trims a schema to what the tool list has room for: first long descriptions, then nested members, then arguments from the
 * last on. Required arguments stay. Validation uses the whole schema.
 */
export function trimSchemaForListing(
  full: ObjectSchema,
  { rarelyUsed = [], usual = [], maxBytes = roomForSchema }: ListingOptions = {},
): ListedSchema {
  const fits = (schema: JsonSchema) => Buffer.byteLength(JSON.stringify(schema)) <= maxBytes
  const steps: Step[] = [shortened(160), flattened(2), shortened(80), flattened(1)]
  let shown: JsonSchema = withoutRare(full, rarelyUsed, '')
  for (const step of steps) if (!fits(shown)) shown = everywhere(shown, step)
  for (const name of leastWanted(shown, usual)) {
    if (fits(shown)) break
    shown = without(shown, [name])
  }
  for (const step of [undescribed, openEnum]) if (!fits(shown)) shown = everywhere(shown, step)
  const schema = { ...shown, type: 'object', properties: membersOf(shown) } as ObjectSchema
  return {
    schema,
    hidden: Object.keys(full.properties).filter((name) => !Object.hasOwn(schema.properties, name)),
  }
}

function withoutRare(schema: JsonSchema, rarelyUsed: readonly string[], at: string): JsonSchema {
  const { items, properties } = schema
  if (isObject(items)) return { ...schema, items: withoutRare(items, rarelyUsed, at) }
  if (!isObject(properties)) return schema
  const usual = without(
    schema,
    Object.keys(properties).filter((name) => rarelyUsed.includes(`${at}${name}`)),
  )
  const kept = Object.keys(membersOf(usual)).length > 0 ? usual : schema
  const members = Object.entries(membersOf(kept)).map(([name, member]) => [
    name,
    withoutRare(member, rarelyUsed, `${at}${name}.`),
  ])
  return { ...kept, properties: Object.fromEntries(members) }
}

/** Keeps what is required. */
function without(schema: JsonSchema, names: readonly string[]): JsonSchema {
  const out = names.filter((name) => !requiredOf(schema).includes(name))
  const kept = Object.entries(membersOf(schema)).filter(([name]) => !out.includes(name))
  return { ...schema, properties: Object.fromEntries(kept) }
}

function everywhere(schema: JsonSchema, step: Step, depth = 0): JsonSchema {
  const { items, properties, ...rest } = step(schema, depth)
  const members = Object.entries(isObject(properties) ? properties : {}).map(([name, member]) => [
    name,
    everywhere(member as JsonSchema, step, depth + 1),
  ])
  return {
    ...rest,
    ...(isObject(properties) ? { properties: Object.fromEntries(members) } : {}),
    ...(isObject(items) ? { items: everywhere(items, step, depth) } : {}),
  }
}

const shortened =
  (length: number): Step =>
  ({ description, ...rest }) => {
    if (typeof description !== 'string') return rest
    const [sentence = ''] = description.match(/^.*?[.!?](?=\s|$)/s) ?? [description]
    const cut = `${sentence.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
    return {
      ...rest,
      description: description.length <= length ? description : sentence.length <= length ? sentence : cut,
    }
  }

/** A deeper object keeps the names of its members, and one of them or a free one as it is. */
const flattened =
  (maxDepth: number): Step =>
  (schema, depth) => {
    const { properties: _, required: __, description, ...rest } = schema
    const members = Object.entries(membersOf(schema))
    if (depth < maxDepth || members.length === 0 || isFree(schema)) return schema
    const names = members.map(([name]) => name)
    const plain = members.filter(([, { type }]) => type !== 'object' && type !== 'array')
    return {
      ...rest,
      properties: plain.length > 0 ? Object.fromEntries(plain.slice(0, 1)) : freeMember,
      description: `${description === undefined ? '' : `${description} `}Members: ${names.join(', ')}.`,
    }
  }

const undescribed: Step = (schema) => {
  const { description, ...rest } = schema
  if (description === freeMember.example.description) return schema
  return isFree(rest) ? { ...rest, description: 'A JSON object.' } : rest
}

const isFree = (schema: JsonSchema) =>
  membersOf(schema)['example']?.['description'] === freeMember.example.description

const openEnum: Step = ({ enum: values, ...rest }) =>
  Array.isArray(values) ? { ...rest, description: `Such as ${values.slice(0, 5).join(', ')}.` } : rest

/** Arguments in the order in which they are left out. */
function leastWanted(schema: JsonSchema, usual: readonly string[]): string[] {
  const names = Object.keys(membersOf(schema)).reverse()
  return [...names.filter((name) => !usual.includes(name)), ...names.filter((name) => usual.includes(name))]
}

const membersOf = ({ properties }: JsonSchema) =>
  (isObject(properties) ? properties : {}) as Record<string, JsonSchema>
const requiredOf = ({ required }: JsonSchema): readonly unknown[] => (Array.isArray(required) ? required : [])
