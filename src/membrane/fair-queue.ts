import type { ProcessQueue } from './limits.ts'

export interface FairQueue {
  /** The queue of one caller, which runs at most `each` of its tasks at a time. */
  of(caller: string, each: number): ProcessQueue
}

interface Waiting {
  each: number
  start: () => void
}

/** Lets callers take turns on a queue that runs `total` tasks at a time, so that none waits behind all tasks of another. */
export function createFairQueue(queue: ProcessQueue, total: number): FairQueue {
  /** In the order of their turns. */
  const waiting = new Map<string, Waiting[]>()
  const running = new Map<string, number>()
  let active = 0

  const runningOf = (caller: string) => running.get(caller) ?? 0

  function startNext(): void {
    while (active < total) {
      const turn = [...waiting].find(
        ([caller, [first]]) => first !== undefined && runningOf(caller) < first.each,
      )
      if (turn === undefined) return
      const [caller, [first, ...others]] = turn
      // Its next task comes after those of the others.
      waiting.delete(caller)
      if (others.length > 0) waiting.set(caller, others)
      active++
      running.set(caller, runningOf(caller) + 1)
      first?.start()
    }
  }

  function end(caller: string): void {
    active--
    const left = runningOf(caller) - 1
    if (left > 0) running.set(caller, left)
    else running.delete(caller)
    startNext()
  }

  const turnOf = (caller: string, each: number, signal: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason)
      const giveUp = () => {
        const left = (waiting.get(caller) ?? []).filter((one) => one !== entry)
        if (left.length > 0) waiting.set(caller, left)
        else waiting.delete(caller)
        reject(signal.reason)
      }
      const entry: Waiting = {
        each,
        start() {
          signal.removeEventListener('abort', giveUp)
          resolve()
        },
      }
      signal.addEventListener('abort', giveUp, { once: true })
      waiting.set(caller, [...(waiting.get(caller) ?? []), entry])
      startNext()
    })

  return {
    of: (caller, each) => ({
      async run(signal, task, usesSignIn) {
        await turnOf(caller, each, signal)
        try {
          return await queue.run(signal, task, usesSignIn)
        } finally {
          end(caller)
        }
      },
    }),
  }
}
