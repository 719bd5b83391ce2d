import { randomBytes } from 'node:crypto'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from '../store/folders.ts'

export interface RunRecord {
  id: string
  status: 'success' | 'error'
  [member: string]: unknown
}

/** The last 50 runs of actions, in a file each, so that no process waits for another. */
export interface RunLog {
  add(record: RunRecord): Promise<void>
  get(id: string): Promise<RunRecord | undefined>
}

const maxRuns = 50

/** 24 hex digits that sort by time. */
export const newRunId = (now: number): string =>
  `${now.toString(16).padStart(12, '0')}${randomBytes(6).toString('hex')}`

export function createRunLog(folder: string): RunLog {
  const fileOf = (id: string) => join(folder, `run-${id}.json`)
  return {
    async add(record) {
      await makeFolder(folder, 0o700)
      await writeFile(fileOf(record.id), JSON.stringify(record), { mode: 0o600 })
      const names = (await readdir(folder)).filter((name) => name.startsWith('run-')).sort()
      await Promise.all(names.slice(0, -maxRuns).map((name) => rm(join(folder, name), { force: true })))
    },
    async get(id) {
      if (!/^[0-9a-f]{24}$/.test(id)) return undefined
      try {
        return JSON.parse(await readFile(fileOf(id), 'utf8'))
      } catch {
        return undefined
      }
    },
  }
}
