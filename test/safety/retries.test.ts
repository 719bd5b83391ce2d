import { describe, expect, test } from 'vitest'
import { type Harness, type Json, type Plan, until } from '../support/server.ts'
import { attempt, type Call, get, id, note, outcome, plan, sent, warmServer } from './support.ts'

const url = 'https://api.kustomerapp.com/v1/x'
const axios = (status: number) => ({ json: { response: { status, data: {} }, request: { url } }, exit: 1 })
const relayed = (status: number) => ({
  json: { output: { status, headers: {}, body: { errors: [] } }, status, headers: {}, body: {} },
})
const reset = { stderr: 'Error: read ECONNRESET\n', exit: 1 }
const read: Call = ['get-customer-by-id', { id }]
const post: Call = ['proxy_request', { method: 'POST', path: '/v1/customers', body: {} }]
const always = (fault: object): Plan['faults'] => [
  { when: 'action run', ...fault },
  { when: 'act ', ...fault },
  { when: 'request', ...fault },
]
const twice = (fault: object): Plan['faults'] => always({ ...fault, times: 2 })

const passing: [string, object][] = [
  ['ECONNRESET', reset],
  ['a name that is not found', { stderr: 'getaddrinfo ENOTFOUND api.getmembrane.com\n', exit: 1 }],
  ['500', axios(500)],
  ['502', axios(502)],
  ['500 in an answer that looks like a success', relayed(500)],
]

describe.each(passing)('a read that fails with %s', (_, fault) => {
  test.each<[string, Call]>([
    ['action', read],
    ['request', get()],
  ])('twice is answered by the third process: %s', async (_, call) => {
    const harness = await warmServer([], twice(fault))
    expect(await outcome(harness, call)).toEqual(['ok', 3])
  })

  test('again and again ends after three processes', async () => {
    const harness = await warmServer([], always(fault))
    for (const call of [read, get()]) {
      const { outcome: how, started } = await attempt(harness, call)
      expect([how === 'network' || how === 'upstream-error', started], how).toEqual([true, 3])
    }
  })
})

test('a read that fails in one way to ask is tried once more by the other', async () => {
  const faults = [
    { when: 'request', ...reset, times: 2 },
    { when: 'request', ...axios(503) },
    { when: 'act ', ...reset },
  ]
  const harness = await warmServer([], [], { plan: { ...plan, dialect: 'mixed', faults } })
  const { outcome: how, started } = await attempt(harness, get())
  expect(how).not.toBe('ok')
  expect(started).toBeLessThanOrEqual(4)
})

test('a search is a read: it is asked again, and its end is never an unknown outcome', async () => {
  const search: Call = ['proxy_request', { method: 'POST', path: '/v1/customers/search', body: {} }]
  const harness = await warmServer(['--timeout-ms', '8000'], [{ when: 'request', ...reset }])
  const { outcome: how, started } = await attempt(harness, search)
  expect([how, started]).toEqual(['network', 3])
})

test.each<[string, object]>([...passing, ['503', axios(503)], ['504', axios(504)], ['429', axios(429)]])(
  'a write is tried once, with %s',
  async (_, fault) => {
    const harness = await warmServer([], always(fault))
    // In other words than the first: the same ones would be the same write, by whichever way.
    const input = { ...note[1], body: 'Called again.' }
    for (const call of [note, post, ['run-action', { action: 'create-note', input }]] as Call[]) {
      const { outcome: how, started } = await attempt(harness, call)
      expect(how).not.toBe('ok')
      expect([call[0], started]).toEqual([call[0], 1])
    }
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect((await sent(harness)).length).toBe(3)
  },
)

test('what will not pass is not tried again: 4xx, 429, and an answer that is none', async () => {
  const statuses = [400, 401, 403, 404, 408, 409, 413, 422, 429]
  const at = (path: string) => `request 66b0c0ffee0000000000a001 /v1/${path}`
  const faults = [
    ...statuses.map((status) => ({ when: at(`is${status}`), ...axios(status) })),
    ...statuses.map((status) => ({ when: at(`relayed${status}`), ...relayed(status) })),
    { when: at('nothing'), stdout: '' },
    { when: at('killed'), signal: 'SIGKILL' },
    { when: at('words'), stderr: 'Not logged in. Run membrane login.\n', exit: 1 },
  ]
  const harness = await warmServer([], faults)
  const paths = faults.map(({ when }) => when.slice(when.indexOf('/')))
  for (const path of paths) {
    const { outcome: how, started } = await attempt(harness, get(path))
    expect([path, how === 'ok', started]).toEqual([path, false, 1])
  }
})

describe('a read that waits to be tried again', () => {
  const ended = async (harness: Harness) =>
    (await harness.records()).filter((entry: Json) => typeof entry.end === 'number').length

  test('is not when the host gave it up', async () => {
    const harness = await warmServer([], always(reset))
    const before = await ended(harness)
    const controller = new AbortController()
    const call = harness.call(...read, { signal: controller.signal }).catch(() => 'gone')
    await until(async () => (await ended(harness)) > before)
    controller.abort()
    expect(await call).toBe('gone')
    await new Promise((resolve) => setTimeout(resolve, 2000))
    expect((await sent(harness)).length).toBe(1)
  })

  test('keeps to the deadline', async () => {
    const harness = await warmServer(['--timeout-ms', '1500'], always({ ...reset, delayMs: 900 }))
    const start = Date.now()
    const { outcome: how, started } = await attempt(harness, read)
    expect(Date.now() - start).toBeLessThan(3500)
    expect(how).toMatch(/^(timeout|network)$/)
    expect(started).toBeLessThanOrEqual(2)
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect((await sent(harness)).length).toBe(started)
  })

  test('says at its deadline what went wrong, not that it had no turn', async () => {
    const harness = await warmServer(['--timeout-ms', '1000'], always({ ...reset, delayMs: 500 }))
    const { text } = await attempt(harness, read)
    expect(text).not.toMatch(/Nothing was sent|waiting for its turn/)
  })
})

describe('progress', () => {
  test('is told every few seconds to a host that asked for it, and to no other', async () => {
    const harness = await warmServer([], [{ when: 'action run', delayMs: 6000, json: { output: {} } }])
    const heard: Json[] = []
    const messages: Json[] = []
    const { transport } = harness.client
    const deliver = transport?.onmessage
    if (transport)
      transport.onmessage = (received, extra) => {
        messages.push(received)
        deliver?.(received, extra)
      }
    const [asked, silent] = await Promise.all([
      harness.call('list-notes', {}, { onprogress: (progress) => heard.push(progress) }),
      harness.call('list-users', {}),
    ])
    expect([asked.isError, silent.isError]).toEqual([false, false])
    expect(heard.length).toBeGreaterThanOrEqual(1)
    expect(heard[0]).toMatchObject({ progress: 1, message: expect.any(String) })
    expect(heard.map(({ progress }) => progress)).toEqual(heard.map((_, index) => index + 1))
    const told = messages.filter(({ method }) => method === 'notifications/progress')
    expect(told.length).toBe(heard.length)
    await new Promise((resolve) => setTimeout(resolve, 5200))
    expect(messages.filter(({ method }) => method === 'notifications/progress').length).toBe(told.length)
    expect(harness.protocolErrors).toEqual([])
  })
})
