import type { Action } from '../membrane/documents.ts'
import { type NormalSchema, normaliseSchema } from './schema.ts'

/** An action as the connection has it, ready to run. */
export interface LiveAction {
  id: string
  key: string | undefined
  name: string
  description: string
  ready: boolean
  /** Whether it only reads, as far as its request or its key tells. */
  readOnly: boolean
  schema: NormalSchema
}

/** Stands for a schema that the action does not have: any object fits. */
export const unknownSchema: NormalSchema = normaliseSchema(undefined)

/** Catalogue actions may come without a key; then the name stands for it. */
export function pick(actions: readonly LiveAction[], selector: string): LiveAction | undefined {
  const named = actions.filter(
    ({ id, key, name }) => id === selector || key === selector || (!key && slug(name) === selector),
  )
  return named.find(({ ready }) => ready) ?? named[0]
}

export function toLiveAction({ id, key, name, description, state, inputSchema, config }: Action): LiveAction {
  const method = config?.request?.method?.toUpperCase()
  const handle = key || slug(name ?? '')
  return {
    id,
    key: key || undefined,
    name: name ?? key ?? id,
    description: description ?? '',
    ready: !state || state === 'READY',
    readOnly: method === undefined ? /^(list|get|find|search)-/.test(handle) : method === 'GET',
    schema: inputSchema === undefined || inputSchema === null ? unknownSchema : normaliseSchema(inputSchema),
  }
}

export const isAlive = ({ archivedAt, isDeactivated }: Action) => !archivedAt && !isDeactivated
const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
