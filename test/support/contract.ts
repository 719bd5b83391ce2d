import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { verdictOf } from '../../src/cli/doctor/contract/report.ts'
import { openSession } from '../../src/cli/doctor/contract/session.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import type { ProcessUsage } from '../../src/membrane/process-usage.ts'
import { faultyCli } from './server.ts'

/** Opens what `doctor --contract` works with, on a CLI of the test's own. */
export async function contractSession(
  runner: ProcessRunner,
  stateDir: string,
  flags: Record<string, unknown> = {},
  usage?: ProcessUsage,
) {
  const config = await loadConfig({ cli: faultyCli, stateDir, ...flags }, {})
  const env = { PATH: process.env['PATH'], HOME: stateDir }
  return openSession({
    config,
    runner,
    runtime: { env, bundleDir: join(stateDir, 'dist'), version: '0.0.0' },
    measure: async (task) => ({ result: await task(), usage }),
  })
}

/** Tries everything that reads, and returns the table, its rows by id, and the transcript. */
export async function prove(
  runner: ProcessRunner,
  stateDir: string,
  flags?: Record<string, unknown>,
  usage?: ProcessUsage,
) {
  const session = await contractSession(runner, stateDir, flags, usage)
  onTestFinished(session.close)
  const rows = await session.read(new AbortController().signal)
  return {
    session,
    rows,
    verdict: verdictOf(rows),
    verdicts: Object.fromEntries(rows.map(({ id, verdict }) => [id, verdict])),
    seen: Object.fromEntries(rows.map(({ id, seen }) => [id, seen])),
    transcript: session.transcript(),
  }
}
