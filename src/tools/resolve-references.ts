import type { BuiltInAction } from '../catalog/built-in.ts'
import { type Arguments, nonNull } from '../catalog/coerce.ts'
import type { JsonSchema, ObjectSchema } from '../catalog/schema.ts'
import { ToolError } from '../errors.ts'
import { isObject, parseJson } from '../json.ts'
import {
  isDirectoryKind,
  isRecordId,
  kindOfPath,
  type ReferenceKind,
  referenceFields,
} from '../kustomer/references.ts'
import { findByKey, findCurrentUser } from './natural-keys.ts'
import type { ResolveArguments, ResolvedArguments, ResolvedReference } from './resolved-arguments.ts'
import type { ToolContext } from './tool.ts'

type ReferenceContext = Pick<ToolContext, 'directory' | 'connections' | 'membrane'>

/** The arguments of a call that hold ids, by name: as a text or a list of texts, or as `{id}`. */
export type References = Readonly<Record<string, { kind: ReferenceKind; isObject?: boolean }>>

/** Lists that are empty where nobody is assigned. */
const assigneeFields: readonly string[] = ['assignedUsers', 'assignedTeams']
const isNobody = (value: unknown) =>
  typeof value === 'string' && /^\s*(?:none|no ?one|nobody|unassigned)\s*$/i.test(value)

/**
 * Replaces names, addresses and links in the named arguments by ids, and objects with an id, as answers show them, by that
 * id. Throws ToolError `invalid-input` where one does not stand for exactly one record.
 */
export async function resolveReferences(
  args: Arguments,
  references: References,
  context: ReferenceContext,
  signal: AbortSignal,
): Promise<ResolvedArguments> {
  const names = Object.keys(references).filter((name) => Object.hasOwn(args, name))
  const resolved: ResolvedReference[] = []

  const find = async (kind: ReferenceKind, given: string) => {
    const connectionId = await context.connections.resolve(signal)
    const lookUp = { context, connectionId, signal }
    if (!isDirectoryKind(kind)) return findByKey(kind, given, lookUp)
    if (kind === 'user' && /^\s*me\s*$/i.test(given)) return findCurrentUser(lookUp)
    return context.directory.find(connectionId, kind, given, signal)
  }

  async function resolveOne(argument: string, kind: ReferenceKind, value: unknown): Promise<unknown> {
    const given = isObject(value) && typeof value['id'] === 'string' ? value['id'] : value
    if (typeof given !== 'string' || given.trim() === '' || isNobody(given)) return given
    // Without a name to show, an id needs no look-up.
    if (isRecordId(given.trim()) && !isDirectoryKind(kind)) return given.trim()
    const { id, name } = await find(kind, given).catch((error: unknown) => {
      throw namingArgument(error, argument)
    })
    if (name !== '' || given !== id) resolved.push({ argument, kind, given, id, name })
    return id
  }

  const entries = await Promise.all(
    names.map(async (name) => {
      const { kind, isObject: asObject = false } = references[name] as References[string]
      const value = args[name]
      const list = typeof value === 'string' && /^\s*\[/.test(value) ? parseJson(value) : value
      const items = [list].flat()
      if (assigneeFields.includes(name) && items.length === 1 && isNobody(items[0]))
        return [name, []] as const
      const ids = await Promise.all(items.map((item) => resolveOne(name, kind, item)))
      const [first] = ids
      const single = asObject && typeof first === 'string' ? { id: first } : first
      return [name, Array.isArray(list) ? ids : single] as const
    }),
  )
  return { args: { ...args, ...Object.fromEntries(entries) }, resolved }
}

const namingArgument = (error: unknown, argument: string): unknown =>
  error instanceof ToolError && (error.reason === 'invalid-input' || error.reason === 'not-found')
    ? new ToolError(error.reason, `\`${argument}\`: ${error.message}`, error)
    : error

/** `resolveReferences` for the arguments of one hand-written tool. */
export const resolving =
  (context: ReferenceContext, references: References): ResolveArguments =>
  (args, signal) =>
    resolveReferences(args, references, context, signal)

/** The arguments of a built-in action that take an id, or a list of ids, in its live schema. */
export function referencesOf({ path }: BuiltInAction, { properties }: ObjectSchema): References {
  const referenceOf = (name: string, kind: ReferenceKind) => {
    const { type, items, properties: members } = nonNull(properties[name] as JsonSchema).schema
    if (type === 'object' && isObject(members) && Object.hasOwn(members, 'id'))
      return { kind, isObject: true }
    if (type === 'string' || (type === 'array' && isObject(items) && items['type'] === 'string'))
      return { kind }
    return undefined
  }
  const kinds = { ...referenceFields, id: kindOfPath(path) }
  return Object.fromEntries(
    Object.entries(kinds).flatMap(([name, kind]) => {
      const isKnown = kind !== undefined && Object.hasOwn(properties, name)
      const reference = isKnown ? referenceOf(name, kind) : undefined
      return reference === undefined ? [] : [[name, reference]]
    }),
  )
}
