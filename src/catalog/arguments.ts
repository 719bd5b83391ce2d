import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { singleLine } from '../text/quote.ts'
import { suggest } from '../text/suggest.ts'
import type { JsonSchema } from './schema.ts'

export type Arguments = Record<string, unknown>

const maxIssues = 5
const maxChoices = 20
const compiled = new WeakMap<JsonSchema, z.ZodType>()

/**
 * Takes arguments as a host sent them and the `accepted` schema of a tool, and returns them with JSON text and
 * numeric text turned into the object, array, number or boolean that the schema wants there. Everything else stays
 * as it came: unknown arguments pass on, defaults are left to the service.
 * Throws Failure `invalid-input` that names each wrong argument.
 */
export function acceptArguments(args: Arguments, schema: JsonSchema): Arguments {
  const coerced = coerceArguments(args, schema)
  const result = validatorOf(schema).safeParse(coerced)
  if (!result.success)
    throw new ToolError('invalid-input', explainIssues(result.error.issues, coerced, schema))
  return coerced
}

/** As `acceptArguments`, without the check: arguments that fit nothing come back as they are. */
export const coerceArguments = (args: Arguments, schema: JsonSchema): Arguments =>
  coerce(args, schema) as Arguments

/**
 * Takes the issues of a failed parse, the arguments, and the schema they were checked against, and returns a sentence
 * that names each without its value: what is missing, which values there are, and which name was meant.
 */
export function explainIssues(
  issues: readonly z.core.$ZodIssue[],
  args: Arguments,
  schema: JsonSchema,
): string {
  const lines = issues
    .slice(0, maxIssues)
    .map(
      (issue) =>
        `\`${singleLine(issue.path.join('.'), 128) || 'arguments'}\`: ${problem(issue, args, schema)}`,
    )
  const more = issues.length > maxIssues ? ` And ${issues.length - maxIssues} more.` : ''
  return `The arguments do not fit: ${lines.join('; ')}.${more}`
}

function problem({ code, path, message, ...issue }: z.core.$ZodIssue, args: Arguments, schema: JsonSchema) {
  const value = at(args, path)
  if (value === undefined) {
    const parent = at(args, path.slice(0, -1))
    const others = isObject(parent) ? unknownArguments(parent, schemaAt(schema, path.slice(0, -1))) : []
    const given = others.find(({ meant }) => meant === path.at(-1))?.name
    return `required but missing${given === undefined ? '' : `; \`${singleLine(given, 64)}\` was given, which is not its name`}`
  }
  if (code === 'invalid_value' && 'values' in issue) return choices(issue.values.map(String), value)
  return message.replace(/^Invalid (input|option): /, '')
}

function choices(values: readonly string[], value: unknown): string {
  const shown = values.slice(0, maxChoices).join(', ')
  const more = values.length > maxChoices ? ` and ${values.length - maxChoices} more` : ''
  const meant = typeof value === 'string' ? suggest(value, values) : undefined
  return `one of ${shown}${more}${meant === undefined ? '' : `; the nearest is ${meant}`}`
}

/**
 * Takes arguments and a schema and returns the names that it does not know, each with the known one nearest to it. Of a
 * schema that knows no names nothing can be said.
 */
export function unknownArguments(
  args: Arguments,
  schema: JsonSchema,
): { name: string; meant: string | undefined }[] {
  const known = Object.keys(isObject(schema['properties']) ? schema['properties'] : {})
  if (known.length === 0) return []
  const free = known.filter((name) => !Object.hasOwn(args, name))
  return Object.keys(args)
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, meant: suggest(name, free) }))
}

const at = (args: unknown, path: readonly PropertyKey[]) =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], args)

function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema {
  return path.reduce<JsonSchema>((part, key) => {
    const { properties, items } = schemaFor(part)
    const member =
      typeof key === 'number' ? items : isObject(properties) ? properties[String(key)] : undefined
    return isObject(member) ? member : {}
  }, schema)
}

/** Compiled at the first call of a tool, not at start-up, and once for each schema. */
function validatorOf(schema: JsonSchema): z.ZodType {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0])
  compiled.set(schema, validator)
  return validator
}

function coerce(value: unknown, schema: JsonSchema): unknown {
  const wanted = schemaFor(schema)
  const { type, properties, items } = wanted
  const plain = typeof value === 'string' ? fromText(value, type) : value
  if (type === 'object' && isObject(plain) && isObject(properties)) {
    const entries = Object.entries(plain).map(([name, member]) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined
      return [name, isObject(property) ? coerce(member, property) : member]
    })
    return Object.fromEntries(entries)
  }
  if (type !== 'array' || !isObject(items)) return plain
  const list = isObject(plain) ? fromIndexed(plain) : plain
  return Array.isArray(list) ? list.map((item) => coerce(item, items)) : list
}

/** The schema of a value that may also be null is the other alternative of the two. */
function schemaFor(schema: JsonSchema): JsonSchema {
  const [first] = Array.isArray(schema['anyOf']) ? schema['anyOf'] : []
  return isObject(first) ? first : schema
}

function fromText(text: string, type: unknown): unknown {
  if (type === 'boolean') return text === 'true' ? true : text === 'false' ? false : text
  if (type === 'number' || type === 'integer') return fromNumeric(text)
  if (type !== 'object' && type !== 'array') return text
  try {
    const parsed: unknown = JSON.parse(text)
    return (type === 'array' ? Array.isArray(parsed) : isObject(parsed)) ? parsed : text
  } catch {
    return text
  }
}

/** A whole number too large to be exact stays text, since it is more likely an id. */
function fromNumeric(text: string): unknown {
  if (!/^-?\d+(\.\d+)?$/.test(text.trim())) return text
  const number = Number(text)
  return text.includes('.') || Number.isSafeInteger(number) ? number : text
}

/** Some hosts send `{"0": …, "1": …}` for an array. */
function fromIndexed(value: Arguments): unknown {
  const names = Object.keys(value)
  return names.length > 0 && names.every((name, index) => name === String(index))
    ? Object.values(value)
    : value
}
