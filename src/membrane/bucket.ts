import { join } from 'node:path'
import pLimit from 'p-limit'
import * as z from 'zod'
import { createCache } from '../cache.ts'
import { lockFile } from '../file-lock.ts'

/** Token buckets that all processes of this machine draw from. */
export interface Buckets {
  /**
   * Takes one token of each bucket that is named, or none of any when one of them is empty. Returns undefined, or the
   * empty one and the milliseconds until it holds a token again.
   */
  take(names: readonly string[]): Promise<{ empty: string; waitMs: number } | undefined>
}

const refillMs = 60_000
const levelsSchema = z.record(z.string(), z.object({ tokens: z.number(), at: z.number() }))

/**
 * Takes a folder, the size of each bucket in tokens, and the clock, and returns the buckets. An empty one is full again
 * after a minute, and fills at an even pace. Rejects when the folder cannot be written to.
 */
export function createBuckets(
  folder: string,
  sizes: Readonly<Record<string, number>>,
  clock: () => number,
): Buckets {
  const file = join(folder, 'buckets')
  // Between processes the lock is what waits; within this one a queue does, in order.
  const inOrder = pLimit(1)

  async function takeLocked(names: readonly string[]) {
    const release = await lockFile(file)
    try {
      let error: Error | undefined
      const store = createCache(folder, (reason) => {
        error = reason
      })
      const known = (await store.read('buckets', 'levels', levelsSchema)) ?? {}
      const now = clock()
      const levels = Object.fromEntries(
        Object.entries(sizes).map(([name, size]) => {
          const { tokens, at } = known[name] ?? { tokens: size, at: now }
          // A clock that was set back must not take anything away.
          const filled = tokens + (Math.max(0, now - at) * size) / refillMs
          return [name, { tokens: Math.min(size, filled), at: now }]
        }),
      )
      for (const name of names) {
        const tokens = levels[name]?.tokens ?? 0
        if (tokens < 1) return { empty: name, waitMs: ((1 - tokens) * refillMs) / (sizes[name] ?? 1) }
      }
      for (const name of names) if (levels[name] !== undefined) levels[name].tokens--
      await store.write('buckets', 'levels', levels)
      if (error !== undefined) throw error
      return undefined
    } finally {
      await release()
    }
  }

  return { take: (names) => inOrder(() => takeLocked(names)) }
}
