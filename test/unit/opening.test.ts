import { PassThrough, Writable } from 'node:stream'
import { InitializeRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSession } from '../../src/mcp/opening.ts'
import type { Json } from '../support/server.ts'

const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1' } }
const initialize = { jsonrpc: '2.0', id: 'first', method: 'initialize', params }
const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }
const list = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
const ping = { jsonrpc: '2.0', id: 3, method: 'ping' }

/** Sends pieces to an opening and returns what it answered, how often it was ready, and what is left for the server. */
async function play(pieces: readonly (string | Buffer)[]) {
  const input = new PassThrough()
  let written = ''
  let ready = 0
  const output = new Writable({
    write(chunk, _encoding, done) {
      written += chunk
      done()
    },
  })
  const { over, end } = openSession(input, output, {
    list: () => ({ tools: ['one'] }),
    onReady: () => {
      ready++
    },
  })
  for (const piece of pieces) {
    input.write(piece)
    await new Promise(setImmediate)
  }
  end()
  const greeted = await over
  const left: Buffer[] = []
  input
    .on('data', (chunk) => left.push(chunk))
    .resume()
    .end()
  await new Promise((resolve) => input.once('end', resolve))
  const lines = (text: string): Json[] => text.split('\n').filter(Boolean).map(parse)
  return { answers: lines(written), ready, greeted, left: lines(Buffer.concat(left).toString()) }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return line
  }
}

const line = (message: unknown) => `${typeof message === 'string' ? message : JSON.stringify(message)}\n`

test('what every host asks first is answered, and the initialize is left for the server', async () => {
  const { answers, ready, greeted, left } = await play([initialize, initialized, list].map(line))
  expect(answers.map(({ id }) => id)).toEqual(['first', 2])
  expect(answers[0].result).toMatchObject({
    protocolVersion: '2025-06-18',
    serverInfo: { name: 'kustomer' },
  })
  expect(answers[1].result).toEqual({ tools: ['one'] })
  // Under an id of our own: whatever the host asks with its own id has an answer of its own.
  expect(greeted).toMatch(/^[0-9a-f-]{36}$/)
  expect({ ready, left }).toEqual({ ready: 1, left: [{ ...initialize, id: greeted }] })
})

test.each<[string, unknown]>([
  ['no JSON', 'tools/list'],
  ['a batch', [list]],
  ['another version of JSON-RPC', { ...list, jsonrpc: '1.0' }],
  ['no id', { jsonrpc: '2.0', method: 'tools/list' }],
  ['an id that is null', { ...list, id: null }],
  ['an id that is no whole number', { ...list, id: 1.5 }],
  ['a member that no request has', { ...list, other: 1 }],
  ['parameters that are a list', { ...list, params: [] }],
  ['a cursor', { ...list, params: { cursor: 'x' } }],
  ['a token for progress', { ...list, params: { _meta: { progressToken: 1 } } }],
  ['a notification with an id', { ...initialized, id: 1 }],
  [
    'a version of the protocol that is not known',
    { ...initialize, params: { ...params, protocolVersion: '1' } },
  ],
  [
    'the name of what every object has',
    { ...initialize, params: { ...params, protocolVersion: 'toString' } },
  ],
  ['no capabilities', { ...initialize, params: { ...params, capabilities: undefined } }],
  ['no name of the client', { ...initialize, params: { ...params, clientInfo: { version: '1' } } }],
  ['a capability that is none', { ...initialize, params: { ...params, capabilities: { roots: true } } }],
  [
    'a capability that is not usual',
    { ...initialize, params: { ...params, capabilities: { toString: {} } } },
  ],
  ['a name that is no text', { ...initialize, params: { ...params, clientInfo: { name: 5, version: '1' } } }],
  ['more in its parameters', { ...initialize, params: { ...params, _meta: {} } }],
  ['another method', ping],
  ['a result', { jsonrpc: '2.0', id: 2, result: {} }],
])('%s is left for the server, with all that follows', async (_, unusual) => {
  const { answers, ready, greeted, left } = await play([unusual, list, initialized].map(line))
  expect({ answers, ready, greeted }).toEqual({ answers: [], ready: 0, greeted: undefined })
  expect(left).toEqual([JSON.parse(JSON.stringify(unusual)), list, initialized])
})

test('a line that gets long is left for the server before it ends', async () => {
  const long = { ...list, id: 'x'.repeat(70_000) }
  const { answers, left } = await play([line(long).slice(0, 66_000), line(long).slice(66_000), line(list)])
  expect(answers).toEqual([])
  expect(left).toEqual([long, list])
})

test('a second initialize is left for the server', async () => {
  const second = { ...initialize, id: 'second' }
  const { answers, greeted, left } = await play([initialize, second].map(line))
  expect(answers.map(({ id }) => id)).toEqual(['first'])
  expect(left).toEqual([{ ...initialize, id: greeted }, second])
})

test('however the messages come in pieces, each is answered or left, once and in order', async () => {
  const message = fc.constantFrom<unknown>(initialized, list, ping, 'no JSON', { ...list, id: 'ü “…”' })
  const isOpening = (one: unknown) => one === initialized || (one as Json).method === 'tools/list'
  await fc.assert(
    fc.asyncProperty(
      fc.array(message, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 20 }),
      async (messages, sizes) => {
        const bytes = Buffer.from([initialize, ...messages].map(line).join(''))
        const pieces: Buffer[] = []
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1
          pieces.push(bytes.subarray(at, at + size))
          at += size
        }
        const until = messages.findIndex((one) => !isOpening(one))
        const opening = until === -1 ? messages : messages.slice(0, until)
        const { answers, ready, greeted, left } = await play(pieces)
        expect(answers.map(({ id }) => id)).toEqual([
          'first',
          ...opening.flatMap((one) => (one === initialized ? [] : [(one as Json).id])),
        ])
        expect(ready).toBe(opening.filter((one) => one === initialized).length)
        expect(left).toEqual([{ ...initialize, id: greeted }, ...messages.slice(opening.length)])
      },
    ),
    { numRuns: 60 },
  )
})

test('what is answered here the SDK would have taken', async () => {
  const value = fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom<unknown>(
      {},
      { listChanged: true },
      { form: {} },
      { form: {}, url: {} },
      { 'com.a/b': { c: [1] } },
    ),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const name = fc.constantFrom(
    'roots',
    'sampling',
    'elicitation',
    'experimental',
    'extensions',
    'tasks',
    'constructor',
  )
  const text = fc.oneof(fc.constantFrom<unknown>('one', 'two'), fc.jsonValue({ maxDepth: 1 }))
  const member = fc.constantFrom('name', 'version', 'title', 'websiteUrl', 'icons', 'other')
  let taken = 0
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(name, value, { maxKeys: 3 }),
      fc.dictionary(member, text, { maxKeys: 3 }),
      async (capabilities, info) => {
        const clientInfo = { name: 'test', version: '1', ...info }
        const message = { ...initialize, params: { ...params, capabilities, clientInfo } }
        const { answers } = await play([line(message)])
        taken += answers.length
        if (answers.length > 0) expect(InitializeRequestSchema.safeParse(message).error).toBeUndefined()
      },
    ),
    { numRuns: 500 },
  )
  expect(taken).toBeGreaterThan(20)
})

test.each([
  { elicitation: {} },
  { sampling: {}, elicitation: { form: {}, url: {} }, roots: { listChanged: true } },
  { experimental: {}, extensions: { 'io.modelcontextprotocol/ui': { mimeTypes: ['text/html'] } } },
])('the capabilities of hosts are answered here: %j', async (capabilities) => {
  const clientInfo = { name: 'host', title: 'A host', version: '1', websiteUrl: 'https://example.com' }
  const { answers } = await play([line({ ...initialize, params: { ...params, capabilities, clientInfo } })])
  expect(answers).toHaveLength(1)
})
