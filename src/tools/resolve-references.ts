import type { BuiltInAction } from '../catalog/built-in.ts'
import { type Arguments, nonNull } from '../catalog/coerce.ts'
import type { JsonSchema, ObjectSchema } from '../catalog/schema.ts'
import { ToolError } from '../errors.ts'
import { isObject, parseJson } from '../json.ts'
import {
  isDirectoryKind,
  isRecordId,
  kindOfArgument,
  kindOfPath,
  type ReferenceKind,
} from '../kustomer/references.ts'
import { findByKey, findCurrentUser } from './natural-keys.ts'
import type {
  CheckArguments,
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
const isNobody = (value: unknown) =>
  typeof value === 'string' && /^\s*(?:none|no ?one|nobody|unassigned)\s*$/i.test(value)

/**
 * Replaces names, addresses and links in the named arguments by ids, and objects with an id, as answers show them, by that
 * id, once `check` has judged the other arguments. Throws ToolError `invalid-input` where one does not stand for exactly one
 * record.
 */
export async function resolveReferences(
  args: Arguments,
  references: References,
  context: ReferenceContext,
  signal: AbortSignal,
  check: CheckArguments,
): Promise<ResolvedArguments> {
  const given = Object.entries(references).filter(([name]) => Object.hasOwn(args, name))
  if (given.length === 0) return { args, resolved: [] }
  const resolved: ResolvedReference[] = []

  const find = async (kind: ReferenceKind, text: string) => {
    const connectionId = await context.connections.resolve(signal)
    const lookUp = { context, connectionId, signal }
    if (!isDirectoryKind(kind)) return findByKey(kind, text, lookUp)
    if (kind === 'user' && /^\s*me\s*$/i.test(text)) return findCurrentUser(lookUp)
    return context.directory.find(connectionId, kind, text, signal)
  }

  const resolveText = async (argument: string, kind: ReferenceKind, text: string): Promise<string> => {
    // Without a name to show, an id needs no look-up.
    if (isRecordId(text.trim()) && !isDirectoryKind(kind)) return text.trim()
    const { id, name } = await find(kind, text).catch((error: unknown) => {
      throw namingArgument(error, argument)
    })
    if (name !== '' || text !== id) resolved.push({ argument, kind, given: text, id, name })
    return id
  }

  const replaceAll = async (replace: typeof resolveText) => {
    const entries = given.map(async ([name, { kind, isObject: asObject = false }]) => {
      const replaced = await replaceTexts(args[name], (text) => replace(name, kind, text))
      const isNone = assigneeFields.includes(name) && isNobody([replaced].flat()[0])
      return [name, isNone ? [] : asObject && typeof replaced === 'string' ? { id: replaced } : replaced]
    })
    return { ...args, ...Object.fromEntries(await Promise.all(entries)) }
  }

  // What does not fit for another reason is refused before anything is looked up.
  let assumed = 0
  check(await replaceAll(async () => (assumed++).toString(16).padStart(24, '0')))
  return { args: await replaceAll(resolveText), resolved }
}

/** Replaces the texts of a value: one, those of a list, and that of an object with an id. Empty ones and nobody stay. */
async function replaceTexts(value: unknown, replace: (text: string) => Promise<string>): Promise<unknown> {
  const list = typeof value === 'string' && /^\s*\[/.test(value) ? parseJson(value) : value
  if (Array.isArray(list)) return Promise.all(list.map((item) => replaceTexts(item, replace)))
  const text = isObject(list) && typeof list['id'] === 'string' ? list['id'] : list
  return typeof text !== 'string' || text.trim() === '' || isNobody(text) ? text : replace(text)
}

const namingArgument = (error: unknown, argument: string): unknown =>
  error instanceof ToolError && (error.reason === 'invalid-input' || error.reason === 'not-found')
    ? new ToolError(error.reason, `\`${argument}\`: ${error.message}`, error)
    : error

/** `resolveReferences` for the arguments of one hand-written tool. */
export const resolving =
  (context: ReferenceContext, references: References): ResolveArguments =>
  (args, signal, check) =>
    resolveReferences(args, references, context, signal, check)

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
  return Object.fromEntries(
    Object.keys(properties).flatMap((name) => {
      const kind = name === 'id' ? kindOfPath(path) : kindOfArgument(name)
      const reference = kind === undefined ? undefined : referenceOf(name, kind)
      return reference === undefined ? [] : [[name, reference]]
    }),
  )
}
