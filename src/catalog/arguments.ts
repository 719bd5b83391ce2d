import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { singleLine } from '../text/quote.ts'
import { suggest } from '../text/suggest.ts'
import { argumentAliases } from './argument-aliases.ts'
import { type Arguments, coerceArguments, nonNull } from './coerce.ts'
import { formOf } from './form.ts'
import { isAdvertisable, type JsonSchema } from './schema.ts'

const maxIssues = 5
const maxUnknown = 10
const maxNotices = 10
const compiled = new WeakMap<JsonSchema, z.ZodType>()

/** Coerces and validates arguments. Unknown ones pass on. Throws ToolError `invalid-input`. */
export function acceptArguments(args: Arguments, schema: JsonSchema): Arguments {
  const coerced = coerceArguments(args, schema)
  const result = validatorOf(schema).safeParse(coerced)
  if (result.success) return coerced
  throw new ToolError('invalid-input', explainIssues(result.error.issues, coerced, schema))
}

function validatorOf(schema: JsonSchema): z.ZodType {
  const known = compiled.get(schema)
  if (known !== undefined) return known
  const validator = z.fromJSONSchema(openSchema(schema) as Parameters<typeof z.fromJSONSchema>[0])
  compiled.set(schema, validator)
  return validator
}

/** Unknown members are judged apart, to name the nearest known ones. */
function openSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(openSchema)
  if (!isObject(schema)) return schema
  const { additionalProperties: _, 'x-trim': _trim, contentMediaType: _media, ...rest } = schema
  return Object.fromEntries(
    Object.entries(rest).map(([name, member]) => [name, name === 'enum' ? member : openSchema(member)]),
  )
}

/** Explains issues without repeating a value. */
export function explainIssues(
  issues: readonly z.core.$ZodIssue[],
  args: Arguments,
  schema: JsonSchema,
): string {
  const lines = issues.slice(0, maxIssues).map((issue) => {
    const place = singleLine(issue.path.join('.'), 128) || 'arguments'
    return `\`${place}\`: ${problem(issue, args, schema)}`
  })
  const more = issues.length > maxIssues ? ` And ${issues.length - maxIssues} more.` : ''
  return `The arguments do not fit: ${lines.join('; ')}.${more}`
}

function problem({ code, path, message }: z.core.$ZodIssue, args: Arguments, schema: JsonSchema): string {
  const property = schemaAt(schema, path)
  const value = at(args, path)
  if (value === undefined) {
    const parent = at(args, path.slice(0, -1))
    const others = isObject(parent) ? unknownArguments(parent, schemaAt(schema, path.slice(0, -1))) : []
    const given = others.find(({ meant }) => meant === path.at(-1))?.name
    return `required but missing${given === undefined ? '' : `; \`${singleLine(given, 64)}\` was given, which is not its name`}`
  }
  if (code === 'custom') return message
  const { enum: values } = nonNull(property).schema
  const meant =
    typeof value === 'string' && Array.isArray(values) ? suggest(value, values.map(String)) : undefined
  const nearest = meant === undefined ? '' : `; the nearest is ${meant}`
  return value === '' ? `must not be empty; takes ${formOf(property)}` : `takes ${formOf(property)}${nearest}`
}

export interface UnknownArgument {
  /** Its name, `a.b` for a member of `a`. */
  name: string
  meant: string | undefined
}

/** None for a schema without properties. */
export function unknownArguments(args: Arguments, schema: JsonSchema): UnknownArgument[] {
  const { properties } = schema
  const known = Object.keys(isObject(properties) ? properties : {})
  if (known.length === 0) return []
  const unknown = Object.keys(args).filter((name) => !known.includes(name))
  if (unknown.length === 0) return []
  const free = known.filter((name) => isAdvertisable(name) && !Object.hasOwn(args, name))
  return unknown.map((name) => ({ name, meant: suggest(name, free, argumentAliases) }))
}

/** Refuses what a closed schema does not list, at any depth: the service would drop it silently. Throws ToolError. */
export function rejectUnknownArguments(args: Arguments, schema: JsonSchema): void {
  const unknown = unknownInClosed(args, schema, '')
  if (unknown.length === 0) return
  const parts = unknown.slice(0, maxUnknown).map(({ name, meant }) => {
    const hint = meant === undefined ? '' : `, the nearest is \`${meant}\``
    return `\`${singleLine(name, 64)}\`: there is no such argument${hint}`
  })
  const more = unknown.length > maxUnknown ? ` and ${unknown.length - maxUnknown} more` : ''
  const { properties } = schema
  const known = Object.keys(isObject(properties) ? properties : {})
    .filter(isAdvertisable)
    .join(', ')
  const takes = known === '' ? '' : ` It takes ${known}.`
  throw new ToolError(
    'invalid-input',
    `The arguments do not fit: ${parts.join('; ')}${more}.${takes} Nothing was sent.`,
  )
}

function unknownInClosed(value: unknown, given: JsonSchema, prefix: string): UnknownArgument[] {
  const { schema } = nonNull(given)
  const { properties, items } = schema
  if (Array.isArray(value))
    return isObject(items)
      ? value.flatMap((item, index) => unknownInClosed(item, items, `${prefix}${index}.`))
      : []
  if (!isObject(value) || !isObject(properties)) return []
  const own = schema['additionalProperties'] === false ? unknownArguments(value, schema) : []
  const inner = Object.entries(value).flatMap(([name, member]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    return isObject(property) ? unknownInClosed(member, property, `${prefix}${name}.`) : []
  })
  return [...own.map(({ name, meant }) => ({ name: `${prefix}${name}`, meant })), ...inner]
}

const at = (args: unknown, path: readonly PropertyKey[]) =>
  path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], args)

function schemaAt(schema: JsonSchema, path: readonly PropertyKey[]): JsonSchema {
  return path.reduce<JsonSchema>((part, key) => {
    const { properties, items } = nonNull(part).schema
    const member =
      typeof key === 'number' ? items : isObject(properties) ? properties[String(key)] : undefined
    return isObject(member) ? member : {}
  }, schema)
}

/** Notices of the arguments that were passed on without being known. */
export const unknownArgumentNotices = (args: Arguments, schema: JsonSchema): string[] =>
  unknownArguments(args, schema)
    .slice(0, maxNotices)
    .map(({ name, meant }) => {
      const nearest = meant === undefined ? '' : `, ${meant} was meant`
      const effect = meant === undefined ? ' It may have had no effect.' : ` If it had no effect${nearest}.`
      return `The argument ${singleLine(name, 64)} is not known of this action and was passed on.${effect}`
    })
