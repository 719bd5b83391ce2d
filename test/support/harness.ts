import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  ElicitRequestSchema,
  LATEST_PROTOCOL_VERSION,
  ToolListChangedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
import { type App, createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serveFlags } from '../../src/config/serve-flags.ts'
import type { Logger } from '../../src/logger.ts'
import { connectServer } from '../../src/mcp/server.ts'
import { createStdioTransport } from '../../src/mcp/stdio.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { readSettings } from '../../src/sandbox/settings.ts'
import { redactFields } from '../../src/text/redact.ts'
import { sandboxRunner } from './sandbox-runner.ts'
import { type Plan, type Recorded, scriptedRunner } from './scripted-runner.ts'

export type { Plan } from './scripted-runner.ts'

const root = join(import.meta.dirname, '..', '..')
/** A file that exists, in the place of a CLI that is scripted. */
const faultyCli = join(root, 'test', 'fixtures', 'faulty-cli.cjs')

export interface SetupOptions {
  args?: string[]
  env?: Record<string, string>
  /** What the stand-in for the CLI does. Without a plan, the sandbox or what `args` name is the CLI. */
  plan?: Plan | undefined
  /** Runs the CLI in place of the scripted runner or the sandbox. */
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

/** Longer than any deadline of the server: what a call comes to is said by the server. */
const requestTimeoutMs = 3_600_000

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

/** Records every call that reaches a runner. */
function recording(runner: ProcessRunner): ProcessRunner & { calls: Recorded[] } {
  const calls: Recorded[] = []
  return {
    calls,
    stop: runner.stop,
    run({ env, cwd, ...program }, args, signal) {
      calls.push({ argv: [...args], env: Object.keys(env).sort(), cwd, at: Date.now() })
      return runner.run({ ...program, env, cwd }, args, signal)
    },
  }
}

/** Learns the CLI, the connection and its actions, as a server does after its start, as far as that is possible. */
export const learn = ({ context: { connections, catalog } }: App): Promise<unknown> =>
  connections
    .withConnection(AbortSignal.timeout(5000), (id) => catalog.refresh(id, 60_000, AbortSignal.timeout(5000)))
    .catch(() => undefined)

/** Puts the program together in this process, with a scripted CLI or the sandbox. */
async function startApp({
  args = [],
  env = {},
  plan,
  runner,
  stateDir,
  cold = false,
  clock,
  onEnd = onTestFinished,
}: SetupOptions) {
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
      const server = await connectServer({ ...app, version: '0.0.0', log }, transport)
      app.onToolsChanged(server.notifyToolsChanged)
    },
  }
}

/** Puts the whole program together in this process: an MCP client, the real server, and a scripted CLI or the sandbox. */
export async function setup(options: SetupOptions = {}) {
  const { elicit, opensLinks = false, onEnd = onTestFinished } = options
  const { app, log, state, scripted, end, calls: recorded, connect } = await startApp(options)
  const [clientSide, serverSide] = InMemoryTransport.createLinkedPair()
  await connect(serverSide)
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
  onEnd(() => client.close())

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
        { timeout: requestTimeoutMs, ...options },
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
    learn: () => learn(app),
    rewrite: (next: Plan) => {
      scripted.plan = next
    },
    /** Forgets the calls of the CLI so far. */
    clear: () => {
      recorded.length = 0
    },
  }
}

export type Harness = Awaited<ReturnType<typeof setup>>

/** Serves a client that writes lines by hand, on the transport of stdio. It has not been initialized. */
export async function setupLines(options: SetupOptions = {}) {
  const { log, connect } = await startApp(options)
  const input = new PassThrough()
  const messages: Json[] = []
  const output = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).split('\n').filter(Boolean)) messages.push(JSON.parse(line))
      done()
    },
  })
  await connect(createStdioTransport(input, output))
  const responses = (id: unknown) => messages.filter((message) => isDeepStrictEqual(message.id, id))
  const send = (...lines: (string | object)[]) =>
    void input.write(
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    )
  /** Sends a request and resolves with its response. */
  async function request(method: string, params?: object, id: string | number = randomUUID()): Promise<Json> {
    send({ jsonrpc: '2.0', id, method, params })
    await until(() => responses(id).length > 0)
    return responses(id)[0]
  }
  return {
    send,
    request,
    responses,
    /** Every message of the server so far. */
    messages,
    log: log.text,
    async initialize(protocolVersion: string = LATEST_PROTOCOL_VERSION): Promise<Json> {
      const clientInfo = { name: 'lines', version: '1' }
      const response = await request('initialize', { protocolVersion, capabilities: {}, clientInfo })
      send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      return response
    },
  }
}

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

/** Waits, without a timer, until something holds that needs no time but the event loop. Fails after ten seconds. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const limit = performance.now() + 10_000
  while (performance.now() < limit) {
    if (await holds()) return
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error('waited in vain')
}
