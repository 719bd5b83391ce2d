import pLimit from 'p-limit'
import type { RateLimiterAbstract, RateLimiterRes } from 'rate-limiter-flexible'
import { memoizeAsync } from '../async/memoize.ts'
import { ToolError } from '../errors.ts'

const coldAfterMs = 5 * 60_000

export interface ProcessQueue {
  /** Runs tasks in order. The signal is observed until the task starts; a started task observes it itself. */
  run<T>(signal: AbortSignal, task: () => Promise<T>, usesSignIn?: boolean): Promise<T>
}

/** The first task after a pause runs alone: two processes that refresh a token race for the credentials file. */
export function createProcessQueue(maxConcurrency: number, now: () => number = Date.now): ProcessQueue {
  const limit = pLimit(maxConcurrency)
  let lastEnd = Number.NEGATIVE_INFINITY
  let exclusive: Promise<unknown> | undefined

  async function runFirstAlone<T>(task: () => Promise<T>): Promise<T> {
    const running = task()
    exclusive = running.catch(() => undefined)
    await exclusive
    exclusive = undefined
    lastEnd = now()
    return running
  }

  async function run<T>(task: () => Promise<T>): Promise<T> {
    if (now() - lastEnd > coldAfterMs) return runFirstAlone(task)
    try {
      return await task()
    } finally {
      lastEnd = now()
    }
  }

  return {
    run: (signal, task, usesSignIn = true) =>
      new Promise((resolve, reject) => {
        const giveUp = () => reject(signal.reason)
        if (signal.aborted) return giveUp()
        signal.addEventListener('abort', giveUp, { once: true })
        limit(async () => {
          while (usesSignIn && exclusive !== undefined) await exclusive
          signal.removeEventListener('abort', giveUp)
          signal.throwIfAborted()
          return usesSignIn ? run(task) : task()
        }).then(resolve, reject)
      }),
  }
}

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
type Engine = Pick<RateLimiterAbstract, 'consume' | 'reward'>

const windowSeconds = 60

/**
 * Limits the requests of this process in windows of a minute. Kustomer's limit is shared by all integrations of an
 * organisation (its documentation: 300 to 2,000 requests a minute, 100 searches): a looping agent must not starve them.
 */
export function createRateLimiter({ requestsPerMinute, searchesPerMinute }: RateLimiterOptions): RateLimiter {
  const engines = memoizeAsync(async () => {
    const { default: Memory } = await import('rate-limiter-flexible/lib/RateLimiterMemory.js')
    return {
      requests: new Memory({ points: requestsPerMinute, duration: windowSeconds }),
      searches: new Memory({ points: searchesPerMinute, duration: windowSeconds }),
    }
  })
  return {
    async take(kind) {
      const { requests, searches } = await engines.get()
      if (kind === 'search') await consume(searches, `${searchesPerMinute} searches`)
      try {
        await consume(requests, `${requestsPerMinute} requests`)
      } catch (error) {
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
    // A limit is rejected with a result. An engine that cannot count rejects with an Error.
    if (error instanceof Error) throw error
    const seconds = Math.max(1, Math.ceil((error as RateLimiterRes).msBeforeNext / 1000))
    throw new ToolError(
      'rate-limited',
      `This server's limit of ${limit} a minute is spent; the next one is free in ${seconds} s. Nothing was sent.`,
    )
  }
}
