import * as z from 'zod'
import { Failure } from '../failure.ts'
import { isObject } from '../json.ts'
import type { JsonSchema } from './schema.ts'

export type Arguments = Record<string, unknown>

const maxIssues = 5
const compiled = new WeakMap<JsonSchema, z.ZodType>()

/**
 * Takes arguments as a host sent them and the `accepted` schema of a tool, and returns them with JSON text and
 * numeric text turned into the object, array, number or boolean that the schema wants there. Everything else stays
 * as it came: unknown arguments pass on, defaults are left to the service.
 * Throws Failure `invalid-input` that names each wrong argument.
 */
export function acceptArguments(args: Arguments, schema: JsonSchema): Arguments {
  const coerced = coerce(args, schema) as Arguments
  const result = validatorOf(schema).safeParse(coerced)
  if (!result.success) throw new Failure('invalid-input', explainIssues(result.error.issues, coerced))
  return coerced
}

/** Takes the issues of a failed parse and the arguments, and returns a sentence that names each without its value. */
export function explainIssues(issues: readonly z.core.$ZodIssue[], args: Arguments): string {
  const lines = issues
    .slice(0, maxIssues)
    .map(
      (issue) =>
        `\`${issue.path.join('.') || 'arguments'}\`: ${isAbsent(args, issue.path) ? 'required but missing' : problem(issue)}`,
    )
  const more = issues.length > maxIssues ? ` And ${issues.length - maxIssues} more.` : ''
  return `The arguments do not fit: ${lines.join('; ')}.${more}`
}

const problem = ({ message }: z.core.$ZodIssue) => message.replace(/^Invalid (input|option): /, '')

const isAbsent = (args: unknown, path: readonly PropertyKey[]) =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], args) ===
  undefined

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
