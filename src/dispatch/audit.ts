import { randomUUID } from 'node:crypto'
import { appendFile } from 'node:fs/promises'
import pLimit from 'p-limit'
import { ToolError } from '../errors.ts'
import { lockFile } from '../store/file-lock.ts'
import { endOf, hashOf, headOf } from './audit-chain.ts'

/** A write as it is recorded. No argument values: ids of records, and a digest that tells equal calls from different ones. */
export interface AuditedWrite {
  tool: string
  effect: string
  digest: string
  /** The Membrane connection, where it is known. */
  connection?: string | undefined
  /** Ids of the records that the arguments name, and at the end those of the answer. */
  ids: string[]
}

/** How a write ended. */
export interface AuditedEnd {
  outcome: 'ok' | 'error'
  reason?: string | undefined
  ms: number
  connection?: string | undefined
  ids: string[]
}

export interface Audit {
  /**
   * Records that a write begins, before it does, so that one which a process was ended in the middle of leaves its line
   * too. Returns what records its end, which rejects when it cannot. Throws Failure `refused-by-policy` when nothing can
   * be recorded.
   */
  begin(write: AuditedWrite): Promise<(end: AuditedEnd) => Promise<void>>
}

/**
 * Takes a file and returns an audit log in it: JSON Lines, each with the hash of itself and of the line before, so
 * that a missing or edited line shows, and beside it a file that names the last. Several processes may append to it.
 */
export function createAudit(file: string, now: () => Date = () => new Date()): Audit {
  // Between processes the lock is what waits; within this one a queue does, in order.
  const inOrder = pLimit(1)
  const append = (entry: object) => inOrder(() => appendLocked(entry))

  async function appendLocked(entry: object) {
    const { default: writeFileAtomic } = await import('write-file-atomic')
    const release = await lockFile(file)
    try {
      await appendFile(file, '', { mode: 0o600 })
      const { isTorn, ...end } = await endOf(file)
      const content = { time: now().toISOString(), ...entry, ...end }
      const hash = hashOf(content)
      // A line that was cut short gets its end, so that the chain goes on behind it.
      await appendFile(file, `${isTorn ? '\n' : ''}${JSON.stringify({ ...content, hash })}\n`)
      await writeFileAtomic(headOf(file), `${hash}\n`, { mode: 0o600, fsync: false })
    } finally {
      await release()
    }
  }

  return {
    async begin(write) {
      const attempt = randomUUID()
      await append({ ...write, outcome: 'started', attempt }).catch(({ code }: NodeJS.ErrnoException) => {
        throw new ToolError(
          'refused-by-policy',
          `The audit file cannot be written to (${code}), so no write is made.`,
        )
      })
      return (end) => append({ ...write, ...end, attempt })
    },
  }
}
