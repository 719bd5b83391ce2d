/** Counts the requests of each caller, and refuses those beyond a limit. */
export interface Admission {
  /** Returns how to end a request that was let in; undefined when the caller has too many. */
  enter(caller: string): (() => void) | undefined
}

export function createAdmission(most: number): Admission {
  const inside = new Map<string, number>()
  return {
    enter(caller) {
      const count = inside.get(caller) ?? 0
      if (count >= most) return undefined
      inside.set(caller, count + 1)
      return () => {
        const left = (inside.get(caller) ?? 1) - 1
        if (left > 0) inside.set(caller, left)
        else inside.delete(caller)
      }
    },
  }
}
