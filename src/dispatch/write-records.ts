import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { memoizeAsync } from '../async/memoize.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { Cache } from '../store/cache.ts'

/** A short name, so that no text of a customer's can pass for a type or an id. */
const identifier = z.string().regex(/^[\w-]{1,64}$/)
const madeSchema = z.object({ type: identifier, id: identifier }).partial()

const recordSchema = z.object({
  id: z.string(),
  /** Pending: it was sent and its outcome was not learned. Done: its outcome is known. */
  state: z.enum(['pending', 'done']),
  /** When it began or ended, milliseconds since 1970. */
  at: z.number(),
  /** Whether a caller was told that the outcome is unknown. */
  reported: z.boolean(),
  /** The record that was made or changed. Nothing else of the answer is kept on disk. */
  made: madeSchema.optional(),
})

export interface WriteRecord extends z.infer<typeof recordSchema> {
  /** The whole answer, in the memory of the process that got it. */
  output?: ToolOutput
}

export interface WriteRecords {
  /** Finds a write whose outcome its caller did not receive. */
  find(key: string): Promise<WriteRecord | undefined>
  open(key: string): Promise<WriteRecord>
  /** Records that a caller was told of a pending write. */
  report(key: string, record: WriteRecord): Promise<void>
  /** Keeps the outcome until `deliver`. */
  complete(key: string, record: WriteRecord, output: ToolOutput): Promise<void>
  /** Forgets a write whose caller received its outcome, after a while, or that was not sent. */
  deliver(key: string): void
  /** Keeps an outcome after all: its caller cancelled while the response was on its way. */
  undeliver(key: string): void
  remove(key: string): Promise<void>
  /** Forgets all delivered outcomes. Call once the client has received its responses. Never rejects. */
  close(): Promise<void>
}

const rememberedMs = 30 * 60_000
/** This process may be killed before the client has read a response. */
const deliveryMs = 2000

/** Records are on disk for other processes, and in memory for this one. */
export function createWriteRecords(cache: Cache, scope: string, now: () => number): WriteRecords {
  const own = new Map<string, WriteRecord & { delivered: boolean }>()
  const diskKey = (key: string) => `${scope}|${key}`
  const readDisk = (key: string) => cache.read('write', diskKey(key), recordSchema)
  const isOld = ({ at }: WriteRecord) => now() - at >= rememberedMs
  /** Records that an earlier process left and nobody asked for again. */
  const pruned = memoizeAsync(() => cache.prune('write', rememberedMs))

  async function store(key: string, record: WriteRecord) {
    own.set(key, { ...record, delivered: false })
    await cache.write('write', diskKey(key), recordSchema.parse(record))
  }

  async function remove(key: string) {
    const known = own.get(key)
    const stored = await readDisk(key)
    if (stored !== undefined && (known === undefined || stored.id === known.id))
      await cache.remove('write', diskKey(key))
    if (own.get(key) === known) own.delete(key)
  }

  return {
    async find(key) {
      const stored = await readDisk(key)
      const known = own.get(key)
      // A record of another server is the newer one.
      const record = stored !== undefined && stored.id !== known?.id ? stored : known
      const isDelivered = record === known && known?.delivered
      return record === undefined || isDelivered || isOld(record) ? undefined : record
    },
    async open(key) {
      for (const [known, record] of own) if (isOld(record)) own.delete(known)
      await pruned.get()
      const record: WriteRecord = { id: randomUUID(), state: 'pending', at: now(), reported: false }
      await store(key, record)
      return record
    },
    report: (key, record) => store(key, { ...record, reported: true }),
    complete: (key, { id }, output) =>
      store(key, { id, state: 'done', at: now(), reported: false, made: madeBy(output), output }),
    deliver(key) {
      const record = own.get(key)
      if (record === undefined) return
      record.delivered = true
      setTimeout(() => {
        if (own.get(key) === record && record.delivered) void remove(key)
      }, deliveryMs).unref()
    },
    undeliver(key) {
      const record = own.get(key)
      if (record !== undefined) record.delivered = false
    },
    remove,
    async close() {
      const delivered = [...own].filter(([, record]) => record.delivered)
      await Promise.all(delivered.map(([key]) => remove(key)))
    },
  }
}

function madeBy({ data }: ToolOutput): WriteRecord['made'] {
  const parsed = madeSchema.safeParse(data)
  return parsed.success ? parsed.data : undefined
}
