import { randomUUID } from 'node:crypto'
import pLimit from 'p-limit'
import type { Principal } from '../auth/principal.ts'
import { ToolError } from '../errors.ts'
import { isDirectoryKind } from '../kustomer/references.ts'
import type { Logger } from '../logger.ts'
import { lockFile } from '../store/file-lock.ts'
import { singleLine } from '../text/quote.ts'
import { appendRecord } from './audit-chain.ts'
import type { JudgedCall, Middleware } from './pipeline.ts'
import { recordIdsIn } from './record-ids.ts'

export interface AuditOptions {
  /** JSON Lines, each with a hash of itself and of the line before. Several processes can append to it. */
  file: string
  /** The connection that calls go to, where it is known without asking. */
  connection: () => Promise<string | undefined>
  log: Logger
  now?: () => Date
}

const unrecorded = 'This write was made, and its end could not be recorded in the audit file.'

/** Who asked, where that can be somebody else than the person at this machine. */
const whoOf = ({ issuer, subject, tokenId }: Principal) =>
  issuer === 'local' ? {} : { issuer, subject, token: tokenId }

/**
 * Records each write twice: before it is sent, and when it has ended. Argument values are not recorded, only ids,
 * what colleagues, teams and tags among them are called, and a digest. A write whose beginning cannot be recorded is refused with `refused-by-policy`.
 */
export function audit({
  file,
  connection,
  log,
  now = () => new Date(),
}: AuditOptions): Middleware<JudgedCall> {
  // Between processes the lock is what waits; within this one a queue does, in order.
  const inOrder = pLimit(1)

  const append = (entry: object, signal?: AbortSignal) =>
    inOrder(async () => {
      const unlock = await lockFile(file, signal)
      try {
        await appendRecord(file, { time: now().toISOString(), ...entry })
      } finally {
        await unlock()
      }
    })

  return async (call, next) => {
    const { tool, args, prepared } = call
    const { resolved = [] } = prepared
    const ids = [...new Set([...recordIdsIn(args), ...resolved.map(({ id }) => id)])]
    // What customers are called, and the subjects that they wrote, stay out.
    const names = Object.fromEntries(
      resolved.flatMap(({ kind, id, name }) =>
        name === '' || !isDirectoryKind(kind) ? [] : [[id, singleLine(name, 120)]],
      ),
    )
    const base = {
      tool: tool.name,
      effect: prepared.risk,
      digest: prepared.idempotencyKey,
      connection: await connection(),
      ...whoOf(call.principal),
      attempt: randomUUID(),
      ...(Object.keys(names).length > 0 ? { names } : {}),
    }
    await append({ ...base, ids, outcome: 'started' }, call.signal).catch((error: unknown) => {
      if (error instanceof ToolError) throw error
      const { code } = error as NodeJS.ErrnoException
      throw new ToolError(
        'refused-by-policy',
        `The audit file cannot be written to (${code}), so no write is made.`,
      )
    })
    const start = performance.now()
    const ended = (fields: object) =>
      append({ ...base, ...fields, ms: Math.round(performance.now() - start) }).then(
        () => true,
        (error: Error) => void log.error({ event: 'audit', error: error.message }),
      )
    try {
      const output = await next(call)
      const made = recordIdsIn((output.data as { id?: unknown } | null)?.id)
      if (await ended({ ids: [...new Set([...ids, ...made])], outcome: 'ok' })) return output
      return { ...output, notices: [...(output.notices ?? []), unrecorded] }
    } catch (error) {
      const reason = error instanceof ToolError ? error.reason : 'internal'
      const isPartial = error instanceof ToolError && error.data?.['done'] !== undefined
      await ended({ ids, outcome: 'error', reason, ...(isPartial ? { partial: true } : {}) })
      throw error
    }
  }
}
