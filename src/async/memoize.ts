/**
 * Takes a function and returns two: `get` runs it once for all who ask at the same time and after, and keeps no
 * rejection, so the next to ask tries again; `forget` makes the next `get` run it anew.
 */
export function memoizeAsync<T>(make: () => Promise<T>): { get(): Promise<T>; forget(): void } {
  let promise: Promise<T> | undefined
  const forget = () => {
    promise = undefined
  }
  const get = () => {
    if (promise !== undefined) return promise
    const made: Promise<T> = make().catch((error: unknown) => {
      if (promise === made) forget()
      throw error
    })
    promise = made
    return made
  }
  return { get, forget }
}

/** Takes a promise that others share and a signal, and rejects with the signal's reason when that comes first. */
export function raceAbort<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}

/**
 * Takes a signal and what starts tasks with a signal of their own, and returns what all of them gave. When one fails
 * the others are aborted, so that nothing works on for an answer that will not be.
 */
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
