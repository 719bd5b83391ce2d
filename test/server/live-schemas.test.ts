import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Harness, type Json, type Plan, setup, temporaryFolder, until } from '../support/harness.ts'
import { connection } from '../support/samples.ts'
import { actions, inputOf, live, schemaOf } from './live-actions.ts'

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
    const note = { conversationId: 'c'.repeat(24), text: 't' }
    expect(await next.call('create-note', note)).toMatchObject({ isError: false })
    expect(await listOf(next)).toEqual(live)
  })
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
