// The package's index loads every engine, ten times as much code as the memory engine.
declare module 'rate-limiter-flexible/lib/RateLimiterMemory.js' {
  import type { RateLimiterMemory } from 'rate-limiter-flexible'

  const engine: typeof RateLimiterMemory
  export = engine
}
