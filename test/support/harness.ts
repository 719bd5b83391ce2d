import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
import { createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serveFlags } from '../../src/config/serve-flags.ts'
import type { Logger } from '../../src/logger.ts'
import { connectServer } from '../../src/mcp/server.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { redactFields } from '../../src/text/redact.ts'
import { type Plan, type Recorded, scriptedRunner } from './scripted-runner.ts'

export type { Plan, Recorded } from './scripted-runner.ts'

const root = join(import.meta.dirname, '..', '..')
const faultyCli = join(root, 'test', 'fixtures', 'faulty-cli.cjs')

export interface SetupOptions {
  args?: string[]
  env?: Record<string, string>
  /** What the stand-in for the CLI does. */
  plan?: Plan | undefined
  /** Another runner than the scripted one. */
  runner?: ProcessRunner
  stateDir?: string
  /** Whether the server has yet to learn the CLI and the connection; else it knows both, and no call is recorded. */
  cold?: boolean
  /** How the person at the client answers; a client without it cannot ask. */
  elicit?: (question: string, params: Json) => Json
  /** Whether the client can open links. */
  opensLinks?: boolean
  /** Milliseconds since 1970. */
  clock?: () => number
  /** Registers what is to be done when the server is no longer needed: when the test ends, unless it is given. */
  onEnd?: (tidy: () => Promise<void>) => void
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will, and a wrong path fails the test
export type Json = any

export interface ToolResult {
  isError: boolean
  text: string
  structured: { data: Json; page?: Json; notices?: string[] }
}

export async function temporaryFolder(onEnd: SetupOptions['onEnd'] = onTestFinished): Promise<string> {
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

/** Puts the whole program together in this process: an MCP client, the real server, and a scripted CLI. */
export async function setup({
  args = [],
  env = {},
  plan = {},
  runner = scriptedRunner(plan),
  stateDir,
  cold = false,
  elicit,
  opensLinks = false,
  clock,
  onEnd = onTestFinished,
}: SetupOptions = {}) {
  const state = stateDir ?? join(await temporaryFolder(onEnd), 'state')
  const flags = serveFlags(['--state-dir', state, '--cli', faultyCli, ...args])
  if (flags === undefined) throw new Error(`not the flags of serve: ${args.join(' ')}`)
  const config = await loadConfig(flags, env)
  const log = memoryLog()
  const app = createApp(config, {
    runner,
    log,
    env: { PATH: process.env['PATH'], HOME: state, ...env },
    bundleDir: join(root, 'dist'),
    ...(clock === undefined ? {} : { clock }),
  })
  const { connections, catalog } = app.context
  const learn = () =>
    connections.withConnection(AbortSignal.timeout(5000), (id) =>
      catalog.refresh(id, 60_000, AbortSignal.timeout(5000)),
    )
  if (!cold) await learn().catch(() => undefined)

  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair()
  const server = await connectServer({ ...app, version: '0.0.0', log }, serverSide)
  catalog.onChange(server.notifyToolsChanged)
  const elicitation = opensLinks ? { form: {}, url: {} } : {}
  const client = new Client(
    { name: 'test', version: '1' },
    { capabilities: elicit === undefined ? {} : { elicitation } },
  )
  if (elicit !== undefined)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params.message, params))
  const protocolErrors: Error[] = []
  client.onerror = (error) => protocolErrors.push(error)
  let listChanges = 0
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    listChanges++
  })
  await client.connect(clientSide)
  const recorded = (runner as { calls?: Recorded[] }).calls ?? []
  recorded.length = 0
  let isEnded = false
  /** Ends the server as `serve` does when its client is gone. */
  const end = async () => {
    if (isEnded) return
    isEnded = true
    await app.stop()
    await app.idle()
    await app.close()
  }
  onEnd(async () => {
    await end()
    await client.close()
  })

  return {
    client,
    app,
    stateDir: state,
    /** What a call answered, its text parsed where it is a success. */
    async call(
      name: string,
      callArgs?: Record<string, unknown>,
      options?: { signal?: AbortSignal; onprogress?: (progress: Json) => void },
    ): Promise<ToolResult> {
      const result: Json = await client.callTool(
        { name, ...(callArgs ? { arguments: callArgs } : {}) },
        undefined,
        options,
      )
      const text = result.content.map((part: Json) => part.text).join('')
      const { structuredContent } = result
      if (structuredContent !== undefined && !result.isError && JSON.stringify(structuredContent) !== text)
        throw new Error('text and structured content differ')
      return {
        isError: result.isError === true,
        text,
        structured: result.isError ? undefined : (structuredContent ?? JSON.parse(text)),
      }
    },
    /** Every call of the CLI since the server learned it. */
    calls: () => recorded,
    log: log.text,
    listChanges: () => listChanges,
    protocolErrors,
    end,
    rewrite: (next: Plan) => {
      if ('plan' in runner) runner.plan = next
    },
    /** Forgets the calls of the CLI so far. */
    clear: () => {
      recorded.length = 0
    },
  }
}

export type Harness = Awaited<ReturnType<typeof setup>>

/**
 * Starts one server for all tests of a file or a `describe`, and returns how to get it. Each test finds the plan as it
 * was given here and no call recorded; what the server itself remembers stays.
 */
export function setupOnce(options: SetupOptions): () => Harness {
  let harness: Harness
  const ends: (() => Promise<void>)[] = []
  beforeAll(async () => {
    harness = await setup({ ...options, onEnd: (tidy) => ends.unshift(tidy) })
  })
  beforeEach(() => {
    harness.clear()
    if (options.plan !== undefined) harness.rewrite(options.plan)
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })
  return () => harness
}

/** What the log says of a bug of this server. */
export const internalErrorLog = /"event":"internal error"/

/** The real clock, also while a test stops the others. */
const monotonicMs = performance.now.bind(performance)

/** Waits, without a timer, until something holds that needs no time but the event loop. Fails after ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = monotonicMs() + 10_000
  while (monotonicMs() < limit) {
    if (await holds()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('waited in vain')
}
