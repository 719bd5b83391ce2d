import { Failure } from '../failure.ts'
import { createLedger } from '../ledger.ts'

export interface BudgetOptions {
  /** Where all servers of this machine count together. */
  folder: string
  requestsPerMinute: number
  searchesPerMinute: number
}

export type RequestKind = 'request' | 'search'

export interface Budget {
  /** Counts a request, of which a search is one. Throws Failure `rate-limited` when the minute's budget is spent. */
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
  const ledger = createLedger(folder, clock)
  const limits = { request: requestsPerMinute, search: searchesPerMinute }
  return {
    async spend(kind) {
      // The narrower budget first: a search that is not sent must not cost a request.
      if (kind === 'search') await spendOne('search')
      await spendOne('request')
    },
  }

  async function spendOne(kind: RequestKind) {
    // A folder that cannot be written to must not stop every call; Kustomer's own limit still holds.
    const { used, resetsAt } = await ledger.spend([kind]).catch(() => ({ used: { [kind]: 0 }, resetsAt: 0 }))
    if ((used[kind] ?? 0) <= limits[kind]) return
    const seconds = Math.max(1, Math.ceil((resetsAt - clock()) / 1000))
    const unit = kind === 'search' ? 'searches' : 'requests'
    const message = `This machine's budget of ${limits[kind]} ${unit} a minute is spent; it is full again in ${seconds} s. Nothing was sent.`
    throw new Failure('rate-limited', message)
  }
}
