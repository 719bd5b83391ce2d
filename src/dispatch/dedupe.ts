import pLimit from 'p-limit'
import { createSharedAbort, raceAbort } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { Cache } from '../store/cache.ts'
import { tryLock, type Unlock } from '../store/file-lock.ts'
import type { Handler, JudgedCall, Middleware } from './pipeline.ts'
import { createWriteRecords, type WriteRecord } from './write-records.ts'

export interface DeduplicatorOptions {
  cache: Cache
  /** Where the servers of this machine lock the writes that they are sending. */
  folder: string
  /** Keeps the records of one connection apart from those of others. */
  scope: string
  now?: () => number
}

export interface Deduplicator {
  /**
   * Sends a write once. An identical one in flight is joined. One whose outcome is known, and was not received, is
   * answered with that outcome. One whose outcome is unknown is refused once with `outcome-unknown`.
   */
  middleware: Middleware<JudgedCall>
  /** Forgets the outcomes that were delivered. Call once the client has received its responses. Never rejects. */
  close(): Promise<void>
}

interface WriteInFlight {
  outcome: Promise<ToolOutput>
  abort: ReturnType<typeof createSharedAbort>
  /** Callers that still wait for it. */
  callers: number
}

export function createDeduplicator({
  cache,
  folder,
  scope,
  now = Date.now,
}: DeduplicatorOptions): Deduplicator {
  const records = createWriteRecords(cache, scope, now)
  const inFlight = new Map<string, WriteInFlight>()
  // One after the other, so that writes go on in the order in which they came.
  const inOrder = pLimit(1)

  /** Refuses or answers a repeated write, or opens its record and returns how to release its lock. */
  async function admit(
    key: string,
  ): Promise<{ answer: ToolOutput } | { record: WriteRecord; unlock: Unlock }> {
    // Where no lock can be written, no other server shares the folder.
    const unlock = await tryLock(folder, `${scope}|${key}`).catch(() => async () => undefined)
    if (unlock === undefined)
      throw new ToolError('outcome-unknown', 'Another server on this machine is sending the same write.')
    try {
      const known = await records.find(key)
      if (known?.state === 'done') {
        await records.remove(key)
        await unlock()
        return { answer: knownOutcome(known) }
      }
      if (known !== undefined && !known.reported) {
        await records.report(key, known)
        throw new ToolError('outcome-unknown', sentBefore(known, now()))
      }
      return { record: await records.open(key), unlock }
    } catch (error) {
      await unlock()
      throw error
    }
  }

  async function send(key: string, write: () => Promise<ToolOutput>) {
    const admitted = await inOrder(() => admit(key))
    if ('answer' in admitted) return admitted.answer
    const { record, unlock } = admitted
    try {
      const output = await write()
      await records.complete(key, record, output)
      return output
    } catch (error) {
      if (error instanceof ToolError && error.reason !== 'outcome-unknown') await records.remove(key)
      throw error
    } finally {
      await unlock()
    }
  }

  function start(key: string, call: JudgedCall, next: Handler<JudgedCall>): WriteInFlight {
    const abort = createSharedAbort()
    const outcome = send(key, () => next({ ...call, signal: abort.signal })).finally(() =>
      inFlight.delete(key),
    )
    const write = { outcome, abort, callers: 0 }
    inFlight.set(key, write)
    return write
  }

  /** Waits for a write, which ends early only when the last of its callers gives up. */
  async function wait(key: string, write: WriteInFlight, { signal, clientSignal }: JudgedCall) {
    write.callers++
    const output = await raceAbort(write.outcome, signal).catch((error: unknown) => {
      if (!signal.aborted) throw error
      write.callers--
      if (write.callers > 0)
        throw new ToolError('outcome-unknown', 'The same write goes on for another call.')
      write.abort.abort(signal)
      return write.outcome
    })
    if (clientSignal.aborted) return output
    records.deliver(key)
    clientSignal.addEventListener('abort', () => records.undeliver(key), { once: true })
    return output
  }

  const middleware: Middleware<JudgedCall> = async (call, next) => {
    const { idempotencyKey, connectionId = '' } = call.prepared
    if (idempotencyKey === undefined) return next(call)
    const { issuer, subject } = call.principal
    const key = JSON.stringify([issuer, subject, connectionId, idempotencyKey])
    const running = inFlight.get(key)
    if (running?.abort.signal.aborted) {
      await raceAbort(
        running.outcome.catch(() => undefined),
        call.signal,
      )
      return middleware(call, next)
    }
    return wait(key, running ?? start(key, call, next), call)
  }

  return { middleware, close: records.close }
}

function sentBefore({ at }: WriteRecord, now: number): string {
  const seconds = Math.max(1, Math.round((now - at) / 1000))
  return `The same write was sent ${seconds} s ago, and its outcome was not learned. Nothing was sent now. Made once more, this call is sent.`
}

function knownOutcome({ at, made, output }: WriteRecord): ToolOutput {
  const time = new Date(at).toISOString()
  const notice = `Done before, at ${time}: the same call succeeded then, and it is not known whether its response was received. Nothing was sent again. Made once more, this call is sent.`
  const known = output ?? { data: { ...made, done: true, at: time } }
  return { ...known, notices: [...(known.notices ?? []), notice] }
}
