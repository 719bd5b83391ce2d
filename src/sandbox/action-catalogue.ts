import { createHash } from 'node:crypto'
import popular from '../catalog/actions.json' with { type: 'json' }
import extra from './extra-actions.json' with { type: 'json' }
import templates from './templates.json' with { type: 'json' }

/** An action as data: how its input becomes one request to Kustomer. */
export interface Action {
  id: string
  key?: string
  name: string
  description: string
  method: string
  /** With `{name}` where a member of the input stands. */
  path: string
  query?: readonly string[]
  /** The body: one member of the input by its name, or `rest`, all that stand neither in the path nor in the query. */
  body?: string | undefined
  inputSchema: object
  state?: string
}

/**
 * Every action of a Kustomer connection: the popular twenty, and some to discover: one without a key, one whose schema
 * has Membrane's own keywords, and one that is still being built.
 */
export const actions: readonly Action[] = [
  ...popular.map(({ title, request: { query, body }, ...action }) => ({
    ...action,
    name: title,
    query,
    body: typeof body === 'string' ? 'rest' : undefined,
  })),
  ...(extra as Omit<Action, 'id'>[]),
].map((action) => ({ ...action, id: actionId(action.key ?? action.name) }))

export const findAction = (selector: string): Action | undefined =>
  actions.find(({ id, key }) => id === selector || key === selector)

/** The actions that share words with an intent, the most alike first. */
export function rankActions(intent: string): Action[] {
  const wanted = new Set(wordsOf(intent))
  const scored = actions.map((action) => {
    const name = new Set(wordsOf(action.name))
    const description = new Set(wordsOf(action.description))
    const points = [...wanted].map((word) => (name.has(word) ? 3 : 0) + (description.has(word) ? 1 : 0))
    return { action, score: points.reduce((sum, point) => sum + point, 0) - name.size / 100 }
  })
  return scored
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .map(({ action }) => action)
}

/** An action as the CLI prints it. */
export function describeAction(action: Action, connectionId: string): object {
  const { id, key, name, description, method, path, inputSchema, state = 'READY' } = action
  const config = { request: { method, path } }
  const [revision, uuid] = [id.slice(-8), `${id.slice(0, 8)}-0000-4000-8000-${id.slice(12)}`]
  const own = { id, name, description, state, connectionId, inputSchema, config, revision, uuid }
  return { ...(key === undefined ? {} : { key }), ...templates.action, ...own }
}

/** 24 hex digits that depend on the name alone. */
function actionId(name: string): string {
  return `69e0c0ff${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** Words without a plural `s`, so that "conversation" finds "conversations". */
const wordsOf = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.replace(/s$/, ''))
