import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, test } from 'vitest'
import { createBudget } from '../../src/membrane/budget.ts'
import { temporaryFolder } from '../support/server.ts'
import { attempt, type Call, get, note, outcome, sent, warmServer } from './support.ts'

/** Windows are minutes of the clock; what follows has to fit into one. */
async function roomInMinute(neededMs = 8000) {
  const left = 60_000 - (Date.now() % 60_000)
  if (left < neededMs) await new Promise((resolve) => setTimeout(resolve, left + 50))
}
const timeout = { timeout: 60_000 }
const search = (path = '/v1/customers/search'): Call => ['proxy_request', { method: 'POST', path, body: {} }]
const list: Call = ['list-notes', {}]

describe('a minute’s requests', () => {
  test(
    'are counted over all tools; one too many starts nothing and says when to come back',
    timeout,
    async () => {
      const harness = await warmServer(['--requests-per-minute', '3'])
      await roomInMinute()
      for (const call of [list, get(), note]) expect(await outcome(harness, call)).toEqual(['ok', 1])
      for (const call of [list, get(), note, search()]) {
        const { outcome, started, text } = await attempt(harness, call)
        expect([outcome, started], text).toEqual(['rate-limited', 0])
        const [, seconds] = /\b3 requests a minute .* (\d+) s\b/.exec(text) ?? []
        const left = (60_000 - (Date.now() % 60_000)) / 1000
        expect(Math.abs(Number(seconds) - left)).toBeLessThan(3)
      }
      expect(await outcome(harness, ['connection-status', {}])).toEqual(['ok', 0])
    },
  )

  test('are shared by two servers with one state folder', timeout, async () => {
    const stateDir = await temporaryFolder()
    const args = ['--requests-per-minute', '3']
    const one = await warmServer(args, [], { stateDir })
    const other = await warmServer(args, [], { stateDir })
    await roomInMinute()
    const calls = [one, other, one, other, one, other].map((server, index) =>
      server.call(...get(`/v1/customers/${index}`)),
    )
    const answers = await Promise.all(calls)
    expect(answers.filter(({ isError }) => !isError).length).toBe(3)
    expect((await sent(one)).length + (await sent(other)).length).toBe(3)
  })

  test('leave no doubt about a write that was not sent', timeout, async () => {
    const harness = await warmServer(['--requests-per-minute', '1'])
    await roomInMinute()
    await harness.call(...get())
    expect(await outcome(harness, note)).toEqual(['rate-limited', 0])
    expect(await outcome(harness, note)).toEqual(['rate-limited', 0])
  })

  test('count each try of a read that is tried again', timeout, async () => {
    const fault = { when: 'action run', stderr: 'read ECONNRESET\n', exit: 1 }
    const harness = await warmServer(['--requests-per-minute', '2'], [fault])
    await roomInMinute()
    const { outcome: how, started } = await attempt(harness, list)
    expect([how === 'rate-limited' || how === 'network', started]).toEqual([true, 2])
  })
})

describe('a minute’s searches', () => {
  test('are counted on their own', timeout, async () => {
    const harness = await warmServer(['--searches-per-minute', '2'])
    await roomInMinute()
    expect(await outcome(harness, search())).toEqual(['ok', 1])
    expect(await outcome(harness, search('/v1/customers/archive/search'))).toEqual(['ok', 1])
    const { outcome: how, started, text } = await attempt(harness, search())
    expect([how, started]).toEqual(['rate-limited', 0])
    expect(text).toMatch(/2 searches a minute/)
    expect(await outcome(harness, list)).toEqual(['ok', 1])
    expect(await outcome(harness, get())).toEqual(['ok', 1])
  })

  test.each<[string, Call]>([
    ['a slash at its end', search('/v1/customers/search/')],
    ['a query', search('/v1/customers/search?page=2')],
    ['an encoded letter', search('/v1/customers/%73earch')],
    ['capitals', search('/v1/customers/Search')],
    [
      'a path parameter',
      ['proxy_request', { method: 'POST', path: '/v1/customers/{x}', pathParams: { x: 'search' }, body: {} }],
    ],
  ])('are not evaded by %s', timeout, async (_, call) => {
    const harness = await warmServer(['--searches-per-minute', '1'])
    await roomInMinute()
    await harness.call(...search())
    expect(await outcome(harness, call)).toEqual(['rate-limited', 0])
  })

  it('that were not sent leave the requests as they are', async () => {
    const budget = createBudget(
      { folder: await temporaryFolder(), requestsPerMinute: 5, searchesPerMinute: 1 },
      () => 0,
    )
    await budget.spend('search')
    for (let count = 0; count < 10; count++)
      await expect(budget.spend('search')).rejects.toMatchObject({ reason: 'rate-limited' })
    for (let count = 0; count < 4; count++) await budget.spend('request')
    await expect(budget.spend('request')).rejects.toMatchObject({ reason: 'rate-limited' })
  })
})

describe('the budget', () => {
  it('is full again in the next minute', async () => {
    let time = 30_000
    const budget = createBudget(
      { folder: await temporaryFolder(), requestsPerMinute: 2, searchesPerMinute: 1 },
      () => time,
    )
    await budget.spend('request')
    await budget.spend('search')
    await expect(budget.spend('request')).rejects.toThrow(/2 requests a minute .* in 30 s/)
    time = 59_999
    await expect(budget.spend('request')).rejects.toThrow(/in 1 s/)
    time = 60_000
    await budget.spend('search')
    await budget.spend('request')
    await expect(budget.spend('search')).rejects.toThrow(/in 60 s/)
  })

  it('lets exactly as many through, however many ask at once', async () => {
    const folder = await temporaryFolder()
    const limits = { folder, requestsPerMinute: 20, searchesPerMinute: 20 }
    const budgets = [createBudget(limits, () => 0), createBudget(limits, () => 0)]
    const spent = await Promise.allSettled(
      Array.from({ length: 60 }, (_, index) => budgets[index % 2]?.spend('request')),
    )
    expect(spent.filter(({ status }) => status === 'fulfilled').length).toBe(20)
  })

  test('stops nothing where the state folder cannot be written', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    const harness = await warmServer(['--requests-per-minute', '1'], [], { stateDir: join(file, 'state') })
    for (const call of [list, get(), note, search()]) expect(await outcome(harness, call)).toEqual(['ok', 1])
  })
})
