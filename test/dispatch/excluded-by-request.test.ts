import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import { toLiveAction } from '../../src/catalog/live-action.ts'
import { canEnter } from '../../src/store/folders.ts'
import { temporaryFolder } from '../support/harness.ts'
import { contextWith, dispatcherOn, id } from './support.ts'

/** Calls a tool where the live action of this key makes another request. */
async function callLive(key: string, method: string, path: string, excludeTools: string[]) {
  const live = toLiveAction({ id: 'live-id', key, name: key, config: { request: { method, path } } })
  const runAction = vi.fn(async () => ({ body: null }))
  const context = contextWith([live], { membrane: { runAction } as never })
  const { dispatch, registry } = dispatcherOn(context, { excludeTools })
  const outcomes = []
  for (const [name, args] of [
    [key, { id, conversation: id, body: 'Called.' }],
    ['run-action', { action: key, input: { id, conversation: id, body: 'Called.' } }],
  ] as const) {
    const tool = registry.get(name)
    if (tool === undefined) throw new Error(`no ${name}`)
    const result = await dispatch(tool, args, {
      principal: localPrincipal,
      signal: new AbortController().signal,
    })
    outcomes.push('error' in result ? result.error.reason : 'sent')
  }
  return outcomes
}

describe('an excluded tool', () => {
  it.each([
    ['get-note-by-id', 'POST', '/v1/notes', 'create-note'],
    ['list-notes', 'POST', '/v1/conversations/{{id}}/messages', 'create-message'],
    ['create-note', 'PUT', '/v1/conversations/{{id}}', 'update-conversation'],
  ])('is not reached by %s with its request', async (key, method, path, excluded) => {
    expect(await callLive(key, method, path, [excluded])).toEqual(['refused-by-policy', 'refused-by-policy'])
    expect(await callLive(key, method, path, [])).toEqual(['sent', 'sent'])
  })

  it('closes no tool that makes its own request', async () => {
    const all = ['update-conversation', 'create-message', 'create-draft']
    expect(await callLive('create-note', 'POST', '/v1/notes', all)).toEqual(['sent', 'sent'])
  })
})

it.each(['list-reset-links', 'find-block-user', 'search-cancel-order', 'get-approve-refund'])(
  'an action called %s is no read by its name',
  (key) => {
    expect(toLiveAction({ id: 'x', key, name: key }).readOnly).toBe(false)
  },
)

it('a program runs in a folder that exists and is one', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'file')
  await writeFile(file, '')
  await chmod(file, 0o755)
  expect(await Promise.all([folder, file, join(folder, 'not')].map(canEnter))).toEqual([true, false, false])
})
