import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { contractSession } from '../support/contract.ts'
import { temporaryFolder } from '../support/harness.ts'
import { replayRunner } from '../support/replay-runner.ts'
import { atItsTime, stopClock } from '../support/time.ts'

const callMs = 1000

/** A CLI of which each call takes a second, and how many ran at once. */
function slow(runner: ProcessRunner) {
  let [running, most, calls] = [0, 0, 0]
  return {
    stop: runner.stop,
    async run(...args: Parameters<ProcessRunner['run']>) {
      running++
      calls++
      most = Math.max(most, running)
      await new Promise((resolve) => setTimeout(resolve, callMs))
      running--
      return { ...(await runner.run(...args)), milliseconds: callMs }
    },
    counts: () => ({ most, calls }),
  }
}

test.each([1, 2, 4])(
  'with %i calls at once it runs so many at a time, and ends in time',
  async (maxConcurrency) => {
    const state = await temporaryFolder()
    const recording = join(import.meta.dirname, '..', 'fixtures', 'recorded', 'new.json')
    const runner = slow(replayRunner(JSON.parse(await readFile(recording, 'utf8'))))
    const session = await contractSession(runner, state, { maxConcurrency: String(maxConcurrency) })
    stopClock()
    const start = Date.now()
    const rows = await atItsTime(session.read(new AbortController().signal))
    const { most, calls } = runner.counts()
    expect(rows.filter(({ verdict }) => verdict === 'would-fail')).toEqual([])
    expect(most).toBe(maxConcurrency)
    // One alone, and four stages that each end with a round that may not be full.
    const rounds = Math.round((Date.now() - start) / callMs)
    expect(rounds).toBeLessThanOrEqual(Math.ceil(calls / maxConcurrency) + 4)
    expect(rounds * callMs).toBeLessThan(90_000)
    await session.close()
  },
)

test('a CLI that hangs is asked little, and the check ends', async () => {
  const state = await temporaryFolder()
  let calls = 0
  const hanging: ProcessRunner = {
    stop: async () => undefined,
    run: (_, __, signal) => {
      calls++
      const ended = { ended: 'timeout', stdout: '', stderr: '', milliseconds: 20_000 } as const
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve(ended)))
    },
  }
  const session = await contractSession(hanging, state, { maxConcurrency: '2' })
  stopClock()
  const start = Date.now()
  const rows = await atItsTime(session.read(new AbortController().signal))
  expect(rows.find(({ id }) => id === 'ends')).toMatchObject({ verdict: 'would-fail' })
  expect(calls).toBeLessThan(15)
  expect(Date.now() - start).toBeLessThan(180_000)
  await session.close()
})
