import { LRUCache } from 'lru-cache'
import { raceAbort, withDeadline } from '../async/deadline.ts'
import { type ApiRecord, hasNextPage, readRecords } from '../kustomer/json-api.ts'
import { type DirectoryKind, directoryLists, idsInLink, isRecordId } from '../kustomer/references.ts'
import type { Cache } from '../store/cache.ts'
import { type DirectoryEntry, type DirectoryList, entriesOf, listSchema, mergeEntries } from './entries.ts'
import { indexNames, type NameIndex } from './match-name.ts'
import { assertOneMatch, notInLink } from './one-match.ts'

/** The names of an organisation: its users, teams, tags, queues, sub-statuses and sending accounts. */
export interface Directory {
  /**
   * The one entry that an id, a name, an address or a link of the app stands for. An id is not looked up: its name is empty
   * where it was not read before. Throws ToolError `invalid-input`, with the
   * candidates, where it is not exactly one.
   */
  find(connectionId: string, kind: DirectoryKind, text: string, signal: AbortSignal): Promise<DirectoryEntry>
  /** The entries of ids, as far as they are known within the time of `signal`. Never rejects. */
  lookUp(
    connectionId: string,
    ids: ReadonlyMap<DirectoryKind, ReadonlySet<string>>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, NamedEntry>>
}

export interface NamedEntry extends DirectoryEntry {
  /** Whether `find` takes its name. */
  isUnique: boolean
}

/** Sends GET to a path of the API, for one page of a list. Rejects with a ToolError. */
export type ReadPage = (
  connectionId: string,
  path: string,
  query: [string, string][],
  signal: AbortSignal,
) => Promise<unknown>

export interface DirectoryOptions {
  read: ReadPage
  cache: Cache
  /** Keeps what is cached for one CLI apart from what is cached for another. */
  scope: string
  /** Milliseconds since 1970. */
  now?: () => number
}

/** A list older than this is read again: beside the call where ids are named, before it where a name is looked up. */
const freshMs = 10 * 60_000
/** A name that is missing from a list as young as this is missing. */
const settledMs = 5000
const readLimitMs = 60_000
/** A list that could not be read is not read again for the names in answers before this time is over. */
const retryMs = 60_000
const maxLists = 500
/** More pages than this are an endless list. */
const maxPages = 50

/** A list as it was read, with its index. */
interface IndexedList extends DirectoryList {
  index: NameIndex
}

/** Creates a directory that reads each list when it is first needed, once for all who wait for it. */
export function createDirectory({ read, cache, scope, now = Date.now }: DirectoryOptions): Directory {
  const known = new LRUCache<string, IndexedList>({ max: maxLists })
  /** When a list could not be read, by its key. */
  const failed = new LRUCache<string, number>({ max: maxLists })
  const reading = new Map<string, Promise<IndexedList>>()
  const keyOf = (connectionId: string, kind: DirectoryKind) => [scope, connectionId, kind].join('|')

  const keep = (key: string, list: DirectoryList) => {
    const kept = { ...list, index: indexNames(list.entries) }
    known.set(key, kept)
    return kept
  }

  async function readPages(
    connectionId: string,
    kind: DirectoryKind,
    query: [string, string][],
    signal: AbortSignal,
  ): Promise<ApiRecord[]> {
    const { path, pageSize } = directoryLists[kind]
    const readPage = (page: number) =>
      read(connectionId, path, [['page', String(page)], ['pageSize', String(pageSize)], ...query], signal)
    const records: ApiRecord[] = []
    // Nothing says how many pages there are: read one, then two at a time, then four, then eight.
    for (let first = 1, width = 1; first <= maxPages; first += width, width = Math.min(width * 2, 8)) {
      const pages = await Promise.allSettled(
        Array.from({ length: width }, (_, offset) => readPage(first + offset)),
      )
      for (const page of pages) {
        if (page.status === 'rejected') throw page.reason
        records.push(...readRecords(page.value))
        if (!hasNextPage(page.value)) return records
      }
    }
    return records
  }

  async function readList(connectionId: string, kind: DirectoryKind): Promise<IndexedList> {
    const key = keyOf(connectionId, kind)
    const at = now()
    const { listsDeleted = false } = directoryLists[kind]
    const [records, deleted] = await withDeadline(readLimitMs, (signal) =>
      Promise.all([
        readPages(connectionId, kind, [], signal),
        listsDeleted ? readPages(connectionId, kind, [['deleted', 'true']], signal).catch(() => []) : [],
      ]),
    )
    const entries = mergeEntries(known.get(key)?.entries ?? [], [
      // A service that ignores `deleted` lists all again: who is in both is not deleted.
      ...entriesOf(kind, deleted, true),
      ...entriesOf(kind, records),
    ])
    await cache.write('directory', key, { at, entries })
    return keep(key, { at, entries })
  }

  /** One read at a time of each list; it goes on where a caller gives up. */
  function refresh(connectionId: string, kind: DirectoryKind, signal: AbortSignal) {
    const key = keyOf(connectionId, kind)
    let running = reading.get(key)
    if (running === undefined) {
      running = readList(connectionId, kind).finally(() => reading.delete(key))
      running.catch(() => failed.set(key, now()))
      reading.set(key, running)
    }
    return raceAbort(running, signal)
  }

  /** A list as it was read last, and whether that is recent. */
  async function lastRead(key: string) {
    if (!known.has(key)) {
      const cached = await cache.read('directory', key, listSchema)
      if (cached !== undefined && !known.has(key)) keep(key, cached)
    }
    const list = known.get(key)
    return { list, isFresh: list !== undefined && Math.abs(now() - list.at) <= freshMs }
  }

  async function freshList(connectionId: string, kind: DirectoryKind, signal: AbortSignal) {
    const { list, isFresh } = await lastRead(keyOf(connectionId, kind))
    return list !== undefined && isFresh ? list : refresh(connectionId, kind, signal)
  }

  /** Stale-while-revalidate: an old list is good enough, and is read again beside the call. */
  async function anyList(connectionId: string, kind: DirectoryKind, signal: AbortSignal) {
    const key = keyOf(connectionId, kind)
    const { list, isFresh } = await lastRead(key)
    const failedAt = failed.get(key)
    if (isFresh || (failedAt !== undefined && now() - failedAt < retryMs)) return list
    const fresh = refresh(connectionId, kind, signal)
    if (list === undefined) return fresh
    fresh.catch(() => undefined)
    return list
  }

  return {
    async find(connectionId, kind, text, signal) {
      const linked = idsInLink(text.trim())
      const id = linked === undefined ? text.trim() : linked.get(kind)
      if (id === undefined) throw notInLink(kind, text)
      if (isRecordId(id)) return known.get(keyOf(connectionId, kind))?.index.byId.get(id) ?? { id, name: '' }
      const { matchesWords: words = false } = directoryLists[kind]
      const started = now()
      let list = await freshList(connectionId, kind, signal)
      let matches = list.index.match(text, { words })
      // A colleague may have come a minute ago.
      if (matches.length === 0 && list.at < started - settledMs) {
        list = await refresh(connectionId, kind, signal)
        matches = list.index.match(text, { words })
      }
      return assertOneMatch(kind, text, matches, list)
    },
    async lookUp(connectionId, ids, signal) {
      const found = await Promise.all(
        [...ids].map(async ([kind, wanted]) => {
          try {
            const list = await anyList(connectionId, kind, signal)
            return [...wanted].flatMap((id) => {
              const entry = list?.index.byId.get(id)
              if (list === undefined || entry === undefined) return []
              const matches = isRecordId(entry.name) ? [] : list.index.match(entry.name, { words: false })
              return [{ ...entry, isUnique: matches.length === 1 && matches[0] === entry }]
            })
          } catch {
            return []
          }
        }),
      )
      return new Map(found.flat().map((entry) => [entry.id, entry]))
    },
  }
}
