import { ToolError } from '../errors.ts'

const deadlines = new WeakMap<AbortSignal, AbortSignal>()

/** The part of a signal of `withDeadline` that aborts at the deadline alone: a write that was started outlives its caller. */
export const deadlineOf = (signal: AbortSignal): AbortSignal => deadlines.get(signal) ?? signal

/** Calls the listener when the signal aborts, or now where it has, until the function that it returns is called. */
function onAbort(signal: AbortSignal | undefined, listener: () => void): () => void {
  if (signal?.aborted) listener()
  signal?.addEventListener('abort', listener, { once: true })
  return () => signal?.removeEventListener('abort', listener)
}

/** An abort for work that calls share: what waits ends at once, what was started at the deadline of the last call. */
export function createSharedAbort() {
  const controller = new AbortController()
  const deadline = new AbortController()
  deadlines.set(controller.signal, deadline.signal)
  return {
    signal: controller.signal,
    abort(last: AbortSignal) {
      controller.abort(last.reason)
      const limit = deadlineOf(last)
      onAbort(limit, () => deadline.abort(limit.reason))
    },
  }
}

/**
 * Runs a task with a signal that aborts at the limit or with the wider signal. Its reason is a ToolError, `timeout` or
 * `cancelled`, which is true as long as nothing was started. A started process reports its own end.
 * Node 20 may collect an `AbortSignal.timeout` inside an `AbortSignal.any` before it fires, so neither is used.
 */
export async function withDeadline<T>(
  limitMs: number,
  task: (signal: AbortSignal) => Promise<T>,
  wider?: AbortSignal,
): Promise<T> {
  const controller = new AbortController()
  const deadline = new AbortController()
  deadlines.set(controller.signal, deadline.signal)
  const pass = () => {
    const message = `The call was still waiting for its turn at its deadline of ${limitMs} ms. Nothing was sent.`
    const reason = new ToolError('timeout', message)
    deadline.abort(reason)
    controller.abort(reason)
  }
  const follow = () => {
    const cancelled = new ToolError('cancelled', 'The call was cancelled before anything was sent.')
    controller.abort(wider?.reason instanceof ToolError ? wider.reason : cancelled)
  }
  const timer = setTimeout(pass, limitMs)
  const unfollow = onAbort(wider, follow)
  try {
    return await task(controller.signal)
  } finally {
    clearTimeout(timer)
    unfollow()
  }
}

/** Whether the signal was aborted by a deadline, in contrast to somebody who gave up. */
export const isPastDeadline = ({ reason }: AbortSignal): boolean =>
  reason instanceof ToolError && reason.reason === 'timeout'

/** Resolves when the task has settled, or at the limit. */
export async function settleWithin(limitMs: number, task: () => Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise((resolve) => {
    timer = setTimeout(resolve, limitMs)
  })
  await Promise.race([task().catch(() => undefined), limit])
  clearTimeout(timer)
}

/** Settles as a shared promise does, or rejects with the signal's reason when that comes first. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const stopWaiting = onAbort(signal, () => reject(signal.reason))
    promise.then(resolve, reject).finally(stopWaiting)
  })
}

/** `Promise.all` that aborts the other tasks when one fails. */
export async function allOrAbort<T extends readonly unknown[] | []>(
  signal: AbortSignal,
  start: (own: AbortSignal) => T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const controller = new AbortController()
  const unfollow = onAbort(signal, () => controller.abort(signal.reason))
  try {
    return await Promise.all(start(controller.signal))
  } catch (error) {
    controller.abort(error)
    throw error
  } finally {
    unfollow()
  }
}
