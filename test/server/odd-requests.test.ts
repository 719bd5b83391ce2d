import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js'
import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Json, until } from '../support/harness.ts'
import { setupLines } from '../support/lines.ts'
import { connection, liveActions } from '../support/samples.ts'

const plan = { connections: [connection], actions: liveActions }
let lines: Awaited<ReturnType<typeof setupLines>>
const ends: (() => Promise<void>)[] = []
beforeAll(async () => {
  lines = await setupLines({ plan, onEnd: (tidy) => void ends.unshift(tidy) })
  await lines.initialize()
  return async () => {
    for (const end of ends) await end()
  }
})

let lastId = 0
/** Sends a line with an id and returns its only response. */
async function responseTo(line: (id: number) => string | object, id = ++lastId): Promise<Json> {
  lines.send(line(id))
  // What comes after has its response after.
  await lines.request('ping')
  await until(() => lines.responses(id).length > 0)
  expect(lines.responses(id)).toHaveLength(1)
  return lines.responses(id)[0]
}
const request = (id: unknown, method: string, more: object = {}) => ({ jsonrpc: '2.0', id, method, ...more })
const call = (id: unknown, params: unknown) => request(id, 'tools/call', { params })
const note = { conversation: 'a'.repeat(24), body: 'x' }
const nested = `${'['.repeat(1000)}${']'.repeat(1000)}`

describe('an odd request is understood', () => {
  test.each<[string, (id: number) => string | object]>([
    ['_meta null', (id) => call(id, { name: 'list-notes', arguments: {}, _meta: null })],
    ['params null', (id) => request(id, 'tools/list', { params: null })],
    ['progressToken null', (id) => call(id, { name: 'list-notes', _meta: { progressToken: null } })],
    ['arguments null', (id) => call(id, { name: 'list-notes', arguments: null })],
    ['arguments as JSON text', (id) => call(id, { name: 'create-note', arguments: JSON.stringify(note) })],
    ['arguments as empty text', (id) => call(id, { name: 'list-notes', arguments: '' })],
    ['cursor null', (id) => request(id, 'tools/list', { params: { cursor: null } })],
    ['an unknown member', (id) => request(id, 'ping', { clientVersion: '1' })],
    ['a byte order mark first', (id) => `\uFEFF${JSON.stringify(request(id, 'ping'))}`],
    ['a carriage return last', (id) => `${JSON.stringify(request(id, 'ping'))}\r`],
  ])('%s', async (_, line) => {
    const { result, error } = await responseTo(line)
    expect(error).toBeUndefined()
    expect(result).toBeTypeOf('object')
  })
})

describe('a wrong request is answered with its code', () => {
  test.each<[string, number, (id: number) => string | object]>([
    ['no jsonrpc', -32600, (id) => ({ id, method: 'ping' })],
    ['another jsonrpc', -32600, (id) => ({ jsonrpc: '1.0', id, method: 'ping' })],
    ['no method', -32600, (id) => ({ jsonrpc: '2.0', id })],
    ['a method that is no text', -32600, (id) => ({ jsonrpc: '2.0', id, method: 7 })],
    ['an unknown method', -32601, (id) => request(id, 'no/such')],
    [
      'a progressToken that is an object',
      -32600,
      (id) => call(id, { name: 'list-notes', _meta: { progressToken: {} } }),
    ],
    ['params that are a list', -32602, (id) => request(id, 'ping', { params: [] })],
    ['params that are text', -32602, (id) => request(id, 'tools/list', { params: 'all' })],
    ['arguments that are a list', -32602, (id) => call(id, { name: 'list-notes', arguments: [] })],
    ['arguments that are other text', -32602, (id) => call(id, { name: 'list-notes', arguments: 'x' })],
    ['a call without a name', -32602, (id) => call(id, { arguments: {} })],
    [
      'arguments over 1,000 levels deep',
      -32600,
      (id) =>
        JSON.stringify(call(id, { name: 'list-notes', arguments: { page: 0 } })).replace(
          ':0}',
          `:${nested}}`,
        ),
    ],
    ['a call of an unknown tool', -32602, (id) => call(id, { name: 'no-such-tool' })],
  ])('%s: %i', async (_, code, line) => {
    const { error } = await responseTo(line)
    expect([error.code, error.message]).toEqual([code, expect.stringMatching(/\w/)])
    expect(error.message).not.toMatch(/ZodError|invalid_type|MCP error/)
  })

  test('each request of a batch: -32600', async () => {
    const ids = ['first', 'second']
    lines.send([
      request(ids[0], 'ping'),
      { jsonrpc: '2.0', method: 'notifications/x' },
      request(ids[1], 'ping'),
    ])
    await until(() => ids.every((id) => lines.responses(id).length > 0))
    for (const id of ids) expect(lines.responses(id)).toMatchObject([{ error: { code: -32600 } }])
  })

  test.each([[null], [1.5], [true], [['a']], [{ a: 1 }]])('the id %j: -32600', async (id) => {
    const before = lines.responses(id).length
    lines.send(request(id, 'ping'))
    await until(() => lines.responses(id).length > before)
    expect(lines.responses(id).slice(before)).toMatchObject([{ error: { code: -32600 } }])
  })
})

test('any line with an id has exactly one response', async () => {
  const methods = [
    'ping',
    'tools/list',
    'tools/call',
    'initialize',
    'resources/read',
    'prompts/get',
    'completion/complete',
  ]
  const member = fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<Json>({}, null, { name: 'list-notes' }, { _meta: null }),
  )
  const message = fc.record(
    {
      jsonrpc: fc.oneof({ weight: 4, arbitrary: fc.constant<Json>('2.0') }, fc.jsonValue()),
      method: fc.oneof({ weight: 4, arbitrary: fc.constantFrom<Json>(...methods) }, fc.jsonValue()),
      params: fc.oneof(
        member,
        fc.record(
          { name: member, arguments: member, _meta: member, cursor: member, uri: member },
          { requiredKeys: [] },
        ),
      ),
      extra: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(message, fc.jsonValue()), async (value) => {
      const id = `any-${++lastId}`
      const isMembers = typeof value === 'object' && value !== null && !Array.isArray(value)
      const { result: _, error: _error, ...members } = isMembers ? (value as Json) : { params: value }
      lines.send({ ...members, id })
      await until(() => lines.responses(id).length > 0)
      await lines.request('ping')
      expect(lines.responses(id)).toHaveLength(1)
      const [response] = lines.responses(id)
      expect('result' in response).toBe(!('error' in response))
    }),
    { numRuns: 300 },
  )
})

test('lines that are no messages are passed over', async () => {
  const before = lines.messages.length
  lines.send('', '  ', 'text', '"text"', '{', '5', 'null', '[]', '{}', '[1,"a",null]')
  lines.send({ jsonrpc: '2.0', method: 'notifications/unknown' }, { jsonrpc: '2.0', id: 4711, result: {} })
  expect(await lines.request('ping')).toMatchObject({ result: {} })
  expect(lines.messages.slice(before)).toHaveLength(1)
})

test('the log has the kind of a wrong message, not its words', async () => {
  const own = await setupLines({ plan, args: ['--log-level', 'trace'] })
  await own.initialize()
  const mark = 'what Ada wrote'
  own.send({ jsonrpc: '2.0', id: 4711, result: { action: 'accept', content: { choice: mark } } })
  own.send({
    jsonrpc: '2.0',
    method: 'notifications/progress',
    params: { progressToken: mark, progress: 1, message: mark },
  })
  own.send(`"${mark}`, mark, { id: 1, method: 7, params: { text: mark } })
  const query = { [`\u001b]0;${mark}\u202e${'x'.repeat(5000)}`]: '\u0001' }
  const params = { name: 'proxy_request', arguments: { path: '/v1/customers', query } }
  const { result } = await own.request('tools/call', params)
  const [{ text }] = result.content
  expect([result.isError, text]).toEqual([true, expect.stringMatching(/^invalid-input: `query`/)])
  expect(text.length).toBeLessThan(300)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
  expect(text).not.toMatch(/[\u0000-\u001f\u202e]/)
  expect(own.log().split('"event":"protocol"').length - 1).toBe(4)
  expect(own.log()).toContain('Received a response for an unknown message ID"')
  expect(own.log()).not.toContain('Ada')
})

describe('initialize', () => {
  test.each(SUPPORTED_PROTOCOL_VERSIONS)('agrees on %s', async (version) => {
    const own = await setupLines({ plan })
    const { result } = await own.initialize(version)
    expect(result).toMatchObject({ protocolVersion: version, serverInfo: { name: 'kustomer' } })
    expect((await own.request('tools/list')).result.tools.length).toBe(34)
  })

  test('offers the newest version for an unknown one', async () => {
    const own = await setupLines({ plan })
    const { result } = await own.initialize('1999-01-01')
    expect(result.protocolVersion).toBe(SUPPORTED_PROTOCOL_VERSIONS[0])
  })

  test('may follow a ping and reuse an id', async () => {
    const own = await setupLines({ plan })
    expect(await own.request('ping', undefined, 'one')).toMatchObject({ result: {} })
    expect((await own.initialize()).error).toBeUndefined()
    own.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'one' } })
    own.send(request('one', 'no/such'))
    await until(() => own.responses('one').length === 2)
    expect(own.responses('one')[1]).toMatchObject({ error: { code: -32601 } })
  })
})
