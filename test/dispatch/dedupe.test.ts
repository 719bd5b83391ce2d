import { mkdir, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import { createDeduplicator } from '../../src/dispatch/dedupe.ts'
import type { JudgedCall } from '../../src/dispatch/pipeline.ts'
import { ToolError } from '../../src/errors.ts'
import type { ToolOutput } from '../../src/response/envelope.ts'
import { type Cache, createCache } from '../../src/store/cache.ts'
import { temporaryFolder, until } from '../support/harness.ts'

/** One server's deduplicator; two on one folder are two servers of one machine. */
function deduplicator(folder: string, { cache, now }: { cache?: Cache; now?: () => number } = {}) {
  const { middleware, close } = createDeduplicator({
    cache: cache ?? createCache(folder, () => undefined),
    folder: join(folder, 'writes'),
    scope: 's',
    ...(now === undefined ? {} : { now }),
  })
  /** Makes a call that its client can cancel. */
  const call = (write: (signal: AbortSignal) => Promise<ToolOutput>, key = 'key', risk = 'record') => {
    const controller = new AbortController()
    const { signal } = controller
    const judged = {
      principal: localPrincipal,
      signal,
      clientSignal: signal,
      prepared: { risk, idempotencyKey: key },
    }
    const outcome = middleware(judged as JudgedCall, (given) => write(given.signal))
    outcome.catch(() => undefined)
    return { outcome, cancel: () => controller.abort(new ToolError('cancelled', 'The client cancelled.')) }
  }
  return { call, close }
}

/** A write that ends when it is told to. A signal ends it with an unknown outcome, as a killed process does. */
function slowWrite() {
  let finish: (output: ToolOutput) => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const signals: AbortSignal[] = []
  const write = (signal: AbortSignal) =>
    new Promise<ToolOutput>((resolve, reject) => {
      finish = resolve
      fail = reject
      signals.push(signal)
    })
  return {
    write,
    signals,
    finish: () => finish({ data: 'done' }),
    fail: (error: Error) => fail(error),
    started: () => until(() => signals.length > 0),
  }
}

const quick = async (): Promise<ToolOutput> => ({ data: 'done' })
const lost = async (): Promise<ToolOutput> => {
  throw new ToolError('outcome-unknown', 'lost')
}
const done = { data: 'done' }
const notLearned = { reason: 'outcome-unknown', message: expect.stringMatching(/Nothing was sent now/) }

describe('identical writes in flight', () => {
  it('are sent once and answered alike', async () => {
    const { call } = deduplicator(await temporaryFolder())
    const { write, signals, finish, started } = slowWrite()
    const calls = [call(write), call(write), call(write)]
    await started()
    finish()
    expect(await Promise.all(calls.map(({ outcome }) => outcome))).toEqual([done, done, done])
    expect(signals).toHaveLength(1)
  })

  it('fail alike', async () => {
    const { call } = deduplicator(await temporaryFolder())
    const { write, signals, fail, started } = slowWrite()
    const calls = [call(write), call(write)]
    await started()
    fail(new ToolError('conflict', 'No.'))
    for (const { outcome } of calls) await expect(outcome).rejects.toMatchObject({ reason: 'conflict' })
    expect(signals).toHaveLength(1)
    expect(await call(quick).outcome).toEqual(done)
  })

  it.each([
    ['first', 0],
    ['joined', 1],
  ])('go on when the %s call is cancelled', async (_, leaving) => {
    const { call } = deduplicator(await temporaryFolder())
    const { write, signals, finish, started } = slowWrite()
    const calls = [call(write), call(write)]
    await started()
    calls[leaving]?.cancel()
    await expect(calls[leaving]?.outcome).rejects.toMatchObject({
      reason: 'outcome-unknown',
      message: expect.stringMatching(/goes on for another call/),
    })
    expect(signals[0]?.aborted).toBe(false)
    finish()
    expect(await calls[1 - leaving]?.outcome).toEqual(done)
    expect(signals).toHaveLength(1)
  })

  it('are sent when the first is cancelled before that', async () => {
    const { call } = deduplicator(await temporaryFolder())
    const { write, signals, finish, started } = slowWrite()
    const [first, joined] = [call(write), call(write)]
    first.cancel()
    await expect(first.outcome).rejects.toMatchObject({ reason: 'outcome-unknown' })
    await started()
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    finish()
    expect(await joined.outcome).toEqual(done)
  })

  it('end when all callers are cancelled', async () => {
    const { call } = deduplicator(await temporaryFolder())
    const { write, signals, fail, started } = slowWrite()
    const calls = [call(write), call(write)]
    await started()
    for (const { cancel } of calls) cancel()
    await until(() => signals[0]?.aborted === true)
    const next = call(quick)
    fail(new ToolError('outcome-unknown', 'killed'))
    for (const { outcome } of calls)
      await expect(outcome).rejects.toMatchObject({ reason: 'outcome-unknown' })
    await expect(next.outcome).rejects.toMatchObject(notLearned)
    expect(await call(quick).outcome).toEqual(done)
  })

  it('of other keys are sent side by side', async () => {
    const { call } = deduplicator(await temporaryFolder())
    const writes = ['a', 'b', 'c'].map((key) => ({ key, ...slowWrite() }))
    const calls = writes.map(({ key, write }) => call(write, key))
    for (const { started } of writes) await started()
    for (const { finish } of writes) finish()
    expect(await Promise.all(calls.map(({ outcome }) => outcome))).toEqual([done, done, done])
  })
})

describe('a record', () => {
  it('is on disk before the write is sent', async () => {
    const folder = await temporaryFolder()
    const { call } = deduplicator(folder)
    const { write, finish, started } = slowWrite()
    const { outcome } = call(write)
    await started()
    expect((await readdir(folder)).filter((name) => name.startsWith('write-'))).toHaveLength(1)
    finish()
    await outcome
  })

  it('of an unknown outcome counts for half an hour', async () => {
    const folder = await temporaryFolder()
    let time = 1_700_000_000_000
    const server = () => deduplicator(folder, { now: () => time })
    await expect(server().call(lost).outcome).rejects.toThrow('lost')
    time += 30 * 60_000 - 1
    await expect(server().call(quick).outcome).rejects.toThrow(/sent 1800 s ago/)
    await expect(server().call(lost, 'other').outcome).rejects.toThrow('lost')
    time += 30 * 60_000
    expect(await server().call(quick, 'other').outcome).toEqual(done)
  })

  it('is kept after a bug of this server', async () => {
    const { call } = deduplicator(await temporaryFolder())
    await expect(call(() => Promise.reject(new TypeError('bug'))).outcome).rejects.toThrow('bug')
    await expect(call(quick).outcome).rejects.toMatchObject(notLearned)
  })

  it('of an earlier process is pruned after half an hour', async () => {
    const folder = await temporaryFolder()
    await expect(deduplicator(folder).call(lost, 'old').outcome).rejects.toThrow('lost')
    const records = async () => (await readdir(folder)).filter((name) => name.startsWith('write-'))
    const [old = ''] = await records()
    const hourAgo = new Date(Date.now() - 60 * 60_000)
    await utimes(join(folder, old), hourAgo, hourAgo)
    await expect(deduplicator(folder).call(lost, 'new').outcome).rejects.toThrow('lost')
    const left = await records()
    expect(left).toHaveLength(1)
    expect(left).not.toContain(old)
  })

  it('holds nothing back while it is being removed', async () => {
    const folder = await temporaryFolder()
    const cache = createCache(folder, () => undefined)
    let isRemoving = false
    let release: () => void = () => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const slow: Cache = {
      ...cache,
      async remove(kind, key) {
        isRemoving = true
        await released
        await cache.remove(kind, key)
      },
    }
    const { call, close } = deduplicator(folder, { cache: slow })
    expect(await call(quick).outcome).toEqual(done)
    const closing = close()
    await until(() => isRemoving)
    expect(await call(quick).outcome).toEqual(done)
    release()
    await closing
  })

  it('is kept in memory where the folder cannot be written', async () => {
    const { call } = deduplicator(join(import.meta.filename, 'folder'))
    await expect(call(lost).outcome).rejects.toThrow('lost')
    await expect(call(quick).outcome).rejects.toMatchObject(notLearned)
    expect(await call(quick).outcome).toEqual(done)
  })
})

describe('two servers on one state folder', () => {
  it('send a write once when both get it', async () => {
    const folder = await temporaryFolder()
    const { write, signals, finish, started } = slowWrite()
    const calls = [1, 2, 3].map(() => deduplicator(folder).call(write))
    await started()
    const refused = calls.map(({ outcome }) =>
      outcome.then(
        () => undefined,
        ({ reason }) => reason,
      ),
    )
    let ended = 0
    for (const reason of refused) void reason.then(() => ended++)
    await until(() => ended === 2)
    finish()
    expect((await Promise.all(refused)).sort()).toEqual(['outcome-unknown', 'outcome-unknown', undefined])
    expect(signals).toHaveLength(1)
  })

  it('refuse it as long as the other one sends it', async () => {
    const folder = await temporaryFolder()
    const [one, other] = [deduplicator(folder), deduplicator(folder)]
    const { write, finish, started } = slowWrite()
    const { outcome } = one.call(write)
    await started()
    for (let count = 0; count < 3; count++)
      await expect(other.call(quick).outcome).rejects.toMatchObject({
        reason: 'outcome-unknown',
        message: expect.stringMatching(/Another server .* is sending the same write/),
      })
    expect(await other.call(quick, 'another').outcome).toEqual(done)
    finish()
    expect(await outcome).toEqual(done)
  })

  it('are not blocked by the lock of a killed one', async () => {
    const folder = await temporaryFolder()
    const { call } = deduplicator(folder)
    const { write, finish, started } = slowWrite()
    const { outcome } = call(write)
    await started()
    const [lock = ''] = await readdir(join(folder, 'writes'))
    finish()
    await outcome
    expect(lock).toMatch(/\.lock$/)
    await mkdir(join(folder, 'writes', lock))
    await expect(call(quick).outcome).rejects.toMatchObject({ reason: 'outcome-unknown' })
    await utimes(join(folder, 'writes', lock), new Date(0), new Date(0))
    expect(await call(quick).outcome).toEqual(done)
  })
})
