/**
 * Takes a limit in milliseconds, a task, and the signal of a wider limit if there is one, and runs the task with a
 * signal that aborts when either comes. A `TimeoutError` as the signal's reason says that it was the limit.
 * Made by hand because Node 20 may collect an `AbortSignal.timeout` inside an `AbortSignal.any` before it fires.
 */
export async function withDeadline<T>(
  limitMs: number,
  task: (signal: AbortSignal) => Promise<T>,
  wider?: AbortSignal,
): Promise<T> {
  const controller = new AbortController()
  const timer = setTimeout(
    () => controller.abort(new DOMException('The deadline has passed', 'TimeoutError')),
    limitMs,
  )
  const follow = () => controller.abort(wider?.reason)
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
  reason instanceof DOMException && reason.name === 'TimeoutError'
