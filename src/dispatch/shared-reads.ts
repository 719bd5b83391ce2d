import { createSharedAbort, raceAbort } from '../async/deadline.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { Handler, JudgedCall, Middleware } from './pipeline.ts'

interface SharedRead {
  outcome: Promise<ToolOutput>
  abort: ReturnType<typeof createSharedAbort>
  /** Callers that still wait for it. */
  callers: number
}

/**
 * Makes equal reads that are asked for at the same time one. It ends early only when all its callers have given up. A
 * read that is asked for after a write began or ended does not join one from before.
 */
export function shareReads(): Middleware<JudgedCall> {
  const running = new Map<string, SharedRead>()

  function start(key: string, call: JudgedCall, next: Handler<JudgedCall>): SharedRead {
    const abort = createSharedAbort()
    const outcome = next({ ...call, signal: abort.signal })
    const read = { outcome, abort, callers: 0 }
    running.set(key, read)
    const end = () => forget(key, read)
    outcome.then(end, end)
    return read
  }

  function forget(key: string, read: SharedRead): void {
    if (running.get(key) === read) running.delete(key)
  }

  return async (call, next) => {
    const { tool, args, prepared, signal } = call
    if (prepared.risk !== 'read') {
      running.clear()
      return next(call).finally(() => running.clear())
    }
    // Signing in changes nothing in Kustomer, and is no read.
    if (tool.group === 'connection') return next(call)
    const key = JSON.stringify([tool.name, args])
    const read = running.get(key) ?? start(key, call, next)
    read.callers++
    return raceAbort(read.outcome, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
      read.callers--
      if (read.callers > 0) throw error
      forget(key, read)
      read.abort.abort(signal)
      return read.outcome
    })
  }
}
