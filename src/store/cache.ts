import { createHash } from 'node:crypto'
import { readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type * as z from 'zod'
import { makeFolder } from './folders.ts'

export interface Cache {
  read<T>(kind: string, key: string, schema: z.ZodType<T>): Promise<T | undefined>
  /** Writes a JSON value. Never rejects: a folder that cannot be written to only costs the next start time. */
  write(kind: string, key: string, value: unknown): Promise<void>
  remove(kind: string, key: string): Promise<void>
  /** Removes what was written under `kind` longer ago than `ageMs`. Never rejects. */
  prune(kind: string, ageMs: number): Promise<void>
}

/** JSON files of 0600 in a folder of 0700. Keys are hashed: nothing that a program printed becomes a file name. */
export function createCache(folder: string, onError: (error: Error) => void): Cache {
  const fileOf = (kind: string, key: string) =>
    join(folder, `${kind}-${createHash('sha256').update(key).digest('hex').slice(0, 24)}.json`)
  return {
    async read(kind, key, schema) {
      try {
        return schema.safeParse(JSON.parse(await readFile(fileOf(kind, key), 'utf8'))).data
      } catch {
        return undefined
      }
    },
    async write(kind, key, value) {
      try {
        const { default: writeFileAtomic } = await import('write-file-atomic')
        await makeFolder(folder)
        await writeFileAtomic(fileOf(kind, key), JSON.stringify(value), { mode: 0o600, fsync: false })
      } catch (error) {
        onError(error as Error)
      }
    },
    remove: (kind, key) => rm(fileOf(kind, key), { force: true }).catch(onError),
    async prune(kind, ageMs) {
      const names = await readdir(folder).catch(() => [])
      const files = names.filter((name) => name.startsWith(`${kind}-`)).map((name) => join(folder, name))
      const isOld = async (file: string) => (await stat(file)).mtimeMs < Date.now() - ageMs
      await Promise.all(files.map(async (file) => (await isOld(file)) && rm(file, { force: true }))).catch(
        onError,
      )
    },
  }
}
