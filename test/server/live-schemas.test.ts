import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  type Harness,
  type Json,
  type Plan,
  setup,
  setupOnce,
  temporaryFolder,
  until,
} from '../support/harness.ts'
import { actionId, connection, liveActions } from '../support/samples.ts'

const live = (key: string, inputSchema: unknown, more: object = {}) => ({
  id: actionId(key),
  key,
  name: key,
  state: 'READY',
  inputSchema,
  ...more,
})

/** A catalogue as Membrane may have it: other names and another dialect than what is shipped. */
const actions = [
  live('list-customers', {
    properties: {
      perPage: { type: ['integer', 'null'], default: 25, description: 'How many.' },
      sortBy: { type: 'string', enum: ['name', 'createdAt'], allowCustom: true },
      segment: { $ref: 'app-data-schema-key' },
      fields: { type: 'array' },
    },
  }),
  live('create-note', {
    type: 'object',
    required: ['conversationId', 'text'],
    properties: {
      conversationId: {
        type: 'string',
        referenceCollection: { key: 'conversations' },
        description: 'Where it goes.',
      },
      text: { type: 'string' },
      visibility: { type: 'string', enum: ['team', 'all'], default: 'team' },
      weight: { type: ['string', 'number'] },
    },
  }),
  { id: actionId('list-notes'), key: 'list-notes', name: 'List Notes', state: 'READY' },
  {
    id: actionId('get-user-by-id'),
    name: 'Get User by ID',
    state: 'READY',
    inputSchema: { type: 'object', required: ['userId'], properties: { userId: { type: 'string' } } },
  },
  live(
    'create-company',
    { type: 'object', properties: { title: { type: 'string' } } },
    { state: 'BUILDING' },
  ),
]

const server = setupOnce({ plan: { connections: [connection], actions } })

const schemaOf = async ({ client }: Harness, name: string): Promise<Json> =>
  (await client.listTools()).tools.find((tool) => tool.name === name)?.inputSchema

async function inputOf(harness: Harness, name: string, args: Record<string, unknown>): Promise<unknown> {
  const { isError, text } = await harness.call(name, args)
  expect(isError, text).toBe(false)
  const { argv } = harness.calls().at(-1) as { argv: string[] }
  return JSON.parse(argv.find((arg) => arg.startsWith('--input='))?.slice(8) ?? '')
}

test('tools list the live schemas and say so once', async () => {
  const harness = await setup({ plan: { connections: [connection], actions }, cold: true })
  await harness.learn()
  await until(() => harness.listChanges() > 0)
  expect(await schemaOf(harness, 'list-customers')).toEqual({
    type: 'object',
    properties: {
      perPage: { type: 'integer', default: 25, description: 'How many.' },
      sortBy: { type: 'string', description: 'For example: name, createdAt.' },
      segment: { type: 'string', description: 'Any JSON value.' },
      fields: { type: 'array', items: { type: 'string', description: 'Any JSON value.' } },
    },
  })
  expect(await schemaOf(harness, 'create-note')).toEqual({
    type: 'object',
    properties: {
      conversationId: { type: 'string', description: 'Where it goes.' },
      text: { type: 'string' },
      visibility: { type: 'string', enum: ['team', 'all'], default: 'team' },
      weight: { type: 'string', description: 'May be string or number.' },
    },
    required: ['conversationId', 'text'],
  })
  expect(harness.listChanges()).toBe(1)
})

describe('the next start', () => {
  const silent: Plan = { faults: [{ when: '', hang: true }] }
  const listOf = async ({ client }: Harness) => (await client.listTools()).tools

  async function learned() {
    const stateDir = await temporaryFolder()
    const first = await setup({ plan: { connections: [connection], actions }, stateDir })
    const live = await listOf(first)
    await first.end()
    const cache = join(stateDir, 'cache')
    const name = (await readdir(cache)).find((file) => file.startsWith('actions-')) ?? ''
    return { stateDir, live, file: join(cache, name) }
  }

  test('lists the live schemas without the CLI', async () => {
    const { stateDir, live } = await learned()
    const next = await setup({ plan: silent, stateDir, cold: true })
    expect(await listOf(next)).toEqual(live)
    expect(next.calls()).toEqual([])
    expect(next.listChanges()).toBe(0)
  })

  test.each(['[', 'null', '', '{"fetchedAt":1}', '{"fetchedAt":1,"actions":{}}'])(
    'lists the built-in schemas where the cache is %j',
    async (text) => {
      const { stateDir, live, file } = await learned()
      await writeFile(file, text)
      const next = await setup({ plan: silent, stateDir, cold: true })
      const builtIn = await listOf(next)
      expect(builtIn).not.toEqual(live)
      expect(builtIn.map(({ name }) => name)).toEqual(live.map(({ name }) => name))
    },
  )

  test('reads a list anew that lacks an action', async () => {
    const { stateDir, live, file } = await learned()
    const { fetchedAt } = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ fetchedAt: fetchedAt - 60_000, actions: [] }))
    const next = await setup({ plan: { connections: [connection], actions }, stateDir, cold: true })
    const note = { conversationId: 'c', text: 't' }
    expect(await next.call('create-note', note)).toMatchObject({ isError: false })
    expect(await listOf(next)).toEqual(live)
  })
})

test('calls take what the live schema leaves open', async () => {
  const harness = server()
  const note = { conversationId: 'c', text: 't', weight: 3, somethingNew: { a: 1 } }
  expect(await inputOf(harness, 'create-note', note)).toEqual(note)
  const query = { perPage: null, sortBy: 'custom_field', segment: { any: true }, fields: [1, 'a'] }
  expect(await inputOf(harness, 'list-customers', query)).toEqual(query)
})

test('a large live schema is listed in part', async () => {
  const names = Array.from({ length: 80 }, (_, index) => `field${index}`)
  const field = {
    type: 'object',
    properties: { a: { type: 'string' } },
    description: 'Words about it. '.repeat(9),
  }
  const properties = Object.fromEntries([...names, 'name', 'tags'].map((name) => [name, field]))
  const large = live('create-customer', { type: 'object', properties, required: ['field79'] })
  const harness = await setup({ plan: { connections: [connection], actions: [large] } })
  const { tools } = await harness.client.listTools()
  const { inputSchema, description } = tools.find(({ name }) => name === 'create-customer') as Json
  expect(JSON.stringify(inputSchema).length).toBeLessThan(1400)
  expect(Object.keys(inputSchema.properties)).toEqual(
    expect.arrayContaining(['field0', 'field79', 'name', 'tags']),
  )
  expect(description).toMatch(/Also takes (field\d+, )+field\d+ and more\.$/)
  const sent = Object.fromEntries(names.map((name) => [name, { a: 'x', b: 1 }]))
  expect(await inputOf(harness, 'create-customer', sent)).toEqual(sent)
  const wrong = await harness.call('create-customer', { ...sent, field50: { a: { b: 1 } } })
  expect(wrong).toMatchObject({ isError: true, text: expect.stringContaining('`field50.a`') })
})

test('search-actions gives the best match whole', async () => {
  const properties = Object.fromEntries(
    Array.from({ length: 80 }, (_, index) => [
      `field${index}`,
      { type: 'string', description: 'Some words.' },
    ]),
  )
  const found = ['create-thing', 'update-thing'].map((key) => live(key, { type: 'object', properties }))
  const harness = await setup({ plan: { connections: [connection], actions: found } })
  const { isError, text, structured } = await harness.call('search-actions', { intent: 'create a thing' })
  expect(isError, text).toBe(false)
  const [best, other] = structured.data
  expect(Object.keys(best.inputSchema.properties)).toEqual(Object.keys(properties))
  expect(best).not.toHaveProperty('alsoTakes')
  const shown = Object.keys(other.inputSchema.properties)
  expect(shown.length).toBeLessThan(60)
  expect([...shown, ...other.alsoTakes]).toEqual(Object.keys(properties))
})

test('an action may lack its schema or its key', async () => {
  const harness = server()
  expect(await inputOf(harness, 'list-notes', { whatever: true })).toEqual({ whatever: true })
  expect((await schemaOf(harness, 'list-notes')).required).toBeUndefined()
  expect(await inputOf(harness, 'get-user-by-id', { userId: 'u1' })).toEqual({ userId: 'u1' })
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
