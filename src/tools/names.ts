import { LRUCache } from 'lru-cache'
import { withDeadline } from '../async/deadline.ts'
import type { NamedEntry } from '../directory/directory.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { idsToName, type NameOf, namedRecords } from '../response/name-ids.ts'
import { singleLine } from '../text/quote.ts'
import type { ToolContext } from './tool.ts'

/** An answer does not wait longer than this for names. */
const waitMs = 3000
/** Customers and companies whose names are remembered. */
const maxSeen = 2000
const maxName = 120

/** Finds the names of the ids in an answer. Never rejects: what is not known keeps its id alone. */
export type Names = (output: ToolOutput, signal: AbortSignal) => Promise<NameOf>

/** Names come from the directory, and those of customers and companies from earlier answers: nothing is read for them. */
export function createNames({
  directory,
  connections,
}: Pick<ToolContext, 'directory' | 'connections'>): Names {
  const seen = new LRUCache<string, string>({ max: maxSeen })
  return async ({ data, fields, exact = false }, signal) => {
    if (exact || typeof data !== 'object' || data === null) return () => undefined
    const ids = idsToName(data, fields)
    const records = namedRecords(data)
    if (ids.size === 0 && records.length === 0 && seen.size === 0) return () => undefined
    const { connectionId, entries } = await withDeadline(
      waitMs,
      async (limited) => {
        const id = await connections.resolve(limited)
        return { connectionId: id, entries: await directory.lookUp(id, ids, limited) }
      },
      signal,
    ).catch(() => ({ connectionId: undefined, entries: new Map<string, NamedEntry>() }))
    for (const [id, name] of records) seen.set(`${connectionId}|${id}`, name)
    return (id) => {
      const entry = entries.get(id)
      const { name = seen.get(`${connectionId}|${id}`), deleted = false, isUnique = false } = entry ?? {}
      if (name === undefined) return undefined
      const line = singleLine(name, maxName)
      return {
        name: deleted ? `${line} (deleted)` : line,
        isUnique: isUnique && line === name,
        isOutside: entry === undefined,
      }
    }
  }
}
