import type { BuiltInAction } from '../catalog/built-in.ts'
import { type Arguments, nonNull } from '../catalog/coerce.ts'
import type { JsonSchema, ObjectSchema } from '../catalog/schema.ts'
import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import {
  isDirectoryKind,
  isNobody,
  isRecordId,
  kindOfArgument,
  kindOfPath,
  type ReferenceKind,
} from '../kustomer/references.ts'
import { findByKey, findCurrentUser } from './natural-keys.ts'
import type {
  ArgumentSchema,
  ResolveArguments,
  ResolvedArguments,
  ResolvedReference,
} from './resolved-arguments.ts'
import type { ToolContext } from './tool.ts'

type ReferenceContext = Pick<ToolContext, 'directory' | 'connections' | 'membrane'>

/** The arguments of a call that hold ids, by name: as a text or a list of texts, or as `{id}`. */
export type References = Readonly<Record<string, { kind: ReferenceKind; isObject?: boolean }>>

/** Lists that are empty where nobody is assigned. */
const assigneeFields: readonly string[] = ['assignedUsers', 'assignedTeams']
const isNobodyAlone = (value: unknown) => {
  const [only, ...others] = [value].flat()
  return typeof only === 'string' && others.length === 0 && isNobody(only)
}

/**
 * Replaces names, addresses and links in the named arguments by ids, and objects with an id, as answers show them, by that
 * id, once the other arguments were judged. Where none is given, the caller judges them alone. Throws ToolError `invalid-input` where one does not stand for exactly one record.
 */
export async function resolveReferences(
  args: Arguments,
  references: References,
  context: ReferenceContext,
  signal: AbortSignal,
  { coerce, check }: ArgumentSchema,
): Promise<ResolvedArguments> {
  const named = Object.entries(references).filter(([name]) => Object.hasOwn(args, name))
  if (named.length === 0) return { args, given: args, resolved: [] }
  const resolved: ResolvedReference[] = []

  const find = async (kind: ReferenceKind, text: string) => {
    const connectionId = await context.connections.resolve(signal)
    const lookUp = { context, connectionId, signal }
    if (!isDirectoryKind(kind)) return findByKey(kind, text, lookUp)
    if (kind === 'user' && /^\s*me\s*$/i.test(text)) return findCurrentUser(lookUp)
    return context.directory.find(connectionId, kind, text, signal)
  }

  const resolveText: Replace = async (text, argument, kind) => {
    // Without a name to show, an id needs no look-up.
    if (isRecordId(text.trim()) && !isDirectoryKind(kind)) return text.trim()
    const { id, name } = await find(kind, text).catch((error: unknown) => {
      throw namingArgument(error, argument)
    })
    if (name !== '' || text !== id) resolved.push({ argument, kind, given: text, id, name })
    return id
  }

  const replaceAll = async (values: Arguments, replace: Replace) => {
    const entries = named.map(async ([name, { kind, isObject: asObject = false }]) => {
      if (assigneeFields.includes(name) && isNobodyAlone(values[name])) return [name, []]
      const replaced = await replaceTexts(values[name], (text) => replace(text, name, kind))
      return [name, asObject && typeof replaced === 'string' ? { id: replaced } : replaced]
    })
    return { ...values, ...Object.fromEntries(await Promise.all(entries)) }
  }

  /** Without the names that objects with an id claim. */
  const given = await replaceAll(args, async (text) => text)
  const coerced = coerce(given)
  let assumed = 0
  check(await replaceAll(coerced, async () => (assumed++).toString(16).padStart(24, '0')))
  return { args: await replaceAll(coerced, resolveText), given, resolved }
}

type Replace = (text: string, argument: string, kind: ReferenceKind) => Promise<string>

/** Replaces the texts of a value: one, those of a list, and that of an object with an id. Equal ones become one. */
async function replaceTexts(value: unknown, replace: (text: string) => Promise<string>): Promise<unknown> {
  if (Array.isArray(value))
    return [...new Set(await Promise.all(value.map((item) => replaceTexts(item, replace))))]
  const text = isObject(value) && typeof value['id'] === 'string' ? value['id'] : value
  return typeof text !== 'string' || text.trim() === '' ? text : replace(text)
}

const namingArgument = (error: unknown, argument: string): unknown =>
  error instanceof ToolError && (error.reason === 'invalid-input' || error.reason === 'not-found')
    ? new ToolError(error.reason, `\`${argument}\`: ${error.message}`, error)
    : error

/** `resolveReferences` for the arguments of one hand-written tool. */
export const resolving =
  (context: ReferenceContext, references: References): ResolveArguments =>
  (args, signal, schema) =>
    resolveReferences(args, references, context, signal, schema)

/** The arguments of a built-in action that take an id, or a list of ids, in its live schema. */
export function referencesOf({ path }: BuiltInAction, { properties }: ObjectSchema): References {
  const referenceOf = (name: string, kind: ReferenceKind) => {
    const { schema } = nonNull(properties[name] as JsonSchema)
    const { type, items, properties: members } = schema
    if (![schema, items].every(takesAnyId)) return undefined
    if (type === 'object' && isObject(members) && Object.hasOwn(members, 'id'))
      return { kind, isObject: true }
    if (type === 'string' || (type === 'array' && isObject(items) && items['type'] === 'string'))
      return { kind }
    return undefined
  }
  return Object.fromEntries(
    Object.keys(properties).flatMap((name) => {
      const kind = name === 'id' ? kindOfPath(path) : kindOfArgument(name)
      const reference = kind === undefined ? undefined : referenceOf(name, kind)
      return reference === undefined ? [] : [[name, reference]]
    }),
  )
}

/** Whether a schema could hold any id: an enum, another format or another pattern could not. */
function takesAnyId(schema: unknown): boolean {
  if (!isObject(schema)) return true
  const { enum: values, format, pattern } = schema
  if (values !== undefined || (format !== undefined && format !== 'objectid')) return false
  return typeof pattern !== 'string' || /^\^?\[[\w-]+\]\{24\}\$?$/.test(pattern)
}
