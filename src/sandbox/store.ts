import { chmod, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../store/make-folder.ts'
import { type Account, freshAccount } from './account.ts'
import type { Organisation } from './kustomer/resource.ts'
import type { Start } from './settings.ts'

/** One JSON file of the data, which several processes use at once. */
export interface Document<T> {
  /** Reads without waiting for anyone: files are only ever replaced whole. */
  read(): Promise<T>
  /** Runs a change while no other process changes anything, and saves the value where the change says so. */
  change<R>(change: (value: T) => Promise<{ result: R; save: boolean }>): Promise<R>
}

export interface Store {
  organisation: Document<Organisation>
  account: Document<Account>
}

/** A process that was killed while it held the lock keeps the others waiting for this long. */
const staleMs = 5000

/**
 * Takes the folder of the data and what a fresh one starts as, and returns the store. The folder is made at the first
 * use (0700, files 0600). The organisation is the sample until something changes in it.
 */
export function openStore(folder: string, start: Start): Store {
  const account = document(folder, 'account.json', async () => freshAccount(start))
  return {
    organisation: document(folder, 'organisation.json', sampleOrganisation),
    account: {
      ...account,
      // The first look settles what the folder starts as, whatever a later process is told.
      read: async () =>
        (await parsed<Account>(join(folder, 'account.json'))) ??
        account.change(async (value) => ({ result: value, save: true })),
    },
  }
}

/** Takes the folder of the data and removes everything in it, so that the next use starts with the sample. */
export async function resetSandbox(folder: string): Promise<void> {
  await locked(folder, async () => {
    const names = await readdir(folder)
    const own = names.filter((name) => /^(organisation\.json|account\.json|(calls|uses|run)-)/.test(name))
    await Promise.all(own.map((name) => rm(join(folder, name), { force: true })))
  })
}

/** Returns the sample organisation as it comes with the program. */
export async function sampleOrganisation(): Promise<Organisation> {
  const { default: sample } = await import('./organisation.json', { with: { type: 'json' } })
  // The sample is typed by its thousands of literals; the fields of Organisation are what is used of it.
  return { drafts: [], counter: 0, ...structuredClone(sample) } as unknown as Organisation
}

function document<T>(folder: string, name: string, seed: () => Promise<T>): Document<T> {
  const file = join(folder, name)
  const read = async () => (await parsed<T>(file)) ?? seed()
  return {
    read,
    change: (change) =>
      locked(folder, async () => {
        const before = await parsed<T>(file)
        const value = before ?? (await seed())
        const { result, save } = await change(value)
        if (save) await write(file, value)
        return result
      }),
  }
}

async function parsed<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Only ever called under the lock, so that one temporary name a process is enough. */
async function write(file: string, value: unknown): Promise<void> {
  const temporary = `${file}.${process.pid}`
  await writeFile(temporary, JSON.stringify(value), { mode: 0o600 })
  await rename(temporary, file)
}

async function locked<T>(folder: string, task: () => Promise<T>): Promise<T> {
  const { default: lockfile } = await import('proper-lockfile')
  const made = await makeFolder(folder, 0o700)
  // The mode of mkdir is narrowed by the umask, never widened; a folder that was there stays as it is.
  if (made) await chmod(folder, 0o700)
  const release = await lockfile.lock(folder, {
    lockfilePath: join(folder, 'lock'),
    realpath: false,
    stale: staleMs,
    // About a minute: forty writers that start together have two cores for all of them.
    retries: { retries: 2500, factor: 1, minTimeout: 15, maxTimeout: 30, randomize: true },
  })
  try {
    return await task()
  } finally {
    await release()
  }
}
