import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { ToolError } from '../errors.ts'

export interface RateLimiterOptions {
  requestsPerMinute: number
  searchesPerMinute: number
}

export type RequestKind = 'request' | 'search'

export interface RateLimiter {
  /** Counts a request, of which a search is one. Throws ToolError `rate-limited` with the seconds until it is free. */
  take(kind: RequestKind): Promise<void>
}

/** The part of the library's limiters that is used; its Redis engine has it too. */
type Engine = Pick<RateLimiterMemory, 'consume' | 'reward'>

const windowSeconds = 60

/**
 * Limits the requests of this process in windows of a minute. Kustomer's own limit is one for the whole organisation,
 * shared with every other integration (Kustomer's rate-limit documentation: 300 to 2,000 requests a minute by plan,
 * 100 searches by API keys), so a looping agent has to be stopped before it starves them.
 */
export function createRateLimiter({ requestsPerMinute, searchesPerMinute }: RateLimiterOptions): RateLimiter {
  const requests = new RateLimiterMemory({ points: requestsPerMinute, duration: windowSeconds })
  const searches = new RateLimiterMemory({ points: searchesPerMinute, duration: windowSeconds })
  return {
    async take(kind) {
      if (kind === 'search') await consume(searches, `${searchesPerMinute} searches`)
      try {
        await consume(requests, `${requestsPerMinute} requests`)
      } catch (error) {
        // The search is not sent either.
        if (kind === 'search') await searches.reward(key)
        throw error
      }
    },
  }
}

const key = 'all'

async function consume(engine: Engine, limit: string): Promise<void> {
  try {
    await engine.consume(key)
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000))
    throw new ToolError(
      'rate-limited',
      `This server's limit of ${limit} a minute is spent; the next one is free in ${seconds} s. Nothing was sent.`,
    )
  }
}
