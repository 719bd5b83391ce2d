import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import { createRateLimiter } from '../../src/membrane/limits.ts'
import { attempt, type Call, get, note, outcome, warmServer } from './support.ts'

const timeout = { timeout: 60_000 }
const search = (path = '/v1/customers/search'): Call => ['proxy_request', { method: 'POST', path, body: {} }]
const list: Call = ['list-notes', {}]

describe('a minute’s requests', () => {
  test('are counted over all tools', timeout, async () => {
    const harness = await warmServer(['--requests-per-minute', '1'])
    expect(await outcome(harness, list)).toEqual(['ok', 1])
    // A write that was not sent is not remembered.
    for (const call of [get(), note, note, search()]) {
      const { outcome, started, text } = await attempt(harness, call)
      expect([outcome, started], text).toEqual(['rate-limited', 0])
      const [, seconds] = /\b1 requests a minute .* (\d+) s\b/.exec(text) ?? []
      expect(Number(seconds)).toBeGreaterThanOrEqual(1)
      expect(Number(seconds)).toBeLessThanOrEqual(60)
    }
    expect(await outcome(harness, ['connection-status', {}])).toEqual(['ok', 0])
  })

  test('count each try of a read that is tried again', timeout, async () => {
    const fault = { when: 'action run', stderr: 'read ECONNRESET\n', exit: 1 }
    const harness = await warmServer(['--requests-per-minute', '1'], [fault])
    const { outcome: how, started } = await attempt(harness, list)
    expect([how, started]).toEqual(['rate-limited', 1])
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

  it('do not count as requests when they are refused', async () => {
    const { take } = createRateLimiter({ requestsPerMinute: 5, searchesPerMinute: 1 })
    await take('search')
    for (let count = 0; count < 10; count++)
      await expect(take('search')).rejects.toMatchObject({ reason: 'rate-limited' })
    for (let count = 0; count < 4; count++) await take('request')
    await expect(take('request')).rejects.toMatchObject({ reason: 'rate-limited' })
  })
})

describe('the rate limiter', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is free again after a minute, and says when', async () => {
    const { take } = createRateLimiter({ requestsPerMinute: 2, searchesPerMinute: 1 })
    await take('request')
    vi.advanceTimersByTime(10_000)
    await take('search')
    await expect(take('request')).rejects.toThrow(/2 requests a minute .* in 50 s/)
    await expect(take('search')).rejects.toThrow(/1 searches a minute .* in 60 s/)
    vi.advanceTimersByTime(49_001)
    await expect(take('request')).rejects.toThrow(/in 1 s/)
    vi.advanceTimersByTime(999)
    await take('request')
  })

  it('gives a search back that the requests refused', async () => {
    const { take } = createRateLimiter({ requestsPerMinute: 1, searchesPerMinute: 1 })
    await take('request')
    vi.advanceTimersByTime(59_000)
    await expect(take('search')).rejects.toThrow(/1 requests a minute .* in 1 s/)
    vi.advanceTimersByTime(1000)
    await take('search')
  })

  it('allows at most the limit in any window', async () => {
    const pauses = fc.array(fc.nat(20_000), { minLength: 1, maxLength: 60 })
    await fc.assert(
      fc.asyncProperty(pauses, fc.integer({ min: 1, max: 9 }), async (waits, limit) => {
        const { take } = createRateLimiter({ requestsPerMinute: limit, searchesPerMinute: 1 })
        const start = Date.now()
        let allowed = 0
        for (const pause of waits) {
          vi.advanceTimersByTime(pause)
          allowed += await take('request').then(
            () => 1,
            () => 0,
          )
          const windows = Math.floor((Date.now() - start) / 60_000) + 1
          expect(allowed).toBeLessThanOrEqual(limit * windows)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('allows exactly the limit of simultaneous requests', async () => {
    const { take } = createRateLimiter({ requestsPerMinute: 20, searchesPerMinute: 20 })
    const taken = await Promise.allSettled(Array.from({ length: 60 }, () => take('request')))
    expect(taken.filter(({ status }) => status === 'fulfilled').length).toBe(20)
  })
})
