import { createHash } from 'node:crypto'
import { rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { makeFolder } from './folders.ts'

/** Ends a lock. Never rejects: a lock may have been lost meanwhile, because this process stood still. */
export type Unlock = () => Promise<void>

const updateMs = 1000
/** A lock that nobody touched for this long, by the clock of the machine, is free. So is one from the future. */
const staleMs = 5000
/** Likewise by the monotonic clock, where we watched it: nobody can set that back. */
const watchedMs = 2500
const longestWaitMs = 10_000

/** The locks that were found held: their time of change, and since when we know it. */
const watched = new Map<string, { mtimeMs: number; since: number }>()

/**
 * Locks a file, which need not exist, against every process of this machine. Waits until it is free.
 * Throws the signal's reason when that aborts first, or the error of a lock that cannot be made beside the file.
 */
export async function lockFile(
  file: string,
  signal: AbortSignal = AbortSignal.timeout(longestWaitMs),
): Promise<Unlock> {
  for (let pauseMs = 3; ; pauseMs = Math.min(80, pauseMs * 1.3)) {
    signal.throwIfAborted()
    const unlock = await acquire(file)
    if (unlock !== undefined) return unlock
    await wait(pauseMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined)
  }
}

/** Locks a key, or returns undefined when another process holds it. Throws when the folder cannot be written to. */
export async function tryLock(folder: string, key: string): Promise<Unlock | undefined> {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 24)
  return acquire(join(folder, name))
}

async function acquire(file: string): Promise<Unlock | undefined> {
  await makeFolder(dirname(file))
  const unlock = await lockOnce(file)
  if (unlock !== undefined) return unlock
  const abandoned = await abandonedSince(file)
  // Looked at once more: another process may have taken it over meanwhile.
  if (abandoned === undefined || (await timeOfChange(file)) !== abandoned) return undefined
  await rmdir(`${file}.lock`).catch(() => undefined)
  return lockOnce(file)
}

async function lockOnce(file: string): Promise<Unlock | undefined> {
  const { default: lockfile } = await import('proper-lockfile')
  try {
    const release = await lockfile.lock(file, {
      realpath: false,
      stale: staleMs,
      update: updateMs,
      // The default throws where nobody can catch it.
      onCompromised: () => undefined,
    })
    watched.delete(file)
    return () => release().catch(() => undefined)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined
    throw error
  }
}

const timeOfChange = (file: string) =>
  stat(`${file}.lock`).then(
    ({ mtimeMs }) => mtimeMs,
    () => undefined,
  )

/** The time of change of a lock whose holder is dead; undefined for one that is free or alive. */
async function abandonedSince(file: string): Promise<number | undefined> {
  const mtimeMs = await timeOfChange(file)
  if (mtimeMs === undefined) return undefined
  const known = watched.get(file)
  if (known?.mtimeMs !== mtimeMs) watched.set(file, { mtimeMs, since: performance.now() })
  const isUnchanged = known?.mtimeMs === mtimeMs && performance.now() - known.since > watchedMs
  return isUnchanged || mtimeMs - Date.now() > staleMs ? mtimeMs : undefined
}
