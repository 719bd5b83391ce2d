// Loaded before the clock stands still: `settle` does not wait for a first import.
import '../../src/mcp/prompts.ts'
import '../../src/mcp/resources.ts'
import 'p-retry'
import 'proper-lockfile'
import 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import 'write-file-atomic'
import { onTestFinished, vi } from 'vitest'

const faked = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] as const

/** Stops the clock, until the test ends unless it is given. Files, streams and `setImmediate` stay real. */
export function stopClock(onEnd: (restart: () => void) => void = onTestFinished): void {
  vi.useFakeTimers({ toFake: [...faked], now: Date.now() })
  onEnd(() => void vi.useRealTimers())
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const isReadingFiles = () => process.getActiveResourcesInfo().some((name) => name.startsWith('FSReq'))

/** Lets everything happen that needs no time: promises, streams and file operations. */
export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet++) {
    await turn()
    if (isReadingFiles()) quiet = -1
  }
}

/** Moves the stopped clock on, in small steps, and lets each step have its effects. */
export async function elapse(ms: number): Promise<void> {
  await settle()
  for (let left = ms; left > 0; left -= 50) {
    vi.advanceTimersByTime(Math.min(50, left))
    await settle()
  }
}

/** Moves the stopped clock on from timer to timer until the promise is settled; fails after `limitMs`. */
export async function atItsTime<T>(promise: Promise<T>, limitMs = 600_000): Promise<T> {
  let isSettled = false
  const end = () => {
    isSettled = true
  }
  promise.then(end, end)
  const limit = Date.now() + limitMs
  await settle()
  while (!isSettled) {
    if (Date.now() > limit) throw new Error(`not settled after ${limitMs} ms`)
    if (vi.getTimerCount() === 0) throw new Error('not settled, and no timer is left')
    vi.advanceTimersToNextTimer()
    await settle()
  }
  return promise
}
