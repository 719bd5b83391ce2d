import { readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as z from 'zod'
import { lockFile } from '../store/file-lock.ts'
import { makeFolder } from '../store/folders.ts'
import { scopes } from './principal.ts'

const recordSchema = z.object({
  id: z.string(),
  /** SHA-256 of the whole token, in hex. The token itself is nowhere. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  subject: z.string(),
  scopes: z.array(z.enum(scopes)),
  connection: z.string().optional(),
  created: z.iso.datetime(),
  expires: z.iso.datetime().optional(),
  revoked: z.iso.datetime().optional(),
})

const fileSchema = z.object({ tokens: z.array(recordSchema) })

export type TokenRecord = z.infer<typeof recordSchema>

export interface TokenFile {
  /** Every token ever made, also those that were revoked. Rejects when the file is there and cannot be read. */
  read(): Promise<readonly TokenRecord[]>
  /** Replaces the tokens, with no other writer in between. */
  update(change: (tokens: readonly TokenRecord[]) => readonly TokenRecord[]): Promise<void>
}

/** The tokens of a server in a file of 0600. It is parsed again when it has changed, so that a revocation holds at once. */
export function createTokenFile(file: string): TokenFile {
  let known: { version: string; tokens: readonly TokenRecord[] } | undefined

  async function read() {
    const version = await versionOf(file)
    if (version === undefined) return []
    if (known?.version !== version) known = { version, tokens: await parse(file) }
    return known.tokens
  }

  return {
    read,
    async update(change) {
      await makeFolder(dirname(file))
      const unlock = await lockFile(file)
      try {
        const tokens = change(await read())
        const { default: writeFileAtomic } = await import('write-file-atomic')
        await writeFileAtomic(file, `${JSON.stringify({ tokens }, null, 2)}\n`, { mode: 0o600 })
      } finally {
        await unlock()
      }
    },
  }
}

/** Differs after every change, because each one makes a new file. Undefined where there is none. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { ino, mtimeMs, size } = await stat(file)
    return `${ino}-${mtimeMs}-${size}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

async function parse(file: string): Promise<readonly TokenRecord[]> {
  const text = await readFile(file, 'utf8')
  try {
    return fileSchema.parse(JSON.parse(text)).tokens
  } catch {
    throw new Error(
      `${file} is not a token file of this program. Restore it, or remove it and make new tokens.`,
    )
  }
}
