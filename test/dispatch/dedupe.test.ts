import { mkdir, readdir, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createWriteMemory } from '../../src/dispatch/write-memory.ts'
import { ToolError } from '../../src/errors.ts'
import { type Cache, createCache } from '../../src/store/cache.ts'
import { temporaryFolder, until } from '../support/harness.ts'

/** A host's call: `giveUp` is what reaches the server of its cancellation, before the answer or after it. */
function host() {
  const controller = new AbortController()
  const { signal } = controller
  return {
    caller: { signal, unheard: signal },
    giveUp: () => controller.abort(new ToolError('cancelled', 'x')),
  }
}

/** One server's memory of writes; two with one folder are two servers of one machine. */
const memoryIn = (folder: string) =>
  createWriteMemory({
    cache: createCache(folder, () => undefined),
    folder: join(folder, 'writes'),
    scope: 's',
  })

/** A write that ends when it is told to, and counts how often it was sent. */
function slowWrite() {
  let finish: (value: string) => void = () => undefined
  let fail: (error: Error) => void = () => undefined
  const signals: AbortSignal[] = []
  const write = (signal: AbortSignal) => {
    signals.push(signal)
    return new Promise<string>((resolve, reject) => {
      finish = resolve
      fail = reject
    })
  }
  return { write, signals, finish: () => finish('done'), fail: (error: Error) => fail(error) }
}

const heldBack = { reason: 'outcome-unknown', message: expect.stringMatching(/not sent again/) }
const quick = async () => 'done'

describe('an answer that crossed the word that nobody waits for it', () => {
  it('leaves a doubt: the same write is held back once', async () => {
    const memory = memoryIn(await temporaryFolder())
    const { caller, giveUp } = host()
    expect(await memory.run('d', quick, caller)).toBe('done')
    giveUp()
    await expect(memory.run('d', quick, host().caller)).rejects.toMatchObject(heldBack)
    expect(await memory.run('d', quick, host().caller)).toBe('done')
    expect(await memory.run('d', quick, host().caller)).toBe('done')
  })

  it('leaves it for other servers too', async () => {
    const folder = await temporaryFolder()
    const { caller, giveUp } = host()
    expect(await memoryIn(folder).run('d', quick, caller)).toBe('done')
    giveUp()
    const other = memoryIn(folder)
    await expect(other.run('d', quick, host().caller)).rejects.toMatchObject(heldBack)
    expect(await other.run('d', quick, host().caller)).toBe('done')
  })

  it('leaves it when the word came before the end of a write that was made all the same', async () => {
    const memory = memoryIn(await temporaryFolder())
    const { write, signals, finish } = slowWrite()
    const { caller, giveUp } = host()
    const answer = memory.run('d', write, caller)
    await until(() => signals.length === 1)
    giveUp()
    finish()
    await answer
    await expect(memory.run('d', quick, host().caller)).rejects.toMatchObject(heldBack)
  })

  it('is no matter for the writes after it: two that were both heard both go through', async () => {
    const memory = memoryIn(await temporaryFolder())
    for (let count = 0; count < 3; count++) expect(await memory.run('d', quick, host().caller)).toBe('done')
  })

  it('leaves none where nothing was done', async () => {
    const memory = memoryIn(await temporaryFolder())
    const { caller, giveUp } = host()
    const refused = () => Promise.reject(new ToolError('invalid-input', 'x'))
    await expect(memory.run('d', refused, caller)).rejects.toMatchObject({ reason: 'invalid-input' })
    giveUp()
    expect(await memory.run('d', quick, host().caller)).toBe('done')
  })
})

it('a success holds nothing back at the moment at which it is forgotten either', async () => {
  const folder = await temporaryFolder()
  const cache = createCache(folder, () => undefined)
  let [isForgetting, isTidy] = [false, false]
  const slow: Cache = {
    ...cache,
    async remove(kind, key) {
      isForgetting = true
      await until(() => isTidy)
      await cache.remove(kind, key)
    },
  }
  const memory = createWriteMemory({ cache: slow, folder: join(folder, 'writes'), scope: 's' })
  expect(await memory.run('d', quick, host().caller)).toBe('done')
  await until(() => isForgetting)
  expect(await memory.run('d', quick, host().caller)).toBe('done')
  isTidy = true
})

it('what an earlier process left behind is removed when nobody can ask for it any more', async () => {
  const folder = await temporaryFolder()
  const fail = async () => {
    throw new ToolError('outcome-unknown', 'x')
  }
  for (const digest of ['old', 'new'])
    await expect(memoryIn(folder).run(digest, fail, host().caller)).rejects.toThrow('x')
  const doubts = async () => (await readdir(folder)).filter((name) => name.startsWith('doubt-'))
  const [one = ''] = await doubts()
  const hourAgo = new Date(Date.now() - 60 * 60_000)
  await utimes(join(folder, one), hourAgo, hourAgo)
  await memoryIn(folder).run('other', quick, host().caller)
  await until(async () => !(await doubts()).includes(one))
  expect(await doubts()).toHaveLength(2)
})

describe('a write that two calls asked for', () => {
  it('goes on for the second when the first gives up, and is in doubt for the first', async () => {
    const memory = memoryIn(await temporaryFolder())
    const { write, signals, finish } = slowWrite()
    const [first, second] = [host(), host()]
    const answers = [memory.run('d', write, first.caller), memory.run('d', write, second.caller)]
    await until(() => signals.length === 1)
    first.giveUp()
    await expect(answers[0]).rejects.toMatchObject({ reason: 'outcome-unknown' })
    expect(signals[0]?.aborted).toBe(false)
    finish()
    expect(await answers[1]).toBe('done')
    expect(signals.length).toBe(1)
    await expect(memory.run('d', write, host().caller)).rejects.toMatchObject(heldBack)
  })

  it('is cancelled when both give up, and the next waits for its end', async () => {
    const memory = memoryIn(await temporaryFolder())
    const { write, signals, fail } = slowWrite()
    const [first, second] = [host(), host()]
    const answers = [memory.run('d', write, first.caller), memory.run('d', write, second.caller)]
    await until(() => signals.length === 1)
    const ends = Promise.allSettled(answers)
    second.giveUp()
    first.giveUp()
    expect(signals[0]?.aborted).toBe(true)
    const next = memory.run('d', quick, host().caller)
    fail(new ToolError('outcome-unknown', 'killed'))
    expect(await ends).toMatchObject([1, 2].map(() => ({ reason: { reason: 'outcome-unknown' } })))
    await expect(next).rejects.toMatchObject(heldBack)
    expect(await memory.run('d', quick, host().caller)).toBe('done')
  })
})

describe('two servers that are sent the same write', () => {
  it('at the same moment send it once', async () => {
    for (let round = 0; round < 10; round++) {
      const folder = await temporaryFolder()
      const { write, signals, finish } = slowWrite()
      const answers = [1, 2, 3].map(() => memoryIn(folder).run('d', write, host().caller))
      const ends = Promise.allSettled(answers)
      await until(() => signals.length >= 1)
      await Promise.race(answers.map((answer) => answer.catch(() => undefined)))
      finish()
      const reasons = (await ends).map((end) => (end.status === 'fulfilled' ? 'ok' : end.reason.reason))
      expect(reasons.sort()).toEqual(['ok', 'outcome-unknown', 'outcome-unknown'])
      expect(signals.length).toBe(1)
    }
  })

  it('hold it back as long as it is under way, however often it is asked for', async () => {
    const folder = await temporaryFolder()
    const [one, other] = [memoryIn(folder), memoryIn(folder)]
    const { write, signals, finish } = slowWrite()
    const answer = one.run('d', write, host().caller)
    await until(() => signals.length === 1)
    for (let count = 0; count < 3; count++)
      await expect(other.run('d', quick, host().caller)).rejects.toMatchObject(heldBack)
    expect(await other.run('another', quick, host().caller)).toBe('done')
    finish()
    expect(await answer).toBe('done')
    // It was told: what it asks for now, it asks for knowingly.
    expect(await other.run('d', quick, host().caller)).toBe('done')
  })

  it('are not kept from it by one that was killed', async () => {
    const folder = await temporaryFolder()
    const memory = memoryIn(folder)
    const { write, signals, finish } = slowWrite()
    const answer = memory.run('d', write, host().caller)
    await until(() => signals.length === 1)
    const [claim = ''] = await readdir(join(folder, 'writes'))
    finish()
    await answer
    expect(claim).toMatch(/\.lock$/)
    await mkdir(join(folder, 'writes', claim))
    await expect(memory.run('d', quick, host().caller)).rejects.toMatchObject(heldBack)
    await utimes(join(folder, 'writes', claim), new Date(0), new Date(0))
    expect(await memory.run('d', quick, host().caller)).toBe('done')
  })
})
