import { ToolError } from '../errors.ts'

/** A task as one of those who asked for it sees it. */
export interface JoinedRun<T> {
  /** How it ends for this one: as it ends for all, unless this one gives up before. */
  answer: Promise<T>
  /** How it ends for all. */
  end: Promise<T>
}

interface Run {
  end: Promise<unknown>
  controller: AbortController
  waiting: number
}

/**
 * Returns a function that takes a key, the signal of who asks, and a task, and runs the task once for all who ask for
 * the same key while it runs. One who gives up leaves it running for the others; with the last of them it is cancelled.
 */
export function createJoinedRuns() {
  const running = new Map<string, Run>()

  function begin(key: string, task: (signal: AbortSignal) => Promise<unknown>): Run {
    const controller = new AbortController()
    const end = task(controller.signal).finally(() => {
      if (running.get(key) === run) running.delete(key)
    })
    // Whoever asked may have gone by then.
    end.catch(() => undefined)
    const run: Run = { end, controller, waiting: 0 }
    running.set(key, run)
    return run
  }

  return function join<T>(
    key: string,
    signal: AbortSignal,
    task: (signal: AbortSignal) => Promise<T>,
  ): JoinedRun<T> {
    const known = running.get(key)
    const isDying = known?.controller.signal.aborted
    const after = async (shared: AbortSignal) => {
      await known?.end.catch(() => undefined)
      return task(shared)
    }
    const run = known === undefined ? begin(key, task) : isDying ? begin(key, after) : known
    const end = run.end as Promise<T>
    run.waiting++
    const answer = new Promise<T>((resolve, reject) => {
      const giveUp = () => {
        run.waiting--
        if (run.waiting === 0) run.controller.abort(signal.reason)
        else reject(new ToolError('outcome-unknown', 'The same write goes on for another call that sent it.'))
      }
      if (signal.aborted) giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      end.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
    })
    return { answer, end }
  }
}
