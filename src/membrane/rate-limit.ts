import { ToolError } from '../errors.ts'
import { createBuckets } from './bucket.ts'

export interface BudgetOptions {
  /** Where all servers of this machine count together. */
  folder: string
  requestsPerMinute: number
  searchesPerMinute: number
}

export type RequestKind = 'request' | 'search'

export interface Budget {
  /** Counts a request, of which a search is one. Throws Failure `rate-limited` when the budget is spent. */
  spend(kind: RequestKind): Promise<void>
}

/**
 * Takes the limits and returns the budget of this machine. Kustomer's own is one for the whole organisation, shared
 * with every other integration (Kustomer's rate-limit documentation: 300 to 2,000 requests a minute by plan, 100
 * searches by API keys), so a looping agent has to be stopped before it starves them.
 */
export function createBudget(
  { folder, requestsPerMinute, searchesPerMinute }: BudgetOptions,
  clock = Date.now,
): Budget {
  const limits = { request: requestsPerMinute, search: searchesPerMinute }
  const buckets = createBuckets(folder, limits, clock)
  return {
    async spend(kind) {
      const names: readonly RequestKind[] = kind === 'search' ? ['search', 'request'] : ['request']
      // A folder that cannot be written to must not stop every call; Kustomer's own limit still holds.
      const refused = await buckets.take(names).catch(() => undefined)
      if (refused === undefined) return
      const seconds = Math.max(1, Math.ceil(refused.waitMs / 1000))
      const [limit, unit] =
        refused.empty === 'search' ? [limits.search, 'searches'] : [limits.request, 'requests']
      throw new ToolError(
        'rate-limited',
        `This machine's budget of ${limit} ${unit} a minute is spent; the next one is free in ${seconds} s. Nothing was sent.`,
      )
    },
  }
}
