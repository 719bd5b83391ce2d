type Functions<T> = { [K in keyof T]: (...given: never[]) => Promise<unknown> }

/**
 * Takes how to load an object of which every member is a function that returns a promise, and returns one like it that
 * is loaded when a function of it is first called.
 */
export function later<T extends Functions<T>>(load: () => Promise<T>): T {
  const call =
    (name: keyof T) =>
    async (...given: never[]) =>
      (await load())[name](...given)
  // Whoever awaits it gets the object itself.
  return new Proxy({} as T, { get: (_, name) => (name === 'then' ? undefined : call(name as keyof T)) })
}
