import type { Config } from '../config/options.ts'
import {
  createProcessQueue,
  createRateLimiter,
  type ProcessQueue,
  type RateLimiter,
} from '../membrane/limits.ts'

/** What the apps of one sign-in of the CLI share. */
export interface Account {
  gate: ProcessQueue
  limiter: RateLimiter
  /** The state folder of them all, for what is no principal's own. */
  stateDir: string
}

export const createAccount = (config: Config): Account => ({
  gate: createProcessQueue(config.maxConcurrency),
  limiter: createRateLimiter(config),
  stateDir: config.stateDir,
})
