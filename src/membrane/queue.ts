import pLimit from 'p-limit'

const coldAfterMs = 5 * 60_000

export interface ProcessQueue {
  /** Runs tasks in order. The signal is observed until the task starts; a started task observes it itself. */
  run<T>(signal: AbortSignal, task: () => Promise<T>, usesSignIn?: boolean): Promise<T>
}

/** The first task after a pause runs alone: two processes that refresh a token race for the credentials file. */
export function createProcessQueue(maxConcurrency: number, now: () => number = Date.now): ProcessQueue {
  const limit = pLimit(maxConcurrency)
  let lastEnd = Number.NEGATIVE_INFINITY
  let exclusive: Promise<unknown> | undefined

  async function runFirstAlone<T>(task: () => Promise<T>): Promise<T> {
    const running = task()
    exclusive = running.catch(() => undefined)
    await exclusive
    exclusive = undefined
    lastEnd = now()
    return running
  }

  async function run<T>(task: () => Promise<T>): Promise<T> {
    if (now() - lastEnd > coldAfterMs) return runFirstAlone(task)
    try {
      return await task()
    } finally {
      lastEnd = now()
    }
  }

  return {
    run: (signal, task, usesSignIn = true) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(signal.reason)
        if (signal.aborted) return giveUp()
        signal.addEventListener('abort', giveUp, { once: true })
        limit(async () => {
          while (usesSignIn && exclusive !== undefined) await exclusive
          signal.removeEventListener('abort', giveUp)
          signal.throwIfAborted()
          return usesSignIn ? run(task) : task()
        }).then(resolve, reject)
      }),
  }
}
