import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { memoizeAsync } from '../async/memoize.ts'
import type { Cache } from '../store/cache.ts'

const recordSchema = z.object({ id: z.string(), at: z.number(), held: z.boolean() })

/** A write that was begun and whose end is not known to who asked for it. */
export type Doubt = z.infer<typeof recordSchema>

/** What is in doubt, by the digest of the write. */
export interface Doubts {
  read(digest: string): Promise<Doubt | undefined>
  /** Opens a doubt about a write that is about to begin. */
  open(digest: string): Promise<Doubt>
  /** Notes that whoever asks here was told of it; with `forAll`, that those who ask other servers were, too. */
  hold(digest: string, doubt: Doubt, forAll: boolean): Promise<void>
  settle(digest: string, doubt: Doubt): void
  /** Forgets what is settled now, on the disk too: whoever asked has heard the answer. Never rejects. */
  heard(): Promise<void>
  /** Takes back that a doubt was settled, unless there is a newer one. */
  reopen(digest: string, doubt: Doubt): void
}

const rememberedMs = 30 * 60_000
/** This process may end before the host has read the answer; the next one still finds the doubt then. */
const settleMs = 2000

/**
 * Takes the cache to keep doubts in and what keeps them apart from those of other connections, and returns them: on
 * disk for other processes, and in memory for this one, which knows more of its own and may have no disk to write to.
 */
export function createDoubts(cache: Cache, scope: string, now: () => number): Doubts {
  const own = new Map<string, Doubt & { settled: boolean }>()
  const keyOf = (digest: string) => `${scope}|${digest}`
  const onDisk = (digest: string) => cache.read('doubt', keyOf(digest), recordSchema)
  const store = (digest: string, { id, at, held }: Doubt) =>
    cache.write('doubt', keyOf(digest), { id, at, held })
  /** A write that nobody asks for again is never read again: an earlier process may have left its doubt. */
  const tidied = memoizeAsync(() => cache.prune('doubt', rememberedMs))
  const isOld = ({ at }: Doubt) => now() - at >= rememberedMs

  async function forget(digest: string, { id }: Doubt) {
    const known = own.get(digest)
    if (known?.id !== id || !known.settled) return
    // While it is on disk, it has to be known here that it is settled.
    if ((await onDisk(digest))?.id === id) await cache.remove('doubt', keyOf(digest))
    if (own.get(digest) === known) own.delete(digest)
  }

  return {
    async read(digest) {
      const before = own.get(digest)
      const stored = await onDisk(digest)
      const known = own.get(digest) ?? before
      // That of another server is the newer one.
      const doubt = stored !== undefined && stored.id !== known?.id ? stored : known
      const isSettled = doubt === known && known?.settled
      return doubt === undefined || isSettled || isOld(doubt) ? undefined : doubt
    },
    async open(digest) {
      for (const [key, doubt] of own) if (isOld(doubt)) own.delete(key)
      // Before there is a new one, which could be of the same write.
      await tidied.get()
      const doubt = { id: randomUUID(), at: now(), held: false }
      own.set(digest, { ...doubt, settled: false })
      await store(digest, doubt)
      return doubt
    },
    async hold(digest, { id, at }, forAll) {
      const held = { id, at, held: true }
      own.set(digest, { ...held, settled: false })
      if (forAll) await store(digest, held)
    },
    settle(digest, doubt) {
      own.set(digest, { ...doubt, settled: true })
      setTimeout(() => void forget(digest, doubt), settleMs).unref()
    },
    async heard() {
      await Promise.all([...own].map(([digest, doubt]) => forget(digest, doubt)))
    },
    reopen(digest, doubt) {
      const known = own.get(digest)
      if (known !== undefined && known.id !== doubt.id) return
      own.set(digest, { ...doubt, settled: false })
      void store(digest, doubt)
    },
  }
}
