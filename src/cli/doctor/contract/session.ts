import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { configuredCli } from '../../../app/configured-cli.ts'
import type { Config } from '../../../config/options.ts'
import { createProcessQueue } from '../../../membrane/limits.ts'
import type { ProcessRunner } from '../../../membrane/process.ts'
import { measureUsage } from '../../../membrane/process-usage.ts'
import type { Cache } from '../../../store/cache.ts'
import type { RuntimeContext } from '../../runtime.ts'
import type { Disguise } from './disguise.ts'
import type { Evidence } from './probe.ts'
import { gather, judgeRows, type ProvenRow } from './prove.ts'
import { type RecordedCall, recordCalls, type Transcript, transcriptOf } from './transcript.ts'
import { proveWrites } from './writes.ts'

/** A command that has not ended after this is taken for one that hangs. */
const longestMs = 20_000

/** What is cached says how the CLI was, and not how it is. */
const noCache: Cache = {
  read: async () => undefined,
  write: async () => undefined,
  remove: async () => undefined,
  prune: async () => undefined,
}

export interface ContractSession {
  /** Tries everything that reads. */
  read(signal: AbortSignal): Promise<ProvenRow[]>
  /** Puts a note on a conversation and deletes it. Call after `read`. */
  write(conversation: string, signal: AbortSignal): Promise<ProvenRow[]>
  /** What was seen so far, with all that may be private replaced. */
  transcript(disguise?: Disguise): Transcript
  close(): Promise<void>
}

interface SessionOptions {
  config: Config
  runtime: Pick<RuntimeContext, 'env' | 'bundleDir' | 'version'>
  runner: ProcessRunner
  measure?: typeof measureUsage
}

/** The CLI of a configuration, with everything that it does recorded. */
export async function openSession(options: SessionOptions): Promise<ContractSession> {
  const { config, runtime, runner, measure = measureUsage } = options
  const { env, bundleDir, version } = runtime
  const home = await mkdtemp(join(tmpdir(), 'kustomer-mcp-home-'))
  const recorder = recordCalls(runner, { limitMs: Math.min(config.timeoutMs, longestMs), home })
  const gate = createProcessQueue(config.maxConcurrency)
  const shared = { runner: recorder, gate, cache: noCache, bundleDir }
  const cli = configuredCli(config, { ...shared, env })
  const homes = ['HOME', 'USERPROFILE', 'XDG_CONFIG_HOME', 'APPDATA', 'LOCALAPPDATA'].map((name) => [
    name,
    home,
  ])
  const homeless = configuredCli(config, {
    ...shared,
    env: { ...env, ...Object.fromEntries(homes) },
    cwd: home,
  })
  let evidence: Evidence | undefined
  return {
    async read(signal) {
      evidence = await gather({
        run: (argv, { withoutHome, signal: limited }) => (withoutHome ? homeless : cli).exec(argv, limited),
        measure,
        connection: config.connection,
        deadlineMs: config.timeoutMs,
        signal,
      })
      return judgeRows(evidence)
    },
    async write(conversation, signal) {
      if (evidence === undefined) return []
      const run = (argv: readonly string[], limited: AbortSignal) => cli.exec(argv, limited, true)
      return proveWrites({ run, known: evidence.known, conversation, signal })
    },
    transcript(disguise) {
      const calls: readonly RecordedCall[] = recorder.calls
      return transcriptOf(calls, { version, platform: process.platform, usage: evidence?.usage }, disguise)
    },
    async close() {
      await runner.stop()
      await rm(home, { recursive: true, force: true })
    },
  }
}
