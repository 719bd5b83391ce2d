import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, beforeEach, onTestFinished } from 'vitest'
import { type AppOptions, type Json, learn, startApp } from './app.ts'
import type { Plan } from './scripted-runner.ts'

export { type Json, memoryLog, temporaryFolder } from './app.ts'
export type { Plan } from './scripted-runner.ts'

export interface SetupOptions extends AppOptions {
  /** How the person at the client answers; a client without it cannot ask. */
  elicit?: (question: string, params: Json) => Json
  /** Whether the client can open links. */
  opensLinks?: boolean
}

export interface ToolResult {
  isError: boolean
  text: string
  structured: { data: Json; page?: Json; notices?: string[] }
}

/** What a call answered, its text parsed where it is a success. Structured content, where there is any, says the same. */
export function readToolResult({ content, structuredContent, isError }: Json): ToolResult {
  const text = content.map((part: Json) => part.text).join('')
  if (structuredContent !== undefined && !isError && JSON.stringify(structuredContent) !== text)
    throw new Error('text and structured content differ')
  return {
    isError: isError === true,
    text,
    structured: isError ? undefined : (structuredContent ?? JSON.parse(text)),
  }
}

/** Longer than any deadline of the server: what a call comes to is said by the server. */
const requestTimeoutMs = 3_600_000

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
      return readToolResult(result)
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
