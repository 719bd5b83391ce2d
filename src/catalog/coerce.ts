import { isObject, parseJson } from '../json.ts'
import type { JsonSchema } from './schema.ts'

export type Arguments = Record<string, unknown>

/** A nullable schema is `anyOf` of the schema and null. */
export function nonNull(schema: JsonSchema): { schema: JsonSchema; nullable: boolean } {
  const [first] = Array.isArray(schema['anyOf']) ? schema['anyOf'] : []
  return isObject(first) ? { schema: first, nullable: true } : { schema, nullable: false }
}

/**
 * Converts what models and clients send instead of the right type, without losing information. The rest is left for
 * validation to refuse.
 */
export const coerceArguments = (args: Arguments, schema: JsonSchema): Arguments => coerceObject(args, schema)

function coerceObject(value: Arguments, { properties, required }: JsonSchema): Arguments {
  if (!isObject(properties)) return value
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name)
  const entries = Object.entries(value).flatMap(([name, member]): [string, unknown][] => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (!isObject(property)) return [[name, member]]
    const { schema, nullable } = nonNull(property)
    const given = trimmed(member, schema)
    if (isAbsent(given, schema)) return nullable ? [[name, null]] : isRequired(name) ? [[name, given]] : []
    return [[name, coerce(given, schema)]]
  })
  return Object.fromEntries(entries)
}

/** Null, "" and "null" stand for no value where a type is known. An enum may hold the last two. */
const isAbsent = (value: unknown, { type, enum: values }: JsonSchema) =>
  typeof type === 'string' &&
  (value === null ||
    ((value === '' || value === 'null') && !(Array.isArray(values) && values.includes(value))))

const byType: Readonly<Record<string, (value: unknown, schema: JsonSchema) => unknown>> = {
  boolean: (value) => booleans.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? value,
  integer: (value) => (typeof value === 'string' ? fromNumeric(value) : value),
  number: (value) => (typeof value === 'string' ? fromNumeric(value) : value),
  string: toText,
  object: (value, schema) => {
    const object = typeof value === 'string' ? fromJson(value, isObject) : value
    return isObject(object) ? coerceObject(object, schema) : fromOnlyMember(object, schema)
  },
  array: (value, { items }) => {
    const list = toList(typeof value === 'string' ? fromJson(value, Array.isArray) : value)
    return Array.isArray(list) && isObject(items)
      ? list.map((item) => coerce(item, nonNull(items).schema))
      : list
  },
}

function coerce(value: unknown, schema: JsonSchema): unknown {
  const { type } = schema
  return value !== null && typeof type === 'string' ? (byType[type]?.(value, schema) ?? value) : value
}

const booleans = new Map<unknown, boolean>([
  ['true', true],
  ['1', true],
  [1, true],
  ['false', false],
  ['0', false],
  [0, false],
])

/** A large integer stays text: it is more likely an id. */
function fromNumeric(text: string): unknown {
  if (!/^\s*-?\d+(\.\d+)?\s*$/.test(text)) return text
  const number = Number(text)
  return text.includes('.') || Number.isSafeInteger(number) ? number : text
}

const trimmed = (value: unknown, { 'x-trim': isTrimmed }: JsonSchema) =>
  isTrimmed === true && typeof value === 'string' ? value.trim() : value

function toText(value: unknown, schema: JsonSchema): unknown {
  const { enum: values, contentMediaType } = schema
  if (typeof value === 'number' && (Number.isSafeInteger(value) || !Number.isInteger(value)))
    return String(value)
  if (typeof value === 'object' && value !== null && contentMediaType === 'application/json')
    return JSON.stringify(value)
  if (typeof value !== 'string') return value
  if (Array.isArray(values)) return oneOf(value, values)
  return trimmed(value, schema)
}

/** The value of an enum that differs in case and spaces alone. */
function oneOf(value: string, values: readonly unknown[]): string {
  if (values.includes(value)) return value
  const plain = (text: unknown) => String(text).trim().toLowerCase()
  const fitting = values.filter((one) => plain(one) === plain(value))
  return fitting.length === 1 ? String(fitting[0]) : value
}

function fromJson(text: string, isWanted: (value: unknown) => boolean): unknown {
  const parsed = parseJson(text)
  return isWanted(parsed) ? parsed : text
}

/** Some clients send `{"0": …, "1": …}` for a list, some models a single value. */
function toList(value: unknown): unknown {
  if (Array.isArray(value)) return value
  if (!isObject(value)) return [value]
  const names = Object.keys(value)
  const isIndexed = names.length > 0 && names.every((name, index) => name === String(index))
  return isIndexed ? Object.values(value) : [value]
}

/** Wraps text where one text is all that is required: `"a@b.c"` for `{ email: "a@b.c" }`. */
function fromOnlyMember(value: unknown, { properties, required }: JsonSchema): unknown {
  const [name, ...others] = Array.isArray(required) ? required : []
  const property = isObject(properties) && typeof name === 'string' ? properties[name] : undefined
  const isText =
    typeof value === 'string' && isObject(property) && nonNull(property).schema['type'] === 'string'
  return isText && others.length === 0 ? { [name]: value } : value
}
