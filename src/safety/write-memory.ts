import pLimit from 'p-limit'
import * as z from 'zod'
import type { Cache } from '../cache.ts'
import { Failure } from '../failure.ts'

/** Remembers writes whose outcome is not known, across restarts, so that a repetition is not a second write by accident. */
export interface WriteMemory {
  /**
   * Runs a write. An identical one that is under way is joined, not sent again. One whose last attempt ended in
   * `outcome-unknown`, or whose answer nobody heard, is held back once, with a Failure of that reason, and goes
   * through when it is asked again.
   */
  run<T>(digest: string, write: () => Promise<T>, isHeard?: () => boolean): Promise<T>
}

const rememberedMs = 30 * 60_000
const settleMs = 2000
const recordSchema = z.object({ at: z.number(), held: z.boolean() })

/**
 * Takes the cache to keep what is remembered in and what keeps it apart from that of other connections, and returns
 * the memory.
 */
export function createWriteMemory(cache: Cache, scope: string, now: () => number = Date.now): WriteMemory {
  const running = new Map<string, Promise<unknown>>()
  const doubts = createDoubts(cache, scope)

  // One after the other, so that writes go on to the CLI in the order in which they came.
  const inOrder = pLimit(1)

  async function hold(digest: string): Promise<void> {
    const doubt = await doubts.read(digest)
    if (doubt !== undefined && !doubt.held && now() - doubt.at < rememberedMs) {
      await doubts.write(digest, { ...doubt, held: true })
      const minutes = Math.max(1, Math.round((now() - doubt.at) / 60_000))
      throw new Failure(
        'outcome-unknown',
        `The same write was sent about ${minutes} min ago and its outcome is not known, so it was not sent again. If the record shows that it was not done, call once more with the same arguments.`,
      )
    }
    // Kept while the write runs too: a process that ends in the middle leaves the doubt behind.
    await doubts.write(digest, { at: now(), held: false })
  }

  async function guarded<T>(digest: string, write: () => Promise<T>, isHeard: () => boolean): Promise<T> {
    await inOrder(() => hold(digest))
    try {
      const value = await write()
      // Done, and the host that asked is gone: the next one does not know that.
      if (isHeard()) doubts.settle(digest)
      return value
    } catch (error) {
      if (!(error instanceof Failure) || error.reason === 'outcome-unknown') throw error
      doubts.settle(digest)
      throw error
    }
  }

  return {
    run<T>(digest: string, write: () => Promise<T>, isHeard = () => true) {
      const same = running.get(digest) as Promise<T> | undefined
      if (same !== undefined) return same
      const started = guarded(digest, write, isHeard).finally(() => running.delete(digest))
      running.set(digest, started)
      return started
    },
  }
}

type Doubt = z.infer<typeof recordSchema>

/** On disk for the next process, and in memory for this one where the disk cannot be written to. */
function createDoubts(cache: Cache, scope: string) {
  const inMemory = new Map<string, Doubt | undefined>()
  const keyOf = (digest: string) => `${scope}|${digest}`
  const read = async (digest: string) =>
    inMemory.has(digest) ? inMemory.get(digest) : cache.read('doubt', keyOf(digest), recordSchema)
  return {
    read,
    async write(digest: string, doubt: Doubt) {
      inMemory.set(digest, doubt)
      await cache.write('doubt', keyOf(digest), doubt)
    },
    /** Forgets here at once, and on disk a little later: this process may end before the host has read the answer. */
    settle(digest: string) {
      inMemory.set(digest, undefined)
      setTimeout(() => {
        if (inMemory.get(digest) !== undefined) return
        inMemory.delete(digest)
        void cache.remove('doubt', keyOf(digest))
      }, settleMs).unref()
    },
  }
}
