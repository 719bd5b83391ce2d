import { expect, test } from 'vitest'
import { setup, setupOnce } from '../support/harness.ts'
import { actionId, connection, liveActions } from '../support/samples.ts'
import { actions, inputOf, live, schemaOf } from './live-actions.ts'

const id = 'a'.repeat(24)
const server = setupOnce({ plan: { connections: [connection], actions } })

test('calls take what the live schema leaves open', async () => {
  const harness = server()
  const note = { conversationId: id, text: 't', weight: 3, somethingNew: { a: 1 } }
  expect(await inputOf(harness, 'create-note', note)).toEqual(note)
  const query = { perPage: null, sortBy: 'custom_field', segment: { any: true }, fields: [1, 'a'] }
  expect(await inputOf(harness, 'list-customers', query)).toEqual(query)
})

test('an action may lack its schema or its key', async () => {
  const harness = server()
  expect(await inputOf(harness, 'list-notes', { whatever: true })).toEqual({ whatever: true })
  expect((await schemaOf(harness, 'list-notes')).required).toBeUndefined()
  expect(await inputOf(harness, 'get-user-by-id', { userId: id })).toEqual({ userId: id })
})

test.each([
  ['create-note', { text: 't' }, /^invalid-input: .*`conversationId`: required but missing/],
  [
    'create-note',
    { conversationId: 'c', text: 't', visibility: 'world' },
    /^invalid-input: .*`visibility`: takes one of team, all/,
  ],
  [
    'create-note',
    { conversation: 'c', body: 't' },
    /^invalid-input: .*`conversationId`: required but missing; `conversation` was given.*`text`: required/,
  ],
  ['list-customers', { perPage: 'many' }, /^invalid-input: .*`perPage`: /],
  ['get-user-by-id', {}, /^invalid-input: .*`userId`: required but missing/],
])('%s refuses %j before anything runs', async (name, args, reason) => {
  const harness = server()
  const before = harness.calls().length
  const { isError, text } = await harness.call(name, args)
  expect(isError).toBe(true)
  expect(text).toMatch(reason)
  expect(harness.calls().length).toBe(before)
})

test('values sent as text are understood', async () => {
  const schema = {
    type: 'object',
    properties: {
      list: { type: 'array', items: { type: 'integer' } },
      object: { type: 'object', properties: { deep: { type: 'boolean' } } },
      number: { type: 'number' },
      yes: { type: 'boolean' },
      text: { type: 'string' },
    },
  }
  const harness = await setup({ plan: { connections: [connection], actions: [live('create-note', schema)] } })
  const sent = {
    list: '["1", 2]',
    object: '{"deep":"true"}',
    number: '-2.5',
    yes: 'false',
    text: '{"stays":"text"}',
  }
  const meant = { list: [1, 2], object: { deep: true }, number: -2.5, yes: false, text: '{"stays":"text"}' }
  expect(await inputOf(harness, 'create-note', sent)).toEqual(meant)
  expect(await inputOf(harness, 'create-note', { list: { 0: '5', 1: 6 }, text: '12' })).toEqual({
    list: [5, 6],
    text: '12',
  })
})

test('an action that cannot run says why', async () => {
  const harness = server()
  const building = await harness.call('create-company', { title: 'x' })
  expect(building).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^action-not-found: .*still being built/),
  })
  const lacking = await harness.call('update-customer', { id: 'x' })
  expect(lacking).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^action-not-found: .*search-actions/),
  })
})

test('an action that got a new id runs once', async () => {
  const notFound = { type: 'bad_request', key: 'not_found', message: "Action with id 'x' not found" }
  const fault = { when: `action run ${actionId('create-note')}`, json: notFound, exit: 1 }
  const harness = await setup({ plan: { connections: [connection], actions: liveActions, faults: [fault] } })
  const fresh = 'ffffffffffffffffffffffff'
  const moved = liveActions.map((action) =>
    action.key === 'create-note' ? { ...action, id: fresh } : action,
  )
  harness.rewrite({ connections: [connection], actions: moved, faults: [fault] })
  const { isError } = await harness.call('create-note', {
    conversation: 'aaaaaaaaaaaaaaaaaaaaaaaa',
    body: 'x',
  })
  expect(isError).toBe(false)
  const runs = harness
    .calls()
    .map(({ argv }) => argv)
    .filter(([, verb]) => verb === 'run')
  expect(runs.map(([, , id]) => id)).toEqual([actionId('create-note'), fresh])
})
