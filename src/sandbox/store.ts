import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { lockFile } from '../store/file-lock.ts'
import { type Account, freshAccount } from './account.ts'
import type { Organisation } from './kustomer/resource.ts'
import type { Start } from './settings.ts'

/** One JSON file that several processes use at once. */
export interface Document<T> {
  /** Reads without a lock, for files are only ever replaced whole. The value is shared: do not change it. */
  read(): Promise<T>
  /** Runs a change while no other process changes anything, and saves the value if the change says so. */
  change<R>(change: (value: T) => Promise<{ result: R; save: boolean }>): Promise<R>
}

export interface Store {
  organisation: Document<Organisation>
  account: Document<Account>
}

/** Opens the data in a folder, which is made at the first use (0700, files 0600). A fresh one holds the sample. */
export function openStore(folder: string, start: Start): Store {
  const lock = inTurn(folder)
  const organisation = document(join(folder, 'organisation.json'), sampleOrganisation, lock)
  const account = document(join(folder, 'account.json'), async () => freshAccount(start), lock)
  return {
    organisation,
    account: {
      ...account,
      // The first look settles the state of the folder, whatever a later process is told.
      read: async () =>
        (await account.stored()) ?? account.change(async (value) => ({ result: value, save: true })),
    },
  }
}

/** Removes the data, so that the next use starts with the sample. */
export async function resetSandbox(folder: string): Promise<void> {
  await inTurn(folder)(async () => {
    const names = await readdir(folder)
    const own = names.filter((name) => /^(organisation\.json|account\.json|(calls|uses|run)-)/.test(name))
    await Promise.all(own.map((name) => rm(join(folder, name), { force: true })))
  })
}

/** A fresh copy of the sample organisation. */
export async function sampleOrganisation(): Promise<Organisation> {
  const { default: sample } = await import('./organisation.json', { with: { type: 'json' } })
  const empty = { merges: [], counter: 0 }
  // The sample is typed by its thousands of literals; Organisation has the members that are used of it.
  return { ...empty, ...structuredClone(sample) } as unknown as Organisation
}

type Lock = <T>(task: () => Promise<T>) => Promise<T>

function document<T extends object>(
  file: string,
  fresh: () => Promise<T>,
  lock: Lock,
): Document<T> & { stored(): Promise<T | undefined> } {
  let cached: { version: string; value: Promise<T> } | undefined
  /** The parsed file, read again only after it was replaced. */
  async function stored(): Promise<T | undefined> {
    const stats = await unlessMissing(stat(file, { bigint: true }))
    if (stats === undefined) return undefined
    const version = `${stats.ino}:${stats.mtimeNs}:${stats.size}`
    if (cached?.version !== version) cached = { version, value: parse(file, fresh) }
    return cached.value
  }
  return {
    stored,
    read: async () => (await stored()) ?? fresh(),
    change: (change) =>
      lock(async () => {
        const value = (await unlessMissing(parse(file, fresh))) ?? (await fresh())
        const { result, save } = await change(value)
        if (save) {
          const { default: writeFileAtomic } = await import('write-file-atomic')
          await writeFileAtomic(file, JSON.stringify(value), { mode: 0o600, fsync: false })
        }
        return result
      }),
  }
}

/** Reads a file; what an earlier version of the sandbox left out of it, `events` at the latest, is taken from a fresh one. */
async function parse<T extends object>(file: string, fresh: () => Promise<T>): Promise<T> {
  const value = JSON.parse(await readFile(file, 'utf8'))
  return 'meta' in value && !('events' in value) ? { ...(await fresh()), ...value } : value
}

const unlessMissing = <T>(pending: Promise<T>): Promise<T | undefined> =>
  pending.catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** Forty writers that start together have two cores for all of them. */
const lockWaitMs = 60_000

/** Runs tasks one after another: in this process by a queue, among processes by a lock in the folder. */
function inTurn(folder: string): Lock {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const run = last.then(async () => {
      // Forty writers that start together on two cores need about a minute.
      const unlock = await lockFile(join(folder, 'data'), AbortSignal.timeout(lockWaitMs))
      return task().finally(unlock)
    })
    last = run.catch(() => undefined)
    return run
  }
}
