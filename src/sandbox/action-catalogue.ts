import { createHash } from 'node:crypto'
import popular from '../catalog/actions.json' with { type: 'json' }
import type { Action, ActionDefinition } from './action-definition.ts'
import { extraActions } from './extra-actions.ts'

/** Every action of a Kustomer connection: the popular twenty and the further ones. */
export const actions: readonly Action[] = [
  ...popular.map(
    ({ key, title, description, method, path, request, inputSchema }): ActionDefinition => ({
      key,
      name: title,
      description,
      method,
      path,
      query: request.query,
      body: typeof request.body === 'string' ? 'rest' : undefined,
      inputSchema,
    }),
  ),
  ...extraActions,
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
  return {
    id,
    ...(key === undefined ? {} : { key }),
    name,
    description,
    type: 'api-request-to-external-app',
    state,
    errors: [],
    integrationKey: 'kustomer',
    integrationId: '68d0c0ffee0000000000d001',
    connectionId,
    layer: 'integration',
    isPublic: true,
    inputSchema,
    outputSchema: {
      type: 'object',
      properties: { status: { type: 'integer' }, headers: { type: 'object' }, data: {} },
    },
    config: { request: { method, path } },
    revision: id.slice(-8),
    uuid: `${id.slice(0, 8)}-0000-4000-8000-${id.slice(12)}`,
    createdAt: '2026-03-03T09:00:00.000Z',
    updatedAt: '2026-10-12T09:00:00.000Z',
    meta: {},
  }
}

/** 24 hex digits that depend on the name alone. */
function actionId(name: string): string {
  return `69e0c0ff${createHash('sha256').update(name).digest('hex').slice(0, 16)}`
}

/** Words without a plural `s`, so that "conversation" finds "conversations". */
const wordsOf = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => word.replace(/s$/, ''))
