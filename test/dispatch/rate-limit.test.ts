import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { createBudget } from '../../src/membrane/rate-limit.ts'
import { temporaryFolder } from '../support/harness.ts'
import { attempt, type Call, get, note, outcome, sent, warmServer } from './support.ts'

const timeout = { timeout: 60_000 }
const search = (path = '/v1/customers/search'): Call => ['proxy_request', { method: 'POST', path, body: {} }]
const list: Call = ['list-notes', {}]

/** One a minute in each of these, so that no machine is so slow that another one flows in meanwhile. */
describe('a minute’s requests', () => {
  test(
    'are counted over all tools; one too many starts nothing and says when to come back',
    timeout,
    async () => {
      const harness = await warmServer(['--requests-per-minute', '1'])
      expect(await outcome(harness, list)).toEqual(['ok', 1])
      // The write leaves no doubt behind: it was not sent.
      for (const call of [get(), note, note, search()]) {
        const { outcome, started, text } = await attempt(harness, call)
        expect([outcome, started], text).toEqual(['rate-limited', 0])
        const [, seconds] = /\b1 requests a minute .* (\d+) s\b/.exec(text) ?? []
        expect(Number(seconds)).toBeGreaterThanOrEqual(1)
        expect(Number(seconds)).toBeLessThanOrEqual(60)
      }
      expect(await outcome(harness, ['connection-status', {}])).toEqual(['ok', 0])
    },
  )

  test('are shared by two servers with one state folder', timeout, async () => {
    const stateDir = await temporaryFolder()
    const args = ['--requests-per-minute', '1']
    const one = await warmServer(args, [], { stateDir })
    const other = await warmServer(args, [], { stateDir })
    const calls = [one, other, one, other].map((server, index) =>
      server.call(...get(`/v1/customers/${index}`)),
    )
    const answers = await Promise.all(calls)
    expect(answers.filter(({ isError }) => !isError).length).toBe(1)
    expect((await sent(one)).length + (await sent(other)).length).toBe(1)
  })

  test('count each try of a read that is tried again', timeout, async () => {
    const fault = { when: 'action run', stderr: 'read ECONNRESET\n', exit: 1 }
    const harness = await warmServer(['--requests-per-minute', '1'], [fault])
    const { outcome: how, started } = await attempt(harness, list)
    expect([how === 'rate-limited' || how === 'network', started]).toEqual([true, 1])
  })
})

describe('a minute’s searches', () => {
  test('are counted on their own', timeout, async () => {
    const harness = await warmServer(['--searches-per-minute', '1'])
    expect(await outcome(harness, search())).toEqual(['ok', 1])
    const { outcome: how, started, text } = await attempt(harness, search('/v1/customers/archive/search'))
    expect([how, started]).toEqual(['rate-limited', 0])
    expect(text).toMatch(/1 searches a minute/)
    expect(await outcome(harness, list)).toEqual(['ok', 1])
    expect(await outcome(harness, get())).toEqual(['ok', 1])
  })

  test('are not evaded by another spelling', timeout, async () => {
    const harness = await warmServer(['--searches-per-minute', '1'])
    await harness.call(...search())
    const spellings: Call[] = [
      search('/v1/customers/search/'),
      search('/v1/customers/search?page=2'),
      search('/v1/customers/%73earch'),
      search('/v1/customers/Search'),
      ['proxy_request', { method: 'POST', path: '/v1/customers/{x}', pathParams: { x: 'search' }, body: {} }],
    ]
    for (const call of spellings) expect(await outcome(harness, call)).toEqual(['rate-limited', 0])
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
  it('fills at an even pace, and says when the next one is free', async () => {
    let time = 30_000
    const budget = createBudget(
      { folder: await temporaryFolder(), requestsPerMinute: 2, searchesPerMinute: 1 },
      () => time,
    )
    await budget.spend('request')
    await budget.spend('search')
    await expect(budget.spend('request')).rejects.toThrow(/2 requests a minute .* in 30 s/)
    time += 29_999
    await expect(budget.spend('request')).rejects.toThrow(/in 1 s/)
    time += 1
    await expect(budget.spend('search')).rejects.toThrow(/1 searches a minute .* in 30 s/)
    await budget.spend('request')
    await expect(budget.spend('request')).rejects.toThrow(/in 30 s/)
    time += 10 * 60_000
    // Never more than a minute's worth, however long nothing was sent.
    await budget.spend('search')
    await budget.spend('request')
    await expect(budget.spend('request')).rejects.toThrow(/in 30 s/)
  })

  it('lets no more through than it holds and what flows in, whatever the times', async () => {
    const pauses = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(pauses, fc.integer({ min: 1, max: 9 }), async (given, limit) => {
        let time = 0
        const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-'))
        const limits = { folder, requestsPerMinute: limit, searchesPerMinute: 1 }
        const budgets = [createBudget(limits, () => time), createBudget(limits, () => time)]
        let through = 0
        for (const [index, pause] of given.entries()) {
          time += pause
          const isThrough = await budgets[index % 2]?.spend('request').then(
            () => true,
            () => false,
          )
          through += isThrough ? 1 : 0
          expect(through).toBeLessThanOrEqual(limit + (time * limit) / 60_000 + 1e-6)
        }
        await rm(folder, { recursive: true })
      }),
      { numRuns: 20 },
    )
  })

  it('is drawn from by the handful and spent to the last token, by two servers together', async () => {
    const limits = { folder: await temporaryFolder(), requestsPerMinute: 240, searchesPerMinute: 1 }
    const budgets = [createBudget(limits, () => 0), createBudget(limits, () => 0)]
    let through = 0
    for (let count = 0; count < 300; count++) {
      await budgets[count % 2]?.spend('request').then(
        () => through++,
        () => undefined,
      )
    }
    expect(through).toBe(240)
  })

  it('counts what a process took and did not use as spent', async () => {
    let time = 0
    const limits = { folder: await temporaryFolder(), requestsPerMinute: 240, searchesPerMinute: 1 }
    await createBudget(limits, () => time).spend('request')
    time = 1
    const other = createBudget(limits, () => time)
    for (let count = 0; count < 236; count++) await other.spend('request')
    await expect(other.spend('request')).rejects.toMatchObject({ reason: 'rate-limited' })
  })

  it('loses nothing by a clock that is set back, or by a file that is no budget', async () => {
    let time = 1_000_000
    const folder = await temporaryFolder()
    const budget = createBudget({ folder, requestsPerMinute: 2, searchesPerMinute: 1 }, () => time)
    await budget.spend('request')
    time = 0
    await budget.spend('request')
    await expect(budget.spend('request')).rejects.toThrow(/in 30 s/)
    for (const name of await readdir(folder)) await writeFile(join(folder, name), '{"torn')
    await budget.spend('request')
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

  test('stops nothing where the state folder cannot be written', timeout, async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    const harness = await warmServer(['--requests-per-minute', '1'], [], {
      stateDir: join(file, 'state'),
      cold: true,
    })
    for (const call of [list, get(), note, search()]) expect(await outcome(harness, call)).toEqual(['ok', 1])
  })
})
