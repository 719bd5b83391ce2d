import { describe, expect, test } from 'vitest'
import { type Json, setupOnce } from '../support/harness.ts'
import { connection, connectionId, keys, liveActions } from '../support/samples.ts'

const further = [
  ['delete-note', 'Delete Note', 'Deletes a note for good.'],
  ['list-tags', 'List Tags', 'All tags of the organisation.'],
  ['list-queues', 'List Queues', 'Where conversations wait.'],
  ['archive-conversation', 'Archive Conversation', 'Takes a conversation out of the inbox.'],
].map(([key, name, description], index) => ({
  ...{ id: `69e0c0ffee00000000fff00${index}`, key, name, description, state: 'READY' },
  inputSchema: { type: 'object', properties: { id: { type: 'string' } } },
}))
/** More than any limit, so that the best match is not among the first. */
const actions: Json[] = [...liveActions, ...further]
const plan = { connections: [connection], actions }
const server = setupOnce({ plan })

const search = async (intent: string, limit?: number): Promise<Json> => {
  const { isError, text, structured } = await server().call('search-actions', { intent, limit })
  expect(isError, text).toBe(false)
  return structured
}
const keysOf = ({ data }: Json): string[] => data.map(({ key }: Json) => key)
/** Lets the CLI answer a search with these actions. */
const answering = (items: Json[]) =>
  server().rewrite({ ...plan, faults: [{ when: 'action list', has: '--intent=', json: { items } }] })

describe('where the CLI ignores the intent', () => {
  test.each<[string, string]>([
    ['delete a note', 'delete-note'],
    ['remove notes', 'delete-note'],
    ['erase a comment', 'delete-note'],
    ['show all labels', 'list-tags'],
    ['archive a ticket', 'archive-conversation'],
    ['new contact', 'create-customer'],
    ['list organisations', 'list-companies'],
    ['get the queues', 'list-queues'],
    ['comment on a case', 'create-note'],
    ['listTags', 'list-tags'],
  ])('%j finds %s first, over the whole list', async (intent, key) => {
    const found = await search(intent, 3)
    expect(found.data.length).toBeLessThanOrEqual(3)
    expect(keysOf(found)[0]).toBe(key)
    expect(found.notices).toBeUndefined()
    expect(server().calls()).toHaveLength(1)
  })

  test('also a plain list that it cut itself is ranked', async () => {
    answering(actions.slice(0, 3))
    expect(keysOf(await search('delete a note', 3))[0]).toBe('delete-note')
  })

  test('a word that no action mentions is named', async () => {
    const found = await search('merge customers', 5)
    expect(keysOf(found)).toContain('update-customer')
    expect(found.notices).toEqual([
      'None of these actions mentions “merge”: they fit the rest of the intent. Try other words, or use proxy_request with the API path.',
    ])
  })

  test.each(['fly to the moon', 'zzz', '!?', 'update a satellite'])('nothing fits %j', async (intent) => {
    expect(await search(intent)).toEqual({
      data: [],
      notices: ['None of the actions fits. Try other words, or use proxy_request with the API path.'],
    })
  })

  test('what was found can be run by its key and id', async () => {
    const [{ key, id }] = (await search('delete a note', 1)).data
    for (const action of [key, id]) {
      const { isError, text } = await server().call('run-action', { action, input: { id: action } })
      expect(isError, text).toBe(false)
    }
  })
})

describe('where the CLI ranks', () => {
  const byKey = (key: string) => actions.find((action) => action.key === key)

  test.each<[string, string[]]>([
    ['its order is kept', ['list-tags', 'delete-note', 'list-notes']],
    ['an order like that of the list is kept', ['list-notes', 'create-note', 'delete-note']],
    ['one result is kept', ['archive-conversation']],
  ])('%s', async (_, found) => {
    answering(found.map(byKey))
    expect(keysOf(await search('get rid of a memo'))).toEqual(found)
    expect(
      server()
        .calls()
        .map(({ argv }) => argv),
    ).toEqual([['action', 'list', `--connectionId=${connectionId}`, '--intent=get rid of a memo', '--json']])
  })

  test('an action that the list lacks is shown, and runs', async () => {
    const fresh = { ...further[0], id: '69e0c0ffee00000000fff999', key: 'shred-memo', name: 'Shred Memo' }
    answering([fresh])
    expect((await search('shred a memo')).data).toMatchObject([{ key: 'shred-memo', id: fresh.id }])
    const { isError, text } = await server().call('run-action', { action: 'shred-memo', input: { id: 'x' } })
    expect(isError, text).toBe(false)
  })
})

describe('a result', () => {
  test('shows key, id, name and description, and the schema of the best whole', async () => {
    const [best, ...others] = (await search('create a customer', 3)).data
    const { id, name, description } = liveActions.find(({ key }) => key === 'create-customer') as Json
    expect(best).toMatchObject({ key: 'create-customer', id, name, description })
    expect(best).not.toHaveProperty('alsoTakes')
    for (const { key, inputSchema } of others) {
      expect(keys).toContain(key)
      expect(Buffer.byteLength(JSON.stringify(inputSchema))).toBeLessThanOrEqual(1300)
    }
  })

  test('has no key where the action has none', async () => {
    answering([{ ...further[0], key: undefined, id: '69e0c0ffee00000000fff888' }])
    const [only] = (await search('delete a note')).data
    expect(only).toMatchObject({ id: '69e0c0ffee00000000fff888', name: 'Delete Note' })
    expect(only).not.toHaveProperty('key')
  })
})
