/** Memoizes an async function; rejections are not cached. `forget` makes the next `get` run it again. */
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
