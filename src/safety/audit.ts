import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, mkdir, open, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createInterface } from 'node:readline'
import { Failure } from '../failure.ts'

/** One write attempt. No argument values: ids of records, and a digest that tells equal calls from different ones. */
export interface AuditEntry {
  tool: string
  effect: string
  outcome: 'ok' | 'error'
  reason?: string | undefined
  ms: number
  digest: string
  /** The Membrane connection, where it is known. */
  connection?: string | undefined
  /** Ids of the records that the arguments and the answer name. */
  ids: string[]
}

export interface Audit {
  /** Throws Failure `refused-by-policy` when the file cannot be written to. */
  check(): Promise<void>
  /** Appends a record. Rejects when it cannot be written: a write that cannot be recorded should not go unnoticed. */
  record(entry: AuditEntry): Promise<void>
}

export interface Verification {
  records: number
  /** Number of the first line that was changed, moved or follows a missing one; undefined when the chain is whole. */
  brokenAt?: number
}

const genesis = '0'.repeat(64)
const tailBytes = 4096

/**
 * Takes a file and returns an audit log in it: JSON Lines, each with the hash of itself and of the line before, so
 * that a missing or edited line shows. Several processes may append to the same file.
 */
export function createAudit(file: string, now: () => Date = () => new Date()): Audit {
  async function touch() {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
    await appendFile(file, '', { mode: 0o600 })
  }

  return {
    check: () =>
      touch().catch(({ code }: NodeJS.ErrnoException) => {
        throw new Failure(
          'refused-by-policy',
          `The audit file cannot be written to (${code}), so no write is made.`,
        )
      }),
    async record(entry) {
      const { lock } = await import('proper-lockfile')
      await touch()
      const release = await lock(file, {
        retries: { retries: 80, minTimeout: 5, maxTimeout: 150 },
        // A server that was killed leaves its lock behind; a record is written in far less than this.
        stale: 3000,
        update: 1000,
        // The default throws where nobody can catch it; the chain shows what went wrong.
        onCompromised: () => undefined,
      })
      try {
        const previous = await lastHash(file)
        const content = { time: now().toISOString(), ...entry, previous }
        await appendFile(file, `${JSON.stringify({ ...content, hash: hashOf(content) })}\n`)
      } finally {
        await release()
      }
    },
  }
}

/** Takes an audit file and returns how many records it holds and where its chain breaks. Rejects when it cannot be read. */
export async function verifyAudit(file: string): Promise<Verification> {
  let previous = genesis
  let records = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    records++
    const hash = checkedHash(line, previous)
    if (hash === undefined) return { records, brokenAt: records }
    previous = hash
  }
  return { records }
}

function checkedHash(line: string, previous: string): string | undefined {
  try {
    const { hash, ...content } = JSON.parse(line) as Record<string, unknown>
    // Written again it must be the same text: a space or a second member of one name is a change too.
    const isOurs = JSON.stringify({ ...content, hash }) === line && content['previous'] === previous
    return isOurs && hash === hashOf(content) ? String(hash) : undefined
  } catch {
    return undefined
  }
}

async function lastHash(file: string): Promise<string> {
  const { size } = await stat(file)
  if (size === 0) return genesis
  const handle = await open(file)
  try {
    const length = Math.min(size, tailBytes)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    const last = buffer.toString().trimEnd().split('\n').at(-1) ?? ''
    return /"hash":"([0-9a-f]{64})"\}$/.exec(last)?.[1] ?? genesis
  } finally {
    await handle.close()
  }
}

const hashOf = (content: object) => createHash('sha256').update(JSON.stringify(content)).digest('hex')
