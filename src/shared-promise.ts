/**
 * Takes a function and returns two: `get` runs it once for all who ask at the same time and after, and keeps no
 * rejection, so the next to ask tries again; `forget` makes the next `get` run it anew.
 */
export function shared<T>(make: () => Promise<T>): { get(): Promise<T>; forget(): void } {
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
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = () => reject(signal.reason)
    if (signal.aborted) giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp))
  })
}
