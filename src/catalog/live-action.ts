import { isSearch } from '../kustomer/risk.ts'
import type { Action } from '../membrane/documents.ts'
import { cleanText, isClean } from '../text/quote.ts'
import { type NormalSchema, normaliseSchema } from './schema.ts'

/** An action as the connection has it. */
export interface LiveAction {
  id: string
  key: string | undefined
  name: string
  description: string
  ready: boolean
  /** HTTP method of its request, where the action declares it. */
  method: string | undefined
  /** Path of its request, where declared; may hold a host, a query, and placeholders for its input. */
  path: string | undefined
  /** Whether it only reads, as far as its request or its key tells. */
  readOnly: boolean
  readonly schema: NormalSchema
}

/** Stands for a schema that the action does not declare: any object fits. */
export const unknownSchema: NormalSchema = normaliseSchema(undefined)

const slugs = new WeakMap<LiveAction, string>()

/** An action without a key goes by its name as a slug. */
function handleOf(action: LiveAction): string {
  const known = action.key ?? slugs.get(action)
  if (known !== undefined) return known
  const made = slug(action.name)
  slugs.set(action, made)
  return made
}

/** Whether an action goes by this key or id. */
export const matchesSelector = (action: LiveAction, selector: string): boolean =>
  action.id === selector || handleOf(action) === selector

/** Finds an action by key or id; one that is ready wins. */
export function findAction(actions: readonly LiveAction[], selector: string): LiveAction | undefined {
  const named = actions.filter((action) => matchesSelector(action, selector))
  return named.find(({ ready }) => ready) ?? named[0]
}

/**
 * Converts an action as the CLI lists it; its texts are cleaned here and nowhere later. Its schema is normalised when it is
 * first read.
 */
export function toLiveAction(action: Action): LiveAction {
  const { id, description, state, inputSchema, config } = action
  const key = action.key && isHandle(action.key) ? action.key : undefined
  const name = cleanText(action.name ?? '')
  const method = config?.request?.method?.toUpperCase()
  const path = config?.request?.path ?? config?.request?.uri ?? undefined
  const handle = key ?? slug(name)
  let schema: NormalSchema | undefined
  return {
    id,
    key,
    name: name || (key ?? id),
    description: cleanText(description ?? ''),
    ready: !state || state === 'READY',
    method,
    path,
    readOnly:
      method === undefined
        ? readsOnly(handle, name)
        : method === 'GET' || isSearch({ method, path: path ?? '' }),
    get schema() {
      schema ??=
        inputSchema === undefined || inputSchema === null ? unknownSchema : normaliseSchema(inputSchema)
      return schema
    },
  }
}

/** `get-or-create-customer` and `find-replace-text` are named like reads and are none. */
const readsOnly = (handle: string, name: string) =>
  /^(list|get|find|search)-/.test(handle) &&
  !/-(or|and|rid|create|update|upsert|delete|merge|set|send|add|remove|replace|archive|close|mark|assign|redact|purge)(-|$)/.test(
    `-${handle}-${slug(name)}-`,
  )

/** Whether the service runs it, and its id can be sent. */
export const isActive = ({ id, archivedAt, isDeactivated }: Action) =>
  !archivedAt && !isDeactivated && isHandle(id)

/** A key or id with anything else in it is no name to show or to call by. */
const isHandle = (text: string) => /^[\w.:-]{1,128}$/.test(text) && isClean(text)

const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
