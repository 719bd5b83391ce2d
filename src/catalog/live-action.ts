import { isSearch } from '../kustomer/risk.ts'
import type { Action } from '../membrane/documents.ts'
import { cleanText, isClean } from '../text/quote.ts'
import { type NormalSchema, normaliseSchema } from './schema.ts'

/** An action of the connection. */
export interface LiveAction {
  id: string
  key: string | undefined
  name: string
  description: string
  ready: boolean
  /** HTTP method of the declared request. */
  method: string | undefined
  /** May hold a host, a query, and placeholders for its input. */
  path: string | undefined
  /** As far as its request or its key tells. */
  readOnly: boolean
  readonly schema: NormalSchema
}

/** For an action without a schema: any object fits. */
export const unknownSchema: NormalSchema = normaliseSchema(undefined)

const slugs = new WeakMap<LiveAction, string>()

function handleOf(action: LiveAction): string {
  const known = action.key ?? slugs.get(action)
  if (known !== undefined) return known
  const made = slug(action.name)
  slugs.set(action, made)
  return made
}

export const matchesSelector = (action: LiveAction, selector: string): boolean =>
  action.id === selector || handleOf(action) === selector

/** A ready action wins over one that is being built. */
export function findAction(actions: readonly LiveAction[], selector: string): LiveAction | undefined {
  const named = actions.filter((action) => matchesSelector(action, selector))
  return named.find(({ ready }) => ready) ?? named[0]
}

/** Converts a listed action. This is where its texts are cleaned. The schema is normalised on first use. */
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

/** `get-or-create-customer` and `find-replace-text` are named like reads but are writes. */
const readsOnly = (handle: string, name: string) =>
  /^(list|get|find|search)-/.test(handle) &&
  !/-(or|and|rid|create|update|upsert|delete|merge|set|send|add|remove|replace|archive|close|mark|assign|redact|purge|reset|cancel|block|unblock|enable|disable|activate|deactivate|edit|modify|insert|clear|lock|unlock|snooze|reopen|publish|restore|unlink|submit|trigger|execute|approve|reject|invite|subscribe|unsubscribe|register)(-|$)/.test(
    `-${handle}-${slug(name)}-`,
  )

export const isActive = ({ id, archivedAt, isDeactivated }: Action) =>
  !archivedAt && !isDeactivated && isHandle(id)

/** Anything else is not fit to be shown or sent. */
const isHandle = (text: string) => /^[\w.:-]{1,128}$/.test(text) && isClean(text)

const slug = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
