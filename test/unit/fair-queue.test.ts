import { describe, expect, it } from 'vitest'
import { createFairQueue } from '../../src/membrane/fair-queue.ts'
import type { ProcessQueue } from '../../src/membrane/limits.ts'

const never = new AbortController().signal
const settle = () => new Promise((resolve) => setImmediate(resolve))
/** The queue behind it starts everything at once. */
const open: ProcessQueue = { run: (_signal, task) => task() }

/** Tasks that say when they start and end when they are told to. */
function tasksOn(queueOf: (caller: string) => ProcessQueue) {
  const started: string[] = []
  const ends = new Map<string, () => void>()
  return {
    started,
    /** The name of a task begins with its caller. */
    ask(name: string, signal = never) {
      const caller = name.charAt(0)
      return queueOf(caller).run(signal, () => {
        started.push(name)
        return new Promise<string>((resolve) => ends.set(name, () => resolve(name)))
      })
    },
    async end(...names: string[]) {
      for (const name of names) {
        ends.get(name)?.()
        await settle()
      }
    },
  }
}

describe('the fair queue', () => {
  it('lets callers take turns', async () => {
    const fair = createFairQueue(open, 1)
    const { ask, end, started } = tasksOn((caller) => fair.of(caller, 1))
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) void ask(name)
    await settle()
    await end('a1', 'a2', 'b1', 'c1', 'a3')
    expect(started).toEqual(['a1', 'a2', 'b1', 'c1', 'a3', 'b2'])
  })

  it('gives one caller no more than its share', async () => {
    const fair = createFairQueue(open, 3)
    const { ask, end, started } = tasksOn((caller) => fair.of(caller, 2))
    for (const name of ['a1', 'a2', 'a3', 'b1', 'b2']) void ask(name)
    await settle()
    expect(started).toEqual(['a1', 'a2', 'b1'])
    await end('b1')
    expect(started).toEqual(['a1', 'a2', 'b1', 'b2'])
    await end('a1')
    expect(started).toEqual(['a1', 'a2', 'b1', 'b2', 'a3'])
  })

  it('forgets what gave up, and passes its turn on', async () => {
    const fair = createFairQueue(open, 1)
    const { ask, end, started } = tasksOn((caller) => fair.of(caller, 1))
    const controller = new AbortController()
    void ask('a1')
    const given = ask('b1', controller.signal)
    void ask('c1')
    controller.abort(new Error('gave up'))
    await expect(given).rejects.toThrow('gave up')
    await expect(ask('d1', controller.signal)).rejects.toThrow('gave up')
    await end('a1', 'c1')
    expect(started).toEqual(['a1', 'c1'])
  })

  it('gives a place back when a task fails', async () => {
    const fair = createFairQueue(open, 1)
    const failing = fair.of('a', 1).run(never, () => Promise.reject(new Error('broken')))
    await expect(failing).rejects.toThrow('broken')
    expect(await fair.of('a', 1).run(never, async () => 'next')).toBe('next')
  })
})
