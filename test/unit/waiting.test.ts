import { describe, expect, it } from 'vitest'
import { raceAbort } from '../../src/async/deadline.ts'
import { memoizeAsync } from '../../src/async/memoize.ts'
import { createProcessQueue } from '../../src/membrane/limits.ts'

const never = new AbortController().signal
/** Lets everything that can go on without us do so. */
const settle = () => new Promise((resolve) => setImmediate(resolve))

/** A task that says when it starts and ends when it is told to. */
function tasks() {
  const started: string[] = []
  const ends = new Map<string, { resolve: (value: string) => void; reject: (error: Error) => void }>()
  return {
    started,
    end: (name: string) => ends.get(name)?.resolve(name),
    fail: (name: string) => ends.get(name)?.reject(new Error(name)),
    task: (name: string) => () => {
      started.push(name)
      return new Promise<string>((resolve, reject) => ends.set(name, { resolve, reject }))
    },
  }
}

describe('the process queue', () => {
  /** A queue whose first task has run. */
  async function warmQueue(places: number) {
    let time = 0
    const gate = createProcessQueue(places, () => time)
    await gate.run(never, async () => 'first')
    return { gate, later: (ms: number) => (time += ms) }
  }

  it('lets so many run at once, the others in the order of asking', async () => {
    const { gate } = await warmQueue(2)
    const { task, started, end } = tasks()
    const results = [...'abcde'].map((name) => gate.run(never, task(name)))
    await settle()
    expect(started).toEqual(['a', 'b'])
    end('b')
    await settle()
    expect(started).toEqual(['a', 'b', 'c'])
    for (const name of 'acde') {
      end(name)
      await settle()
    }
    expect(started).toEqual([...'abcde'])
    expect(await Promise.all(results)).toEqual([...'abcde'])
  })

  it('gives a place back when a task fails, or throws before it starts', async () => {
    const { gate } = await warmQueue(1)
    const { task, fail } = tasks()
    const failing = gate.run(never, task('a'))
    const throwing = gate.run(never, () => {
      throw new Error('b')
    })
    const fine = gate.run(never, async () => 'c')
    await settle()
    fail('a')
    await expect(failing).rejects.toThrow('a')
    await expect(throwing).rejects.toThrow('b')
    expect(await fine).toBe('c')
  })

  it('lets a waiting task go at once when its call is aborted, and never starts it', async () => {
    const { gate } = await warmQueue(1)
    const { task, started, end } = tasks()
    const controller = new AbortController()
    const running = gate.run(never, task('a'))
    const waiting = gate.run(controller.signal, task('b'))
    const last = gate.run(never, task('c'))
    await settle()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    end('a')
    await settle()
    expect(started).toEqual(['a', 'c'])
    end('c')
    expect(await Promise.all([running, last])).toEqual(['a', 'c'])
  })

  it('does not keep a call waiting that was aborted before', async () => {
    const { gate } = await warmQueue(1)
    const { task, started } = tasks()
    void gate.run(never, task('a'))
    const late = gate.run(AbortSignal.abort(new Error('gone')), task('b'))
    let outcome = 'waiting'
    late.catch((error: Error) => {
      outcome = error.message
    })
    await settle()
    expect(outcome).toBe('gone')
    expect(started).toEqual(['a'])
  })

  it('leaves a running task to mind its own signal', async () => {
    const { gate } = await warmQueue(1)
    const { task, end } = tasks()
    const controller = new AbortController()
    const running = gate.run(controller.signal, task('a'))
    await settle()
    controller.abort()
    end('a')
    expect(await running).toBe('a')
  })

  it('lets the first call with the sign-in run alone, also when it fails', async () => {
    const gate = createProcessQueue(4, () => 0)
    const { task, started, fail, end } = tasks()
    const first = gate.run(never, task('a'))
    const others = ['b', 'c'].map((name) => gate.run(never, task(name)))
    const help = gate.run(never, task('help'), false)
    await settle()
    expect(started).toEqual(['a', 'help'])
    fail('a')
    await expect(first).rejects.toThrow('a')
    await settle()
    expect(started).toEqual(['a', 'help', 'b', 'c'])
    for (const name of ['b', 'c', 'help']) end(name)
    expect(await Promise.all([...others, help])).toEqual(['b', 'c', 'help'])
  })

  it('does so again after a long pause, and not after a short one', async () => {
    const { gate, later } = await warmQueue(4)
    const { task, started, end } = tasks()
    later(4 * 60_000)
    const short = ['a', 'b'].map((name) => gate.run(never, task(name)))
    await settle()
    expect(started).toEqual(['a', 'b'])
    for (const name of 'ab') end(name)
    await Promise.all(short)
    later(6 * 60_000)
    const long = ['c', 'd'].map((name) => gate.run(never, task(name)))
    await settle()
    expect(started).toEqual(['a', 'b', 'c'])
    end('c')
    await settle()
    end('d')
    expect(await Promise.all(long)).toEqual(['c', 'd'])
  })

  it('lets a call that waits for the first one go when it is aborted', async () => {
    const gate = createProcessQueue(4, () => 0)
    const { task, started, end } = tasks()
    const controller = new AbortController()
    const first = gate.run(never, task('a'))
    const waiting = gate.run(controller.signal, task('b'))
    await settle()
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    end('a')
    await first
    await settle()
    expect(started).toEqual(['a'])
  })

  it.each([undefined, true, false])(
    'is not blocked by a first task that throws before it starts (%s)',
    async (usesSignIn) => {
      const gate = createProcessQueue(2, () => 0)
      const throwing = gate.run(
        never,
        () => {
          throw new Error('a')
        },
        usesSignIn,
      )
      await expect(throwing).rejects.toThrow('a')
      expect(await gate.run(never, async () => 'b')).toBe('b')
    },
  )
})

describe('a memoized async function', () => {
  it('is made once for all who ask, until it is forgotten', async () => {
    let count = 0
    const value = memoizeAsync(async () => ++count)
    expect(await Promise.all([value.get(), value.get()])).toEqual([1, 1])
    expect(await value.get()).toBe(1)
    value.forget()
    expect(await value.get()).toBe(2)
  })

  it('is made again after a rejection, which all who asked get', async () => {
    let count = 0
    const value = memoizeAsync(async () => {
      count++
      if (count === 1) throw new Error('no')
      return count
    })
    const asked = await Promise.allSettled([value.get(), value.get()])
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(await value.get()).toBe(2)
  })

  it('does not lose the new value to the late rejection of a forgotten one', async () => {
    const { task, end, fail, started } = tasks()
    const names = ['old', 'new', 'third']
    const value = memoizeAsync(() => task(names[started.length] ?? '')())
    const old = value.get()
    value.forget()
    const current = value.get()
    fail('old')
    await expect(old).rejects.toThrow('old')
    end('new')
    expect([await current, await value.get()]).toEqual(['new', 'new'])
    expect(started).toEqual(['old', 'new'])
  })

  it('is left by one who gives up, and goes on for the others', async () => {
    const { task, end } = tasks()
    const value = memoizeAsync(task('a'))
    const controller = new AbortController()
    const leaving = raceAbort(value.get(), controller.signal)
    const staying = raceAbort(value.get(), never)
    controller.abort(new Error('enough'))
    await expect(leaving).rejects.toThrow('enough')
    end('a')
    expect(await staying).toBe('a')
    await expect(raceAbort(value.get(), AbortSignal.abort(new Error('gone')))).rejects.toThrow('gone')
    await expect(raceAbort(Promise.reject(new Error('own')), never)).rejects.toThrow('own')
  })
})
