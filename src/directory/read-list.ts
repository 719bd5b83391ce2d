import { withDeadline } from '../async/deadline.ts'
import { isObject } from '../json.ts'
import { type ApiRecord, hasNextPage, readRecords } from '../kustomer/json-api.ts'
import { type DirectoryKind, directoryLists } from '../kustomer/references.ts'
import { type DirectoryEntry, entriesOf } from './entries.ts'

/** Sends GET to a path of the API, for one page of a list. Rejects with a ToolError. */
export type ReadPage = (
  connectionId: string,
  path: string,
  query: [string, string][],
  signal: AbortSignal,
) => Promise<unknown>

const readLimitMs = 60_000
/** More pages than this are an endless list, or too many names to keep. */
const maxPages = 50
/** At once: more would keep other calls waiting. */
const maxWidth = 4

/** Reads a list, with what was deleted of it, as far as it can be read to its end. Rejects with a ToolError. */
export async function readList(
  read: ReadPage,
  connectionId: string,
  kind: DirectoryKind,
): Promise<{ entries: DirectoryEntry[]; isWhole: boolean }> {
  const { path, pageSize, listsDeleted = false } = directoryLists[kind]

  async function readPages(query: [string, string][], signal: AbortSignal) {
    const readPage = (page: number) =>
      read(connectionId, path, [['page', String(page)], ['pageSize', String(pageSize)], ...query], signal)
    const records = new Map<string, ApiRecord>()
    // Nothing says how many pages there are: read one, then two at a time, then four.
    for (let first = 1, width = 1; first <= maxPages; first += width, width = Math.min(width * 2, maxWidth)) {
      const numbers = Array.from(
        { length: Math.min(width, maxPages + 1 - first) },
        (_, offset) => first + offset,
      )
      for (const page of await Promise.allSettled(numbers.map(readPage))) {
        if (page.status === 'rejected') throw page.reason
        const before = records.size
        const found = readRecords(page.value)
        for (const record of found) records.set(record.id, record)
        const isLast = !hasMore(page.value, found.length >= pageSize)
        // A page that brings nothing new and promises more: the service does not page.
        if (isLast || records.size === before) return { records: [...records.values()], isWhole: isLast }
      }
    }
    return { records: [...records.values()], isWhole: false }
  }

  const [current, deleted] = await withDeadline(readLimitMs, (signal) =>
    Promise.all([
      readPages([], signal),
      listsDeleted ? readPages([['deleted', 'true']], signal).catch(() => undefined) : undefined,
    ]),
  )
  return {
    // A service that ignores `deleted` lists all again: who is in both is not deleted.
    entries: [...entriesOf(kind, deleted?.records ?? [], true), ...entriesOf(kind, current.records)],
    isWhole: current.isWhole,
  }
}

/** Where a page says nothing of the next, a full one may have one. */
const hasMore = (page: unknown, isFull: boolean): boolean =>
  isObject(page) && isObject(page['links']) && 'next' in page['links'] ? hasNextPage(page) : isFull
