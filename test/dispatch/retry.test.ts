import { describe, expect, test } from 'vitest'
import { type Json, until } from '../support/harness.ts'
import { attempt, type Call, caseId, get, note, plan, sent, warmServer } from './support.ts'

const url = 'https://api.kustomerapp.com/v1/x'
const axios = (status: number) => ({ json: { response: { status, data: {} }, request: { url } }, exit: 1 })
const relayed = (status: number) => ({
  json: { output: { status, headers: {}, body: { errors: [] } }, status, headers: {}, body: {} },
})
const reset = { stderr: 'Error: read ECONNRESET\n', exit: 1 }

const passing: [string, object, string][] = [
  ['ECONNRESET', reset, 'network'],
  ['a name that is not found', { stderr: 'getaddrinfo ENOTFOUND api.getmembrane.com\n', exit: 1 }, 'network'],
  ['500', axios(500), 'upstream-error'],
  ['502', axios(502), 'upstream-error'],
  ['500 in an answer that looks like a success', relayed(500), 'upstream-error'],
]

test('a read that fails twice is answered by the third process, and one that fails each time ends after three', {
  timeout: 60_000,
}, async () => {
  const cases = passing.flatMap(([name, fault, reason]) =>
    [2, undefined].flatMap((times) =>
      ['action', 'request'].map((kind) => ({ name: `${name}, ${kind}`, kind, fault, reason, times })),
    ),
  )
  const faults = cases.map(({ fault, times }, index) => ({ has: caseId(index), ...fault, times }))
  const harness = await warmServer([], faults)
  const ends = cases.map(async ({ name, kind }, index) => {
    const mark = caseId(index)
    const call: Call = kind === 'action' ? ['get-customer-by-id', { id: mark }] : get(`/v1/${mark}`)
    const { outcome, started } = await attempt(harness, call, mark)
    return [name, outcome, started]
  })
  expect(await Promise.all(ends)).toEqual(
    cases.map(({ name, reason, times }) => [name, times === 2 ? 'ok' : reason, 3]),
  )
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

test('a write is tried once, whatever its end', { timeout: 60_000 }, async () => {
  const kinds: ((mark: string) => Call)[] = [
    (conversation) => ['create-note', { ...note[1], conversation }],
    (name) => ['proxy_request', { method: 'POST', path: '/v1/customers', body: { name } }],
    (conversation) => ['run-action', { action: 'create-note', input: { ...note[1], conversation } }],
  ]
  const cases = [...passing, ['503', axios(503)], ['504', axios(504)], ['429', axios(429)]].flatMap(
    ([name, fault]) => kinds.map((call) => ({ name, fault, call })),
  )
  const faults = cases.map(({ fault }, index) => ({ has: caseId(index), ...(fault as object) }))
  const harness = await warmServer([], faults)
  const ends = cases.map(async ({ name, call }, index) => {
    const { outcome, started } = await attempt(harness, call(caseId(index)), caseId(index))
    return [name, outcome === 'ok', started]
  })
  expect(await Promise.all(ends)).toEqual(cases.map(({ name }) => [name, false, 1]))
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect((await sent(harness)).length).toBe(cases.length)
})

test('what will not pass is not tried again: 4xx, 429, and an answer that is none', async () => {
  const statuses = [400, 401, 403, 404, 408, 409, 413, 422, 429]
  const faults = [
    ...statuses.map((status) => ({ has: `/v1/is${status}`, ...axios(status) })),
    ...statuses.map((status) => ({ has: `/v1/relayed${status}`, ...relayed(status) })),
    { has: '/v1/nothing', stdout: '' },
    { has: '/v1/killed', signal: 'SIGKILL' },
    { has: '/v1/words', stderr: 'Not logged in. Run membrane login.\n', exit: 1 },
  ]
  const harness = await warmServer([], faults)
  const ends = faults.map(async ({ has: path }) => {
    const { outcome, started } = await attempt(harness, get(path), path)
    return [path, outcome === 'ok', started]
  })
  expect(await Promise.all(ends)).toEqual(faults.map(({ has: path }) => [path, false, 1]))
})

test('a read that waits for its next try ends when the host gives it up, and at its deadline', async () => {
  const [givenUp, late] = [caseId(1), caseId(2)]
  const faults = [
    { has: givenUp, ...reset },
    { has: late, ...reset, delayMs: 900 },
  ]
  const harness = await warmServer(['--timeout-ms', '1500'], faults)
  const processes = async (mark: string) =>
    (await sent(harness)).filter(({ argv }) => argv.join(' ').includes(mark))
  const hasEnded = async ({ pid }: { pid: number }) =>
    (await harness.records()).some(({ end }) => end === pid)

  const start = Date.now()
  const controller = new AbortController()
  const call = harness
    .call('get-customer-by-id', { id: givenUp }, { signal: controller.signal })
    .catch(() => 'gone')
  const attempted = attempt(harness, ['get-customer-by-id', { id: late }], late)
  await until(async () => {
    const [first] = await processes(givenUp)
    return first !== undefined && hasEnded(first)
  })
  controller.abort()
  expect(await call).toBe('gone')

  const { outcome: how, started, text } = await attempted
  expect(Date.now() - start).toBeLessThan(3500)
  expect(how).toMatch(/^(timeout|network)$/)
  // What went wrong, not that it had no turn.
  expect(text).not.toMatch(/Nothing was sent|waiting for its turn/)
  expect(started).toBeLessThanOrEqual(2)
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect((await processes(givenUp)).length).toBe(1)
  expect((await processes(late)).length).toBe(started)
})

describe('progress', () => {
  test('is told every few seconds to a host that asked for it, and to no other', async () => {
    const harness = await warmServer([], [{ when: 'action run', delayMs: 6000, json: { output: {} } }])
    // The first process of a server runs alone.
    await harness.call(...get())
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
