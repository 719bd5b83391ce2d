import { isSearch } from '../kustomer/risk.ts'
import type { Action } from '../membrane/documents.ts'
import { type NormalSchema, normaliseSchema } from './schema.ts'

/** An action as the connection has it, ready to run. */
export interface LiveAction {
  id: string
  key: string | undefined
  name: string
  description: string
  ready: boolean
  /** HTTP method of its request, where the action says so. */
  method: string | undefined
  /** Path of its request, where the action says so; may hold a host, a query, and places for its input. */
  path: string | undefined
  /** Whether it only reads, as far as its request or its key tells. */
  readOnly: boolean
  schema: NormalSchema
}

/** Stands for a schema that the action does not have: any object fits. */
export const unknownSchema: NormalSchema = normaliseSchema(undefined)

/** Whether an action goes by a key or id. Catalogue actions may come without a key; then the name stands for it. */
export const matchesSelector = ({ id, key, name }: LiveAction, selector: string): boolean =>
  id === selector || key === selector || (!key && slug(name) === selector)

/** Takes actions and a key or id and returns the one it names, one that is ready first. */
export function findAction(actions: readonly LiveAction[], selector: string): LiveAction | undefined {
  const named = actions.filter((action) => matchesSelector(action, selector))
  return named.find(({ ready }) => ready) ?? named[0]
}

/** Takes an action as the CLI lists it and returns it with its schema in normal form. */
export function toLiveAction({ id, key, name, description, state, inputSchema, config }: Action): LiveAction {
  const method = config?.request?.method?.toUpperCase()
  const path = config?.request?.path ?? config?.request?.uri ?? undefined
  const handle = key || slug(name ?? '')
  return {
    id,
    key: key || undefined,
    name: name ?? key ?? id,
    description: description ?? '',
    ready: !state || state === 'READY',
    method,
    path,
    readOnly:
      method === undefined
        ? readsOnly(handle, name ?? '')
        : method === 'GET' || isSearch({ method, path: path ?? '' }),
    schema: inputSchema === undefined || inputSchema === null ? unknownSchema : normaliseSchema(inputSchema),
  }
}

/** `get-or-create-customer` and `find-replace-text` are named like reads and are none. */
const readsOnly = (handle: string, name: string) =>
  /^(list|get|find|search)-/.test(handle) &&
  !/-(or|and|rid|create|update|upsert|delete|merge|set|send|add|remove|replace|archive|close|mark|assign|redact|purge)(-|$)/.test(
    `-${handle}-${slug(name)}-`,
  )

export const isActive = ({ archivedAt, isDeactivated }: Action) => !archivedAt && !isDeactivated
const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
