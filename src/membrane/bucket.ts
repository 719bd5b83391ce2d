import { join } from 'node:path'
import pLimit from 'p-limit'
import * as z from 'zod'
import { createCache } from '../store/cache.ts'
import { lockFile } from '../store/file-lock.ts'

/** Token buckets that all processes of this machine draw from. */
export interface Buckets {
  /**
   * Takes one token of each bucket that is named, or none of any when one of them is empty. Returns undefined, or the
   * empty one and the milliseconds until it holds a token again.
   */
  take(names: readonly string[]): Promise<{ empty: string; waitMs: number } | undefined>
}

const refillMs = 60_000
/** How long a handful may be used; what is left of it then counts as spent. */
const handfulMs = 10_000
/** What a handful is of a bucket: a second's worth. */
const secondsIn = 60
const levelsSchema = z.record(z.string(), z.object({ tokens: z.number(), at: z.number() }))

/**
 * Takes a folder, the size of each bucket in tokens, and the clock, and returns the buckets. An empty one is full again
 * after a minute, and fills at an even pace. Of one that is at least half full, a process takes a second's worth at
 * once. Rejects when the folder cannot be written to.
 */
export function createBuckets(
  folder: string,
  sizes: Readonly<Record<string, number>>,
  clock: () => number,
): Buckets {
  const file = join(folder, 'buckets')
  let error: Error | undefined
  const store = createCache(folder, (reason) => {
    error = reason
  })
  // Between processes the lock is what waits; within this one a queue does, in order.
  const inOrder = pLimit(1)
  /** Tokens that this process has taken and not used: a lock for each call would cost more than the call. */
  const inHand = new Map<string, { tokens: number; until: number }>()

  const held = (name: string) => {
    const { tokens, until } = inHand.get(name) ?? { tokens: 0, until: 0 }
    return clock() < until ? tokens : 0
  }
  const hold = (name: string, tokens: number) =>
    inHand.set(name, { tokens, until: inHand.get(name)?.until ?? 0 })

  /** One token where the bucket is low, so that nothing is lost to a process that needs no more. */
  const handful = (level: number, size: number) => {
    const share = Math.floor(size / secondsIn)
    return level >= size / 2 ? Math.max(1, share) : 1
  }

  async function take(names: readonly string[]) {
    const missing = names.filter((name) => held(name) < 1)
    const refused = missing.length === 0 ? undefined : await draw(missing)
    if (refused === undefined) for (const name of names) hold(name, held(name) - 1)
    return refused
  }

  async function draw(names: readonly string[]) {
    const release = await lockFile(file)
    error = undefined
    try {
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
      for (const name of names) {
        const level = levels[name]
        if (level === undefined) continue
        const tokens = handful(level.tokens, sizes[name] ?? 1)
        level.tokens -= tokens
        inHand.set(name, { tokens, until: clock() + handfulMs })
      }
      await store.write('buckets', 'levels', levels)
      if (error !== undefined) throw error
      return undefined
    } finally {
      await release()
    }
  }

  return { take: (names) => inOrder(() => take(names)) }
}
