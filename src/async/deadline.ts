import { ToolError } from '../errors.ts'

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
  const pass = () => {
    const message = `The call was still waiting for its turn at its deadline of ${limitMs} ms. Nothing was sent.`
    controller.abort(new ToolError('timeout', message))
  }
  const follow = () => {
    const cancelled = new ToolError('cancelled', 'The call was cancelled before anything was sent.')
    controller.abort(wider?.reason instanceof ToolError ? wider.reason : cancelled)
  }
  const timer = setTimeout(pass, limitMs)
  if (wider?.aborted) follow()
  wider?.addEventListener('abort', follow, { once: true })
  try {
    return await task(controller.signal)
  } finally {
    clearTimeout(timer)
    wider?.removeEventListener('abort', follow)
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
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

/** `Promise.all` that aborts the other tasks when one fails. */
export async function allOrAbort<T extends readonly unknown[] | []>(
  signal: AbortSignal,
  start: (own: AbortSignal) => T,
): Promise<{ -readonly [P in keyof T]: Awaited<T[P]> }> {
  const controller = new AbortController()
  const follow = () => controller.abort(signal.reason)
  if (signal.aborted) follow()
  signal.addEventListener('abort', follow, { once: true })
  try {
    return await Promise.all(start(controller.signal))
  } catch (error) {
    controller.abort(error)
    throw error
  } finally {
    signal.removeEventListener('abort', follow)
  }
}
