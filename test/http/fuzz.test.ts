import fc from 'fast-check'
import { expect, it } from 'vitest'
import { internalErrorLog } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { type Answer, startHttp } from './support.ts'

/** More with `HTTP_FUZZ_REQUESTS=5000`. */
const requests = Number(process.env['HTTP_FUZZ_REQUESTS'] ?? 300)

const secret = 'PRIVATE-OF-BEN'

const method = fc.oneof(
  { weight: 12, arbitrary: fc.constant('POST') },
  { weight: 1, arbitrary: fc.constantFrom('GET', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'HEAD', 'TRACE') },
)
const path = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('/mcp', '/mcp/', '/mcp?x=1') },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '/',
      '//',
      '/mcp/../mcp',
      '/%6dcp',
      '/mcp%00',
      '/healthz',
      '/readyz',
      '/mcp#x',
      '*',
    ),
  },
  { weight: 1, arbitrary: fc.webPath().map((text) => (text.startsWith('/') ? text : `/${text}`)) },
)
/** What node's client lets through in a header. */
const headerText = fc.string({ unit: fc.constantFrom(...'aZ0 ,;:="\\/*[]{}\t\u00ff'), maxLength: 30 })
const mostly = <T>(usual: fc.Arbitrary<T>, other: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: other })
/** Most requests have none of these, so that most get past the checks of the head. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 24, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const headers = fc
  .record({
    accept: rarely(fc.oneof(fc.constantFrom('application/json', 'text/event-stream', '*/*'), headerText)),
    'content-type': rarely(headerText),
    host: rarely(headerText),
    origin: rarely(fc.oneof(fc.constantFrom('http://localhost:1', 'null'), headerText)),
    'mcp-protocol-version': rarely(fc.oneof(fc.constantFrom('2025-11-25', '2026-07-28', '1,2'), headerText)),
    'mcp-session-id': rarely(headerText),
    'last-event-id': rarely(headerText),
    expect: rarely(fc.constantFrom('100-continue', 'x')),
    'x-forwarded-host': rarely(headerText),
  })
  .map((record) => JSON.parse(JSON.stringify(record)) as Record<string, string>)
const rpcMethod = mostly(
  fc.constantFrom(
    ...[
      'initialize',
      'ping',
      'tools/list',
      'resources/list',
      'resources/read',
      'prompts/list',
      'prompts/get',
    ],
    ...['completion/complete', 'server/discover', 'logging/setLevel', 'tasks/get', '__proto__'],
    ...['notifications/cancelled', 'notifications/initialized'],
    ...Array.from({ length: 14 }, () => 'tools/call'),
  ),
  fc.string(),
)
const toolArguments = mostly(
  fc.dictionary(
    fc.constantFrom('id', 'page', 'path', 'method', 'action', 'input', '__proto__'),
    fc.jsonValue(),
  ),
  fc.jsonValue(),
)
const call = fc.record({
  name: fc.oneof(
    fc.constantFrom(
      'list-customers',
      'read-result',
      'proxy_request',
      'create-note',
      'connection-status',
      'search',
    ),
    fc.string(),
  ),
  arguments: toolArguments,
  _meta: fc.option(fc.record({ progressToken: mostly(fc.integer(), fc.jsonValue()) }), { nil: undefined }),
})
const message = fc.record(
  {
    jsonrpc: fc.oneof(
      { weight: 30, arbitrary: fc.constant('2.0') },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
    id: fc.oneof(
      { weight: 9, arbitrary: fc.oneof(fc.integer(), fc.string()) },
      { weight: 1, arbitrary: fc.jsonValue() },
    ),
    method: rpcMethod,
    params: fc.oneof({ weight: 12, arbitrary: call }, { weight: 1, arbitrary: fc.jsonValue() }),
  },
  { requiredKeys: ['jsonrpc', 'method', 'params'] },
)
const body = fc.oneof(
  { weight: 20, arbitrary: message.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.array(message, { maxLength: 3 }).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)
const token = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('anna' as const, 'reader' as const) },
  { weight: 1, arbitrary: fc.constantFrom('none' as const, 'wrong' as const) },
)

const expectedStatus = [200, 202, 204, 400, 401, 403, 404, 405, 413, 415, 417]

it('any request has an answer that is no failure of the server', { timeout: 600_000 }, async () => {
  const {
    bearer,
    send,
    call: callTool,
    rpc,
    log,
    scripted,
  } = await startHttp({
    given: { connection: connectionId },
    plan: { connections: [connection], actions: liveActions, body: { data: [{ id: 'x', type: 'note' }] } },
  })
  const ben = await bearer('ben')
  const anna = await bearer('anna')
  const reader = await bearer('reader', ['kustomer:read'])
  const authorizations = {
    anna: anna.authorization,
    reader: reader.authorization,
    none: undefined,
    wrong: `${anna.authorization}x`,
  }
  // What only Ben has been told.
  scripted.plan = { ...scripted.plan, body: { data: [{ id: secret, type: 'note' }] } }
  expect((await callTool('proxy_request', { path: '/v1/notes' }, ben.authorization)).text).toContain(secret)
  scripted.plan = { ...scripted.plan, body: { data: [] } }

  const sent = fc.record({ method, path, headers, body, token })
  await fc.assert(
    fc.asyncProperty(sent, async ({ token, headers, body, ...request }) => {
      const authorization = authorizations[token]
      const hasBody = !['GET', 'HEAD', 'TRACE'].includes(request.method)
      const answer: Answer = await send({
        ...request,
        headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
        ...(hasBody ? { body } : {}),
      })
      expect(expectedStatus).toContain(answer.status)
      expect(answer.text).not.toContain(secret)
      expect(answer.text).not.toMatch(/node_modules|\bat [\w.]+ \(/)
      if (answer.status === 200 && request.path.startsWith('/mcp'))
        expect(authorization).not.toBe(authorizations.wrong)
    }),
    { numRuns: requests, interruptAfterTimeLimit: 600_000 },
  )
  expect(log.text()).not.toMatch(internalErrorLog)
  expect(await rpc('ping', {}, anna.authorization)).toMatchObject({ status: 200 })
})
