import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import { ToolError } from '../errors.ts'
import { quoteUntrusted } from '../text/quote.ts'
import type { ToolOutput } from './envelope.ts'
import type { ResultPage } from './pages.ts'

/** Keeps truncated answers in memory, so that the rest of them can be read. */
export interface ResultStore {
  /** Undefined when the answer is too large to be kept. */
  keep(
    pages: Iterable<ResultPage>,
    notices: readonly string[],
    next?: number | string,
  ): { id: string; pages: number } | undefined
  /** Pages count from 1. Throws ToolError `not-found` or `invalid-input`. */
  read(id: string, page: number): ToolOutput
}

interface KeptResult {
  /** JSON text, outside the heap and of exactly known size. */
  pages: { json: Buffer; label: string }[]
  notices: readonly string[]
  /** The page of the list that follows its last page here. */
  next: number | string | undefined
}

interface StoreOptions {
  /** Bytes of JSON text in all. */
  maxBytes?: number
  keepMs?: number
  /** Milliseconds of a clock that only moves forward. */
  now?: () => number
}

export const keptMinutes = 15

/** Creates an empty store. Drops what is too old and, when full, the least recently used. */
export function createResultStore({
  maxBytes = 48 * 1024 * 1024,
  keepMs = keptMinutes * 60_000,
  now = () => performance.now(),
}: StoreOptions = {}): ResultStore {
  const results = new LRUCache<string, KeptResult>({
    maxSize: maxBytes,
    sizeCalculation: ({ pages }) => pages.reduce((sum, { json }) => sum + json.length, 1),
    ttl: keepMs,
    ttlResolution: 0,
    ttlAutopurge: true,
    perf: { now },
  })
  return {
    keep(pages, notices, next) {
      const kept: KeptResult['pages'] = []
      let bytes = 0
      for (const { data, label } of pages) {
        const json = Buffer.from(JSON.stringify(data))
        bytes += json.length
        if (bytes >= maxBytes) return undefined
        kept.push({ json, label })
      }
      const id = randomBytes(8).toString('hex')
      results.set(id, { pages: kept, notices, next })
      return { id, pages: kept.length }
    },
    read(id, page) {
      const result = results.get(id)
      if (result === undefined) {
        const what = `There is no kept answer with the id ${quoteUntrusted(id, 40)}.`
        throw new ToolError(
          'not-found',
          `${what} They are kept for ${keptMinutes} minutes: make the call again that gave it.`,
        )
      }
      const found = result.pages[page - 1]
      if (found === undefined)
        throw new ToolError(
          'invalid-input',
          `\`page\`: this answer has the pages 1 to ${result.pages.length}.`,
        )
      const isLast = page === result.pages.length
      return {
        data: JSON.parse(found.json.toString()),
        page: { page, ...(isLast ? {} : { next: page + 1 }) },
        notices: [
          `Page ${page} of ${result.pages.length}: ${found.label}.`,
          ...(isLast ? nextNotices(result.next) : []),
          ...result.notices,
        ],
        exact: true,
      }
    },
  }
}

/** What follows a thread is named by its own notice. */
function nextNotices(next: number | string | undefined): string[] {
  const goesOn = 'The list goes on: call the tool that gave it again, with'
  if (typeof next === 'number') return [`${goesOn} page ${next}.`]
  return next?.startsWith('/') ? [`${goesOn} the path ${quoteUntrusted(next, 2000)}.`] : []
}
