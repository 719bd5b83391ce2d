import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { LockOptions } from 'proper-lockfile'
import { makeFolder } from './make-folder.ts'

/** Ends a lock. Never rejects: one that was lost meanwhile, because this process stood still, needs no ending. */
export type Unlock = () => Promise<void>

/** A holder shows that it lives once a second; one that has not for this long was killed, and its lock is free. */
const staleMs = 5000
const patient = { retries: 120, factor: 1.3, minTimeout: 3, maxTimeout: 80, randomize: true }

/**
 * Takes a file, which need not exist, and returns with its lock, held against every process of this machine; waits for
 * it some seconds. Rejects when it stays held, or when the lock cannot be made beside the file.
 */
export const lockFile = (file: string, retries = patient.retries): Promise<Unlock> =>
  acquire(file, { ...patient, retries })

/**
 * Takes a folder and a key and returns with the lock of that key, or with undefined when another process holds it.
 * Rejects when the folder cannot be written to.
 */
export async function tryLock(folder: string, key: string): Promise<Unlock | undefined> {
  const name = createHash('sha256').update(key).digest('hex').slice(0, 24)
  try {
    return await acquire(join(folder, name), 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ELOCKED') return undefined
    throw error
  }
}

async function acquire(file: string, retries: LockOptions['retries']): Promise<Unlock> {
  const { default: lockfile } = await import('proper-lockfile')
  await makeFolder(dirname(file), 0o700)
  const release = await lockfile.lock(file, {
    realpath: false,
    retries: retries ?? 0,
    stale: staleMs,
    update: 1000,
    // The default throws where nobody can catch it.
    onCompromised: () => undefined,
  })
  return () => release().catch(() => undefined)
}
