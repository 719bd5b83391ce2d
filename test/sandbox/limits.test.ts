import { expect, test } from 'vitest'
import { type Backend, callKustomer } from '../../src/sandbox/kustomer/api.ts'
import { createLedger } from '../../src/sandbox/ledger.ts'
import type { Fault, Limits } from '../../src/sandbox/settings.ts'
import { openStore } from '../../src/sandbox/store.ts'
import { cases, sandbox, start, temporaryFolder } from './support.ts'

const headers = { authorization: 'Bearer x' }

async function backend(limits: Partial<Limits>, fault?: Fault) {
  const folder = await temporaryFolder()
  const clock = () => Date.parse('2026-11-22T12:00:30Z')
  const given: Backend = {
    organisation: openStore(folder, 'ready').organisation,
    ledger: createLedger(folder, clock),
    limits: { budget: 1000, search: 100, perCustomer: 120, perObject: 60, ...limits },
    fault,
    clock,
  }
  return (method: string, path: string, body?: object, own: Record<string, string> = headers) =>
    callKustomer(
      {
        method,
        path,
        query: new URLSearchParams(),
        headers: own,
        ...(body ? { body: JSON.stringify(body) } : {}),
      },
      given,
    )
}

test('headers show the budget and its reset', async () => {
  const call = await backend({ budget: 2 })
  expect((await call('GET', '/v1/teams')).headers).toMatchObject({
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '1',
  })
  expect((await call('GET', '/v1/nothing')).headers).toMatchObject({ 'x-ratelimit-remaining': '0' })
  const refused = await call('GET', '/v1/teams')
  expect(refused.status).toBe(429)
  expect(refused.headers).toMatchObject({
    'x-ratelimit-limit': '2',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': String(Date.parse('2026-11-22T12:01:00Z') / 1000),
  })
})

test('search, customer and record have own limits', async () => {
  const call = await backend({ search: 1, perCustomer: 1, perObject: 1 })
  const search = () => call('POST', '/v1/customers/search', { queryContext: 'customer' })
  expect([(await search()).status, (await search()).status]).toEqual([200, 429])
  const note = { conversation: cases.openConversation, body: 'x' }
  expect((await call('POST', '/v1/notes', note)).status).toBe(201)
  expect((await call('POST', '/v1/conversations', { customer: cases.dana })).status).toBe(429)
  const imported = { customer: cases.dana, importedAt: '2026-11-01T00:00:00Z' }
  expect((await call('POST', '/v1/conversations', imported)).status).toBe(201)
  expect((await call('POST', '/v1/conversations', { customer: cases.tomas })).status).toBe(201)
  const update = (id: string) => call('PUT', `/v1/conversations/${id}`, { priority: 5 })
  expect((await update(cases.openConversation)).status).toBe(200)
  expect((await update(cases.openConversation)).status).toBe(429)
  expect((await update(cases.doneConversation)).status).toBe(200)
})

test('a call without a key is refused', async () => {
  const call = await backend({})
  const { status, body } = await call('GET', '/v1/teams', undefined, {})
  expect([status, body]).toMatchObject([401, { errors: [{ code: 'unauthorized' }] }])
})

test('faults hit the number of calls they say', async () => {
  for (const status of [401, 403, 429, 500, 503] as const) {
    const call = await backend({}, { status })
    expect((await call('GET', '/v1/teams')).status).toBe(status)
  }
  const slow = await backend({}, { slowMs: 120, podMismatch: true })
  const began = Date.now()
  expect((await slow('GET', '/v1/teams')).body).toMatchObject({
    errors: [{ message: expect.stringMatching(/Pod mismatch/) }],
  })
  expect(Date.now() - began).toBeGreaterThanOrEqual(115)
  const { act } = await sandbox({ MEMBRANE_SANDBOX_FAULT: '{"status":503,"times":2}' }, start)
  const ends = await Promise.all([1, 2, 3, 4].map(() => act('list-users')))
  expect(ends.filter(({ exitCode }) => exitCode === 0)).toHaveLength(2)
  const failed = ends.find(({ exitCode }) => exitCode === 1)
  expect(failed?.json.response).toMatchObject({
    status: 503,
    data: { errors: [{ code: 'service_unavailable' }] },
  })
})
