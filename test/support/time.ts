// Loaded before the clock stands still: `settle` does not wait for a first import.
import '../../src/mcp/prompts.ts'
import '../../src/mcp/resources.ts'
import 'p-retry'
import 'proper-lockfile'
import 'rate-limiter-flexible/lib/RateLimiterMemory.js'
import 'write-file-atomic'
import { createHook } from 'node:async_hooks'
import { onTestFinished, vi } from 'vitest'

const faked = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] as const

/** The file operations under way. `process.getActiveResourcesInfo` does not name all of them: from Node 26 on, `readFile` is one job. */
const fileOperations = new Set<number>()
const watchFiles = createHook({
  init(id, type) {
    if (/^(FSREQ|CLOSEREQ|FILEHANDLECLOSEREQ)/.test(type)) fileOperations.add(id)
  },
  after: (id) => void fileOperations.delete(id),
  destroy: (id) => void fileOperations.delete(id),
})

/** Stops the clock, until the test ends unless it is given. Files, streams and `setImmediate` stay real. */
export function stopClock(onEnd: (restart: () => void) => void = onTestFinished): void {
  watchFiles.enable()
  vi.useFakeTimers({ toFake: [...faked], now: Date.now() })
  onEnd(() => {
    vi.useRealTimers()
    watchFiles.disable()
    fileOperations.clear()
  })
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
const isUsingFiles = () =>
  fileOperations.size > 0 || process.getActiveResourcesInfo().some((name) => /^(FSReq|CloseReq)/.test(name))

/** Lets everything happen that needs no time: promises, streams and file operations. */
export async function settle(): Promise<void> {
  for (let quiet = 0; quiet < 3; quiet++) {
    await turn()
    if (isUsingFiles()) quiet = -1
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
