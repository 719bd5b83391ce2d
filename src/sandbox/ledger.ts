import { createHash, randomUUID } from 'node:crypto'
import { open, readdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../store/folders.ts'

/**
 * Counts without a lock: each use appends one line to a file, which parallel processes do without losing any, and its
 * position is the number of lines up to its own.
 */
export interface Ledger {
  /** Counts one use of each key in the present window and returns its position among those of the key. */
  spend(keys: readonly string[]): Promise<{ used: Record<string, number>; resetsAt: number }>
  /** Counts one use for as long as the data lasts. */
  countUse(name: string): Promise<number>
}

/** Kustomer says "per 60 seconds" and not how the windows lie: fixed ones are assumed. */
const windowMs = 60_000

export function createLedger(folder: string, clock: () => number): Ledger {
  return {
    async spend(keys) {
      const window = Math.floor(clock() / windowMs)
      const file = `calls-${window}.log`
      const lines = await append(folder, file, keys)
      if (lines.length === 1) await removeOthers(folder, file)
      const used = Object.fromEntries(
        keys.map((key) => [key, lines.filter((line) => line.includes(key)).length]),
      )
      return { used, resetsAt: (window + 1) * windowMs }
    },
    async countUse(name) {
      const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
      return (await append(folder, `uses-${hash}.log`, [])).length
    },
  }
}

/** Appends a line and returns the words of all lines up to it. */
async function append(folder: string, name: string, keys: readonly string[]): Promise<string[][]> {
  const file = join(folder, name)
  const token = randomUUID()
  await appendLine(file, [token, ...keys].join(' '))
  const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.split(' '))
  return lines.slice(0, lines.findIndex(([first]) => first === token) + 1)
}

/** Appends one line with one write, which parallel processes cannot tear, and makes the folder if needed. */
export async function appendLine(file: string, line: string): Promise<void> {
  await makeFolder(dirname(file), 0o700)
  const handle = await open(file, 'a', 0o600)
  try {
    await handle.write(`${line}\n`)
  } finally {
    await handle.close()
  }
}

async function removeOthers(folder: string, current: string): Promise<void> {
  const names = await readdir(folder)
  const old = names.filter((name) => name.startsWith('calls-') && name < current)
  await Promise.all(old.map((name) => rm(join(folder, name), { force: true })))
}
