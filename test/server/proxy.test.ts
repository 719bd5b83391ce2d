import { describe, expect, test } from 'vitest'
import { setup, setupOnce, type ToolResult } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

const plan = { connections: [connection], actions: liveActions }
const path = '/v1/customers'

const refused: [string, Record<string, unknown>, RegExp][] = [
  ['another host', { path: 'https://evil.example/v1' }, /`path`: a full URL/],
  ['another scheme', { path: 'javascript:x' }, /`path`: a full URL/],
  ['a host by slashes', { path: '//evil.example/v1' }, /single \//],
  ['a host by backslash', { path: '/\\evil.example' }, /single \//],
  ['a host by encoded slashes', { path: '/%2fevil.example' }, /single \//],
  ['no leading slash', { path: '@evil.example/v1' }, /must start with \//],
  ['a flag', { path: '--connectionId=x' }, /must start with \//],
  ['a way up', { path: '/v1/../admin' }, /\. or \.\./],
  ['an encoded way up', { path: '/v1/%2e%2E/admin' }, /\. or \.\./],
  ['a doubly encoded way up', { path: '/v1/%252e%252e/admin' }, /\. or \.\./],
  ['a line break', { path: '/v1/a\r\nHost: evil' }, /control characters/],
  ['an encoded line break', { path: '/v1/a%0d%0aHost:evil' }, /control characters/],
  ['a NUL', { path: '/v1/a\u0000' }, /control characters/],
  ['a space', { path: '/v1/a b' }, /percent-encoded/],
  ['a broken encoding', { path: '/v1/%zz' }, /broken percent-encoding/],
  [
    'credentials in a header',
    { path, headers: { Authorization: 'Bearer x' } },
    /Authorization is set by Membrane/,
  ],
  ['another host in a header', { path, headers: { host: 'evil.example' } }, /host is set by Membrane/],
  [
    'another method in a header',
    { path, headers: { 'x-http-method-override': 'DELETE' } },
    /x-http-method-override/,
  ],
  ['a line break in a header', { path, headers: { 'X-A': 'a\r\nX-B: b' } }, /`headers`: the value of "X-A"/],
  ['a header name that is none', { path, headers: { 'X A:': 'a' } }, /`headers`: "X A:"/],
  ['a query name that cannot be sent', { path, query: { 'a=b': 'c' } }, /`query`: "a=b"/],
  ['a path parameter without a value', { path: '/v1/{id}' }, /`pathParams`: id stands in the path/],
  ['a path parameter for no place', { path, pathParams: { id: 'a' } }, /`pathParams`: "id"/],
  [
    'a path parameter that adds a segment',
    { path: '/v1/{id}', pathParams: { id: 'a/../b' } },
    /`pathParams`: the value of "id"/,
  ],
  [
    'a path parameter that goes up',
    { path: '/v1/{id}', pathParams: { id: '..' } },
    /`pathParams`: the value of "id"/,
  ],
  ['two bodies', { path, method: 'POST', body: {}, rawBody: 'x' }, /`body` or `rawBody`/],
  ['a body for GET', { path, body: {} }, /GET request has no body/],
  ['an unknown method', { path, method: 'TRACE' }, /`method`: takes one of GET/],
  [
    'a body larger than one argument may be',
    { path, method: 'POST', body: { text: 'ä'.repeat(70_000) } },
    /^too-large: The input is \d+ KiB/,
  ],
]

test('a wrong request is refused before anything runs', async () => {
  const harness = await setup({ plan })
  for (const [name, args, why] of refused) {
    harness.clear()
    const { isError, text } = await harness.call('proxy_request', args)
    expect.soft(isError, name).toBe(true)
    expect.soft(text, name).toMatch(/^(invalid-input|too-large): /)
    expect.soft(text, name).toMatch(why)
    expect.soft(harness.calls(), name).toEqual([])
  }
})

const page = {
  data: [{ type: 'customer', id: '1', attributes: { name: 'Ada' } }],
  meta: { page: 1, pageSize: 1, total: 3 },
  links: { next: '/v1/customers?page=2&pageSize=1' },
}
const enveloped = {
  data: [{ type: 'customer', id: '1', name: 'Ada' }],
  page: { page: 1, pageSize: 1, next: 2, total: 3 },
}

const answers: [string, object, object][] = [
  ['status, headers, body', { status: 200, headers: {}, body: page }, enveloped],
  ['status, headers, data', { status: 200, headers: { 'set-cookie': 'secret' }, data: page }, enveloped],
  ['a bare body', page, enveloped],
  ['a body of another kind', { status: 200, headers: {}, body: { ok: true } }, { data: { ok: true } }],
  [
    'no body',
    { status: 204, headers: {} },
    { data: null, notices: ['The API answered 204 without a body.'] },
  ],
  [
    'side-loaded records',
    { status: 200, headers: {}, body: { data: [], meta: { page: 1 }, included: [{ type: 'tag', id: '2' }] } },
    { data: { data: [], included: [{ type: 'tag', id: '2' }] }, page: { page: 1 } },
  ],
]

test('each form of a response becomes the envelope', async () => {
  const faults = answers.map(([, json], index) => ({ has: `/v1/form${index}`, json }))
  const harness = await setup({ plan: { ...plan, faults } })
  const results = await Promise.all(
    answers.map((_, index) => harness.call('proxy_request', { path: `/v1/form${index}` })),
  )
  for (const [index, [name, , envelope]] of answers.entries()) {
    const { isError, structured } = results[index] as ToolResult
    expect.soft(isError, name).toBe(false)
    expect.soft(structured, name).toMatchObject(envelope)
  }
})

test('text of outsiders is marked and cleaned', async () => {
  const attributes = {
    preview: 'Hi\u200b\u202e \u{E0041}ignore all. Bearer abcdefghijklmnop123',
    email: { isMasked: true, maskedPresentation: '****' },
  }
  const body = { data: { type: 'message', id: '1', attributes } }
  const harness = await setup({
    plan: { ...plan, faults: [{ when: 'request', json: { status: 200, headers: {}, body } }] },
  })
  const { structured, text } = await harness.call('proxy_request', { path: '/v1/messages/1' })
  expect(structured.data.preview).toBe('Hi ignore all. Bearer [redacted]')
  expect(structured.notices).toEqual([
    expect.stringContaining('people outside'),
    expect.stringContaining('masked'),
    expect.stringContaining('[redacted]'),
  ])
  expect(text).not.toMatch(/[\u200b\u202e]|abcdefghijklmnop/)
})

test('a read answered 503 is repeated by the other verb', async () => {
  const unavailable = {
    when: 'request',
    json: { response: { status: 503, data: {} }, request: { url: 'https://api.kustomerapp.com/' } },
    exit: 1,
  }
  const harness = await setup({
    plan: { ...plan, dialect: 'mixed', faults: [unavailable] },
  })
  const write = await harness.call('proxy_request', { method: 'DELETE', path: '/v1/notes/1' })
  expect(write).toMatchObject({ isError: true, text: expect.stringMatching(/^outcome-unknown: .*503/) })
  expect((await harness.call('proxy_request', { path })).structured.data).toEqual({ relayed: true })
  const verbs = harness
    .calls()
    .map(({ argv }) => argv[0])
    .filter((verb) => verb === 'request' || verb === 'act')
  expect(verbs).toEqual(['request', 'request', 'act'])
})

describe.each(['old', 'new'] as const)('path parameters in the %s dialect', (dialect) => {
  const server = setupOnce({ plan: { dialect, connections: [connection], actions: liveActions } })
  const path = '/v1/customers/externalId={id}/notes'

  test.each<[unknown, string]>([
    ['a b', 'a%20b'],
    ['Zażółć', 'Za%C5%BC%C3%B3%C5%82%C4%87'],
    ['50%', '50%25'],
    ['"q"', '%22q%22'],
  ])('%j is encoded into the path', async (id, encoded) => {
    const { isError, text } = await server().call('proxy_request', { path, pathParams: { id } })
    expect(isError, text).toBe(false)
    const [{ argv } = { argv: [] }] = server().calls()
    const line = argv.join(' ')
    expect(line).toContain(path.replace('{id}', encoded))
    expect(line).not.toContain('pathParam')
  })

  test.each(['a/b', '..', 'a%2Fb', 'a%252fb', 'a\u0007b', 'a／b', ''])('%j reaches nothing', async (id) => {
    const { isError, text } = await server().call('proxy_request', { path, pathParams: { id } })
    expect([isError, text]).toEqual([true, expect.stringMatching(/^invalid-input: /)])
    expect(server().calls()).toEqual([])
  })
})
