import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { until } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { type HttpOptions, startHttp } from './support.ts'

const usable = { connections: [connection], actions: liveActions }
const given = { connection: connectionId }
const note = { conversation: 'a'.repeat(24), body: 'Called back.' }
const read = { name: 'list-customers', arguments: {} }
const write = { name: 'create-note', arguments: note }

/** A server whose CLI does what `fault` says when it runs an action. */
const startWith = (fault: object, options: HttpOptions = {}) =>
  startHttp({ given, plan: { ...usable, faults: [{ when: 'action run', ...fault }] }, ...options })

/** Sends a call of a tool, and returns how to go away before its answer. */
function callAndLeave(port: number, params: object, progressToken?: number) {
  const meta = progressToken === undefined ? {} : { _meta: { progressToken } }
  const request = httpRequest({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/mcp',
    agent: false,
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  })
  request.on('error', () => undefined)
  request.end(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { ...params, ...meta } }))
  return { leave: () => request.destroy(), responded: () => once(request, 'response') }
}

describe('a client that goes away', () => {
  it.each([
    ['waits for JSON', undefined],
    ['reads a stream', 1],
  ])('and %s ends its read', async (_, progressToken) => {
    const { port, scripted } = await startWith({ hang: true })
    const { leave } = callAndLeave(port, read, progressToken)
    await until(() => scripted.running() === 1)
    leave()
    await until(() => scripted.running() === 0)
  })

  it('ends what waits for its turn', async () => {
    const { port, scripted } = await startWith({ hang: true }, { given: { ...given, maxConcurrency: 1 } })
    const first = callAndLeave(port, read)
    await until(() => scripted.running() === 1)
    const second = callAndLeave(port, { ...read, arguments: { page: 2 } })
    const third = callAndLeave(port, { ...read, arguments: { page: 3 } })
    second.leave()
    third.leave()
    first.leave()
    await until(() => scripted.running() === 0)
    expect(scripted.calls.filter(({ argv }) => argv[1] === 'run')).toHaveLength(1)
  })

  it('does not end its write: the same call gets the outcome', async () => {
    const { port, call, scripted, log } = await startWith({ delayMs: 150, standard: true })
    const { leave } = callAndLeave(port, write)
    await until(() => scripted.running() === 1)
    leave()
    await until(() => /"tool":"create-note".*"outcome":"ok"/.test(log.text()))
    const again = await call('create-note', note)
    expect(again).toMatchObject({ isError: false })
    expect(again.text).toContain('Done before, at')
    expect(scripted.calls.filter(({ argv }) => argv[1] === 'run')).toHaveLength(1)
  })
})

describe('the end of the server', () => {
  it('waits for calls, and refuses new ones', async () => {
    const { server, send, port, scripted } = await startWith({ delayMs: 200, standard: true })
    const { responded } = callAndLeave(port, write)
    await until(() => scripted.running() === 1)
    let isDrained = false
    const drained = server.drain(50).then(() => {
      isDrained = true
    })
    expect(await send({ method: 'GET', path: '/readyz' })).toMatchObject({ status: 503 })
    // Within the grace period, requests are still served.
    expect(await send({ body: '{"jsonrpc":"2.0","id":1,"method":"ping"}' })).toMatchObject({ status: 200 })
    expect(isDrained).toBe(false)
    const [response] = await responded()
    expect(response.statusCode).toBe(200)
    response.resume()
    await drained
    await expect(send({ body: '{}' })).rejects.toThrow('ECONNREFUSED')
  })

  it('refuses a request that began before it', async () => {
    const { server, send, port } = await startHttp()
    const head = 'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n'
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    // The second request is known to have begun once the first is answered.
    socket.write(`${head}\r\n${head}`)
    await until(() => text.includes(' 415 '))
    const drained = server.drain(0)
    await until(() =>
      send().then(
        () => false,
        () => true,
      ),
    )
    socket.write('\r\n')
    await once(socket, 'close')
    expect(text).toMatch(/HTTP\/1\.1 503 .*retry-after: 1/is)
    await drained
  })

  it('stops what still runs when it is told to', async () => {
    const { server, port, scripted } = await startWith({ hang: true })
    callAndLeave(port, read)
    await until(() => scripted.running() === 1)
    void server.drain(0)
    await server.stop()
    expect(scripted.running()).toBe(0)
  })
})

describe('too many requests', () => {
  it('of one principal are 429, and of another are served', async () => {
    const { port, rpc, bearer, scripted } = await startWith(
      { hang: true },
      { limits: { requestsPerPrincipal: 2 } },
    )
    const first = callAndLeave(port, read)
    callAndLeave(port, { ...read, arguments: { page: 2 } })
    await until(() => scripted.running() === 2)
    const answer = await rpc('ping')
    expect(answer).toMatchObject({ status: 429, json: { id: null, error: { code: -32_000 } } })
    expect(answer.headers['retry-after']).toBe('1')
    const { authorization } = await bearer('anna')
    expect(await rpc('ping', {}, authorization)).toMatchObject({ status: 200 })
    first.leave()
    await until(() => scripted.running() === 1)
  })
})
