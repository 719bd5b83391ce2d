import * as z from 'zod'
import type { Cache } from '../store/cache.ts'

/** Every way in which an answer of the CLI is understood although it has not the documented form. */
export const fallbacks = {
  'text-around-json': 'there was text before or after the JSON on stdout',
  'several-documents': 'there were several JSON documents on stdout',
  'bare-list': 'a list came without `items` around it',
  'list-in-output': 'a list came inside `output`',
  'items-left-out': 'a list had items without the members that are needed, which were left out',
  'data-for-body': 'the response to a request had `data` in place of `body`',
  'bare-body': 'a request was answered with the body alone, without its status',
  'other-status-name': 'the status of a response had another name than `status`',
  'error-on-stderr': 'the JSON of an error came on stderr',
  'error-without-json': 'an error came as text without JSON',
  'other-error-form': 'the JSON of an error had the form of another program',
  'error-with-exit-0': 'a failed command ended with exit code 0',
  'help-on-stderr': 'help or version came on stderr',
  'verb-refused': 'a command that the help lists was refused, and `act` took its place',
  'relay-unavailable': '`request` answered 503, and `act --api` took its place',
} as const

export type Fallback = keyof typeof fallbacks
export type NoteFallback = (fallback: Fallback) => void

const countsSchema = z.partialRecord(z.enum(Object.keys(fallbacks) as Fallback[]), z.int().min(1))
export type FallbackCounts = z.infer<typeof countsSchema>

export interface FallbackCounter {
  note: NoteFallback
  /** What every process that used this CLI has counted: at least half of the true numbers. */
  counts(): Promise<FallbackCounts>
}

interface FallbackCounterOptions {
  cache: Cache
  /** Tells one CLI from another. */
  keyOf: () => Promise<string>
  /** Called once for each fallback. */
  onFirst: NoteFallback
}

/** Counts in memory, and adds to the counts on disk at the first of a kind and each time its number has doubled. */
export function createFallbackCounter({ cache, keyOf, onFirst }: FallbackCounterOptions): FallbackCounter {
  const noted = new Map<Fallback, number>()
  const unsaved = new Map<Fallback, number>()
  let saving: Promise<FallbackCounts | undefined> = Promise.resolve(undefined)

  async function save(): Promise<FallbackCounts> {
    const key = await keyOf()
    const counts = { ...(await cache.read('fallbacks', key, countsSchema)) }
    if (unsaved.size === 0) return counts
    for (const [fallback, count] of unsaved) counts[fallback] = (counts[fallback] ?? 0) + count
    unsaved.clear()
    await cache.write('fallbacks', key, counts)
    return counts
  }

  const saved = () => {
    const next = saving.then(save)
    saving = next.catch(() => undefined)
    return next
  }

  return {
    note(fallback) {
      const count = (noted.get(fallback) ?? 0) + 1
      noted.set(fallback, count)
      unsaved.set(fallback, (unsaved.get(fallback) ?? 0) + 1)
      if (count === 1) onFirst(fallback)
      if ((count & (count - 1)) === 0) saved().catch(() => undefined)
    },
    counts: saved,
  }
}
