import { LRUCache } from 'lru-cache'
import { raceAbort } from '../async/deadline.ts'
import { type DirectoryKind, directoryLists, idsInLink, isRecordId } from '../kustomer/references.ts'
import type { Cache } from '../store/cache.ts'
import { type DirectoryEntry, type DirectoryList, listSchema, mergeEntries } from './entries.ts'
import { indexNames, type NameIndex } from './match-name.ts'
import { assertOneMatch, notInLink } from './one-match.ts'
import { type ReadPage, readList } from './read-list.ts'

/** The names of an organisation: its users, teams, tags, queues, sub-statuses and sending accounts. */
export interface Directory {
  /**
   * The one entry that an id, a name, an address or a link of the app stands for. An id is not looked up: its name is empty
   * where it was not read before. Throws ToolError `invalid-input`, with the candidates, where it is not exactly one.
   */
  find(connectionId: string, kind: DirectoryKind, text: string, signal: AbortSignal): Promise<DirectoryEntry>
  /** The entries of ids as they are now. Rejects with a ToolError where the list cannot be read. */
  current(
    connectionId: string,
    kind: DirectoryKind,
    ids: ReadonlySet<string>,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, NamedEntry>>
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
const settledMs = 30_000
/** A list that could not be read is not read again for the names in answers before this time is over, twice as long each time. */
const retryMs = 60_000
const maxRetryMs = 30 * 60_000
const maxLists = 500
const keptOnDiskMs = 30 * 24 * 3_600_000

/** A list as it was read, with its index. */
interface IndexedList extends DirectoryList {
  index: NameIndex
}

/** Creates a directory that reads each list when it is first needed, once for all who wait for it. */
export function createDirectory({ read, cache, scope, now = Date.now }: DirectoryOptions): Directory {
  const known = new LRUCache<string, IndexedList>({ max: maxLists })
  /** Until when a list that could not be read is left alone. */
  const failed = new LRUCache<string, { until: number; waitMs: number }>({ max: maxLists })
  const reading = new Map<string, Promise<IndexedList>>()
  const keyOf = (connectionId: string, kind: DirectoryKind) => [scope, connectionId, kind].join('|')

  const keep = (key: string, list: DirectoryList) => {
    const kept = { ...list, index: indexNames(list.entries) }
    known.set(key, kept)
    return kept
  }

  async function readAnew(connectionId: string, kind: DirectoryKind): Promise<IndexedList> {
    const key = keyOf(connectionId, kind)
    const at = now()
    const { entries: listed, isWhole } = await readList(read, connectionId, kind)
    const before = known.get(key)?.entries ?? []
    const entries = isWhole ? mergeEntries(before, listed) : listed
    const list = { at, entries, isWhole }
    failed.delete(key)
    await cache.write('directory', key, list)
    await cache.prune('directory', keptOnDiskMs)
    return keep(key, list)
  }

  /** One read at a time of each list; it goes on where a caller gives up. */
  function refresh(connectionId: string, kind: DirectoryKind, signal: AbortSignal) {
    const key = keyOf(connectionId, kind)
    let running = reading.get(key)
    if (running === undefined) {
      running = readAnew(connectionId, kind).finally(() => reading.delete(key))
      running.catch(() => {
        const waitMs = Math.min(2 * (failed.get(key)?.waitMs ?? retryMs / 2), maxRetryMs)
        failed.set(key, { until: now() + waitMs, waitMs })
      })
      reading.set(key, running)
    }
    return raceAbort(running, signal)
  }

  const isSettled = ({ at }: DirectoryList) => at < now() - settledMs

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
    if (isFresh || now() < (failed.get(key)?.until ?? 0)) return { list, isFresh }
    const fresh = refresh(connectionId, kind, signal)
    if (list === undefined) return { list: await fresh, isFresh: true }
    fresh.catch(() => undefined)
    return { list, isFresh }
  }

  return {
    async find(connectionId, kind, text, signal) {
      const linked = idsInLink(text.trim())
      const id = linked === undefined ? text.trim() : linked.get(kind)
      if (id === undefined) throw notInLink(kind, text)
      if (isRecordId(id)) return known.get(keyOf(connectionId, kind))?.index.byId.get(id) ?? { id, name: '' }
      const { matchesWords: words = false } = directoryLists[kind]
      let list = await freshList(connectionId, kind, signal)
      let matches = list.index.match(text, { words })
      // A colleague may have come a minute ago.
      if (matches.length === 0 && isSettled(list)) {
        list = await refresh(connectionId, kind, signal)
        matches = list.index.match(text, { words })
      }
      return assertOneMatch(kind, text, matches, list)
    },
    async current(connectionId, kind, ids, signal) {
      const list = await freshList(connectionId, kind, signal)
      const { index, isWhole } = isSettled(list) ? await refresh(connectionId, kind, signal) : list
      return namedEntries(index, ids, isWhole)
    },
    async lookUp(connectionId, ids, signal) {
      const found = await Promise.all(
        [...ids].map(async ([kind, wanted]) => {
          try {
            const { list, isFresh } = await anyList(connectionId, kind, signal)
            return list === undefined ? [] : [...namedEntries(list.index, wanted, isFresh)]
          } catch {
            return []
          }
        }),
      )
      return new Map(found.flat())
    },
  }
}

/** The entries of ids. A name of an old list may be another's by now. */
function namedEntries(index: NameIndex, ids: ReadonlySet<string>, isFresh = true): Map<string, NamedEntry> {
  return new Map(
    [...ids].flatMap((id): [string, NamedEntry][] => {
      const entry = index.byId.get(id)
      if (entry === undefined) return []
      const matches = isRecordId(entry.name) ? [] : index.match(entry.name, { words: false })
      return [[id, { ...entry, isUnique: isFresh && matches.length === 1 && matches[0] === entry }]]
    }),
  )
}
