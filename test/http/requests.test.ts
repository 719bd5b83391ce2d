import { describe, expect, it } from 'vitest'
import { startHttp } from './support.ts'

const ping = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' })

describe('where a request may go', () => {
  it.each([
    ['POST', '/mcp', 200],
    ['POST', '/mcp/', 200],
    ['GET', '/healthz', 200],
    ['GET', '/readyz', 200],
    ['POST', '/', 404],
    ['POST', '/mcp/x', 404],
    ['GET', '/.env', 404],
    ['GET', '/mcp', 405],
    ['HEAD', '/mcp', 405],
    ['DELETE', '/mcp', 405],
    ['PUT', '/mcp', 405],
    ['TRACE', '/mcp', 405],
    ['OPTIONS', '/mcp', 204],
  ])('%s %s is %i', async (method, path, status) => {
    const { send } = await startHttp()
    const answer = await send(method === 'POST' ? { method, path, body: ping } : { method, path })
    expect(answer.status).toBe(status)
    expect(answer.headers.allow).toBe(status === 405 || status === 204 ? 'POST' : undefined)
  })

  it('is not ready without its CLI', async () => {
    const { send } = await startHttp({ given: { cli: '/nowhere/membrane' } })
    expect(await send({ method: 'GET', path: '/readyz' })).toMatchObject({ status: 503 })
    expect(await send({ method: 'GET', path: '/healthz' })).toMatchObject({ status: 200, text: 'ok\n' })
  })

  it('is ready without a call of its CLI', async () => {
    const { send, scripted } = await startHttp()
    expect(await send({ method: 'GET', path: '/readyz' })).toMatchObject({ status: 200, text: 'ready\n' })
    expect(scripted.calls).toEqual([])
  })
})

describe('by which name it may be called', () => {
  it.each([
    ['127.0.0.1:8787', 200],
    ['localhost', 200],
    ['LOCALHOST:1', 200],
    ['[::1]:8787', 200],
    ['evil.example', 403],
    ['localhost.evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['10.0.0.1', 403],
  ])('%s is %i by default', async (host, status) => {
    const { send } = await startHttp()
    expect(await send({ headers: { host }, body: ping })).toMatchObject({ status })
  })

  it.each([
    ['mcp.example.com', 200],
    ['MCP.example.com:443', 200],
    ['other.example.com:8443', 200],
    ['other.example.com', 403],
    ['localhost', 403],
  ])('%s is %i with a list', async (host, status) => {
    const given = { auth: 'tokens', allowedHost: ['mcp.example.com', 'other.example.com:8443'] }
    const { send, bearer } = await startHttp({ given })
    const { authorization } = await bearer('anna')
    expect(await send({ headers: { host, authorization }, body: ping })).toMatchObject({ status })
  })

  it('does not concern probes', async () => {
    const { send } = await startHttp()
    const probe = { method: 'GET', path: '/healthz', headers: { host: '10.0.0.7:8787' } }
    expect(await send(probe)).toMatchObject({ status: 200 })
  })
})

describe('which pages may use it', () => {
  it.each([
    ['http://localhost:6274', 200],
    ['https://evil.example', 403],
    ['null', 403],
  ])('%s is %i by default, without CORS', async (origin, status) => {
    const { send } = await startHttp()
    const answer = await send({ headers: { origin }, body: ping })
    expect(answer.status).toBe(status)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })

  it('answers the preflight of an allowed page, and of no other', async () => {
    const { send } = await startHttp({ given: { allowedOrigin: ['https://app.example.com'] } })
    const preflight = (origin: string) => send({ method: 'OPTIONS', headers: { origin } })
    const answer = await preflight('https://app.example.com')
    expect(answer).toMatchObject({ status: 204 })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': 'https://app.example.com',
      'access-control-allow-methods': 'POST',
      'access-control-max-age': '600',
    })
    expect(answer.headers['access-control-allow-headers']).toContain('MCP-Protocol-Version')
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined()
    expect(await preflight('http://localhost:6274')).toMatchObject({ status: 403 })
  })
})

describe('what a request may be', () => {
  const json = { jsonrpc: '2.0', id: null, error: { code: -32_700 } }
  it.each<[string, string, number, object | undefined]>([
    ['text that is not JSON', '{"jsonrpc":', 400, json],
    ['nothing', '', 400, json],
    ['a scalar', '5', 400, { id: null, error: { code: -32_600 } }],
    ['a batch', `[${ping},${ping}]`, 400, { id: null, error: { code: -32_600 } }],
    ['an empty batch', '[]', 400, { id: null, error: { code: -32_600 } }],
    [
      'another protocol',
      '{"jsonrpc":"1.0","id":7,"method":"ping"}',
      400,
      { id: 7, error: { code: -32_600 } },
    ],
    ['parameters in a list', '{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}', 400, { id: 7 }],
    ['a byte order mark', `\uFEFF${ping}`, 200, { id: 1, result: {} }],
    ['null members', '{"jsonrpc":"2.0","id":1,"method":"tools/list","params":null}', 200, { id: 1 }],
    [
      'an unknown method',
      '{"jsonrpc":"2.0","id":"a","method":"x/y"}',
      200,
      { id: 'a', error: { code: -32_601 } },
    ],
    ['a notification', '{"jsonrpc":"2.0","method":"notifications/initialized"}', 202, undefined],
    [
      'a cancellation',
      '{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}',
      202,
      undefined,
    ],
    ['a response', '{"jsonrpc":"2.0","id":1,"result":{}}', 202, undefined],
  ])('%s', async (_, body, status, expected) => {
    const { send } = await startHttp()
    const answer = await send({ body })
    expect(answer.status).toBe(status)
    if (expected === undefined) expect(answer.text).toBe('')
    else expect(answer.json).toMatchObject(expected)
  })

  it.each([
    ['application/json; charset=utf-8', 200],
    ['Application/JSON', 200],
    ['text/plain', 415],
    ['application/json-patch+json', 415],
    ['', 415],
  ])('of the type %j is %i', async (type, status) => {
    const { send } = await startHttp()
    expect(await send({ headers: { 'content-type': type }, body: ping })).toMatchObject({ status })
  })

  it('is refused when too large, by its declared length', async () => {
    const { raw } = await startHttp({ limits: { maxBodyBytes: 1000 } })
    const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    // Nothing of the body was sent: the length is enough.
    expect(await raw(`${head}Content-Length: 1001\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('is refused when too large, while its chunks arrive', async () => {
    const { raw } = await startHttp({ limits: { maxBodyBytes: 1000 } })
    const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n'
    const chunk = `200\r\n${' '.repeat(0x200)}\r\n`
    expect(await raw(`${head}Transfer-Encoding: chunked\r\n\r\n`, chunk, chunk)).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('is given up when its head or its body never ends', async () => {
    const { raw } = await startHttp({ limits: { headersMs: 40, requestMs: 60 } })
    const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\n'
    const answers = await Promise.all([
      raw(head),
      raw(`${head}Content-Type: application/json\r\nContent-Length: 50\r\n\r\n{`),
      raw(`${head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`),
    ])
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })
})

describe('the revision of the protocol', () => {
  it.each([
    ['2025-11-25', 200],
    ['2025-11-25, 2025-11-25', 200],
    ['2026-07-28, 2025-11-25', 200],
    ['', 200],
    ['2026-07-28', 400],
    ['latest', 400],
  ])('%j in the header is %i', async (version, status) => {
    const { send } = await startHttp()
    const answer = await send({
      headers: { 'mcp-protocol-version': version },
      body: '{"jsonrpc":"2.0","id":9,"method":"tools/list"}',
    })
    expect(answer.status).toBe(status)
    expect(answer.json).toMatchObject(
      status === 200 ? { id: 9, result: {} } : { id: 9, error: { code: -32_000 } },
    )
  })

  it('of an initialization is negotiated, whatever its header says', async () => {
    const { send } = await startHttp()
    const params = {
      protocolVersion: '2025-06-18',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    }
    const answer = await send({
      headers: { 'mcp-protocol-version': '2026-07-28' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params }),
    })
    expect(answer.json.result).toMatchObject({
      protocolVersion: '2025-06-18',
      capabilities: { tools: { listChanged: false } },
    })
    expect(answer.headers['mcp-session-id']).toBeUndefined()
  })

  it('of a modern body under an older header is the one of the header', async () => {
    const { send } = await startHttp()
    const meta = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' }
    const answer = await send({
      headers: { 'mcp-protocol-version': '2025-11-25' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: meta } }),
    })
    expect(answer).toMatchObject({ status: 200, json: { id: 1, result: {} } })
  })

  it.each([
    ['2025-11-25', true],
    ['2025-03-26', false],
    ['', false],
  ])('%j decides about structured content', async (version, isStructured) => {
    const { send } = await startHttp({ given: { resultFormat: 'structured' } })
    const answer = await send({
      headers: { 'mcp-protocol-version': version },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'connection-status' },
      }),
    })
    expect(answer.json.result.structuredContent !== undefined).toBe(isStructured)
  })
})

describe('the form of the answer', () => {
  const call = (meta: object) =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'connection-status', _meta: meta },
    })
  it.each([
    ['application/json, text/event-stream', {}, 'application/json'],
    ['application/json, text/event-stream', { progressToken: 1 }, 'text/event-stream'],
    ['application/json', { progressToken: 1 }, 'application/json'],
    ['text/event-stream', {}, 'text/event-stream'],
    ['*/*', { progressToken: 1 }, 'application/json'],
  ])('for %j and %j is %s', async (accept, meta, type) => {
    const { send } = await startHttp()
    const answer = await send({ headers: { accept }, body: call(meta) })
    expect(answer.status).toBe(200)
    expect(answer.headers['content-type']).toBe(type)
    expect(answer.text).toContain('signedIn')
  })
})
