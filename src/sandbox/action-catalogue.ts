import { createHash } from 'node:crypto'
import popular from '../catalog/actions.json' with { type: 'json' }
import { extraActions } from './extra-actions.ts'

/** An action as data: how its input becomes one request to Kustomer. */
export interface ActionDefinition {
  key?: string
  name: string
  description: string
  method: string
  /** With `{name}` where a member of the input stands. */
  path: string
  query?: readonly string[]
  /** What the body is: all members that stand neither in the path nor in the query, one of them, or (absent) nothing. */
  body?: 'rest' | { from: string }
  inputSchema: object
  state?: 'BUILDING'
}

export interface Action extends ActionDefinition {
  id: string
}

/** Every action of a Kustomer connection: the popular twenty and the further ones. */
export const actions: readonly Action[] = [
  ...popular.map(
    ({ key, title, description, method, path, request, inputSchema }): ActionDefinition => ({
      ...{ key, name: title, description, method, path, query: request.query, inputSchema },
      ...(typeof request.body === 'string' ? { body: 'rest' } : {}),
    }),
  ),
  ...extraActions,
].map((action) => ({ ...action, id: actionId(action.key ?? action.name) }))

/** Returns the action with this id or key, or undefined. */
export const findAction = (selector: string): Action | undefined =>
  actions.find(({ id, key }) => id === selector || key === selector)

/** Takes an intent and returns the actions that share words with it, the most alike first. */
export function rankActions(intent: string): Action[] {
  const wanted = new Set(wordsOf(intent))
  const scored = actions.map((action) => {
    const name = new Set(wordsOf(action.name))
    const description = new Set(wordsOf(action.description))
    const score = [...wanted].reduce(
      (sum, word) => sum + (name.has(word) ? 3 : 0) + (description.has(word) ? 1 : 0),
      0,
    )
    return { action, score: score - name.size / 100 }
  })
  return scored
    .filter(({ score }) => score > 0)
    .sort((left, right) => right.score - left.score)
    .map(({ action }) => action)
}

/** Takes an action and returns it as the CLI prints it. */
export function describeAction(action: Action, connectionId: string): object {
  const { id, key, name, description, method, path, inputSchema, state = 'READY' } = action
  return {
    ...{ id, ...(key === undefined ? {} : { key }), name, description, type: 'api-request-to-external-app' },
    ...{ state, errors: [], integrationKey: 'kustomer', integrationId: '68d0c0ffee0000000000d001' },
    ...{ connectionId, layer: 'integration', isPublic: true, inputSchema },
    outputSchema: {
      type: 'object',
      properties: { status: { type: 'integer' }, headers: { type: 'object' }, data: {} },
    },
    config: { request: { method, path } },
    ...{ revision: id.slice(-8), uuid: `${id.slice(0, 8)}-0000-4000-8000-${id.slice(12)}` },
    ...{ createdAt: '2026-03-03T09:00:00.000Z', updatedAt: '2026-10-12T09:00:00.000Z', meta: {} },
  }
}

/** 24 hex digits that depend on nothing but the action's name. */
function actionId(name: string): string {
  return `69e0c0ff${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** Words without their plural, so that "conversation" finds "conversations". */
const wordsOf = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.replace(/s$/, ''))
