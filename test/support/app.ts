import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { onTestFinished } from 'vitest'
import { type App, createApp } from '../../src/app/app.ts'
import { localPrincipal } from '../../src/auth/principal.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serveFlags } from '../../src/config/serve-flags.ts'
import type { Logger } from '../../src/logger.ts'
import { connectServer } from '../../src/mcp/server.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { readSettings } from '../../src/sandbox/settings.ts'
import { redactFields } from '../../src/text/redact.ts'
import { sandboxRunner } from './sandbox-runner.ts'
import { type Plan, type Recorded, scriptedRunner } from './scripted-runner.ts'

const root = join(import.meta.dirname, '..', '..')
/** A file that exists, in the place of a CLI that is scripted. */
const faultyCli = join(root, 'test', 'fixtures', 'faulty-cli.cjs')

export interface AppOptions {
  args?: string[]
  env?: Record<string, string>
  /** What the stand-in for the CLI does. Without a plan, the sandbox or what `args` name is the CLI. */
  plan?: Plan | undefined
  /** Runs the CLI in place of the scripted runner or the sandbox. */
  runner?: ProcessRunner
  stateDir?: string
  /** Whether the server has yet to learn the CLI and the connection; else it knows both, and no call is recorded. */
  cold?: boolean
  /** Milliseconds since 1970. */
  clock?: () => number
  /** Registers what is to be done when the server is no longer needed: when the test ends, unless it is given. */
  onEnd?: (tidy: () => Promise<void>) => void
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will, and a wrong path fails the test
export type Json = any

export async function temporaryFolder(onEnd: AppOptions['onEnd'] = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-'))
  onEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** A logger that keeps its lines, redacted as those of the program are. */
export function memoryLog(): Logger & { text: () => string } {
  const lines: string[] = []
  const at = (level: string) => (fields: object) =>
    void lines.push(JSON.stringify({ level, ...redactFields(fields) }))
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    flush: async () => undefined,
    text: () => lines.map((line) => `${line}\n`).join(''),
  }
}

/** Records every call that a runner starts. */
function recording(runner: ProcessRunner): ProcessRunner & { calls: Recorded[] } {
  const calls: Recorded[] = []
  let isStopped = false
  return {
    calls,
    stop() {
      isStopped = true
      return runner.stop()
    },
    run(program, args, signal) {
      const { env, cwd } = program
      if (!isStopped && !signal.aborted)
        calls.push({ argv: [...args], env: Object.keys(env).sort(), cwd, at: Date.now() })
      return runner.run(program, args, signal)
    },
  }
}

/** Learns the CLI, the connection and its actions, as a server does after its start, as far as that is possible. */
export const learn = ({ context: { connections, catalog } }: App): Promise<unknown> =>
  connections
    .withConnection(AbortSignal.timeout(5000), (id) => catalog.refresh(id, 60_000, AbortSignal.timeout(5000)))
    .catch(() => undefined)

/** Puts the program together in this process, with a scripted CLI or the sandbox. */
export async function startApp({
  args = [],
  env = {},
  plan,
  runner,
  stateDir,
  cold = false,
  clock,
  onEnd = onTestFinished,
}: AppOptions) {
  const folder = await temporaryFolder(onEnd)
  const state = stateDir ?? join(folder, 'state')
  const cli = plan === undefined && runner === undefined ? [] : ['--cli', faultyCli]
  const flags = serveFlags(['--state-dir', state, ...cli, ...args])
  if (flags === undefined) throw new Error(`not the flags of serve: ${args.join(' ')}`)
  const config = await loadConfig(flags, env)
  // The sandbox is a file that must exist; it runs in this process.
  await writeFile(join(folder, 'sandbox.js'), '')
  const scripted = scriptedRunner(plan ?? {})
  const sandbox = () => sandboxRunner(readSettings({ ...env, MEMBRANE_SANDBOX_DIR: join(state, 'sandbox') }))
  const recorder = recording(runner ?? (config.sandbox ? sandbox() : scripted))
  const log = memoryLog()
  const app = createApp(config, {
    runner: recorder,
    log,
    env: { PATH: process.env['PATH'], HOME: state, ...env },
    bundleDir: folder,
    ...(clock === undefined ? {} : { clock }),
  })
  if (!cold) await learn(app)
  recorder.calls.length = 0
  let isEnded = false
  /** Ends the app as `serve` does when its client is gone. */
  const end = async () => {
    if (isEnded) return
    isEnded = true
    await app.stop()
    await app.idle()
    await app.close()
  }
  onEnd(end)
  return {
    app,
    log,
    state,
    scripted,
    end,
    calls: recorder.calls,
    /** Serves it on a transport. */
    async connect(transport: Transport) {
      const server = await connectServer(
        { principal: localPrincipal, ...app, version: '0.0.0', log },
        transport,
      )
      app.onToolsChanged(server.notifyToolsChanged)
    },
  }
}
