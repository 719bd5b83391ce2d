import { spawn } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, beforeEach, inject, onTestFinished } from 'vitest'
import { connection, liveActions } from './samples.ts'

const root = join(import.meta.dirname, '..', '..')
export const mainJs = join(root, 'dist', 'main.js')
export const faultyCli = join(root, 'test', 'fixtures', 'faulty-cli.cjs')

export interface Plan {
  dialect?: 'old' | 'new' | 'mixed'
  connections?: object[]
  actions?: object[]
  body?: object
  faults?: ({ when?: string; has?: string } & Record<string, unknown>)[]
}

export interface SetupOptions {
  args?: string[]
  env?: Record<string, string>
  /** What the fault-injecting CLI does; with none, `args` say which CLI there is. */
  plan?: Plan | undefined
  stateDir?: string
  main?: string
  /** Whether the server has yet to learn what the CLI can do; else it knows that as from an earlier start. */
  cold?: boolean
  /** Whether it knows the usual connection and its actions from an earlier start too, as most do. */
  prefetched?: boolean
  /** How the person at the host answers; a host without it cannot ask. */
  elicit?: (question: string, params: Json) => Json
  /** Whether the host can also open links. */
  opensLinks?: boolean
  /** Takes what is to be done when the server is no longer needed: when the test ends, or another time. */
  onEnd?: (tidy: () => Promise<void>) => void
}

// biome-ignore lint/suspicious/noExplicitAny: answers are looked into at will, and a wrong path fails the test
export type Json = any

export interface ToolResult {
  isError: boolean
  text: string
  structured: { data: Json; page?: Json; notices?: string[] }
}

export interface Recorded {
  argv: string[]
  pid: number
  at: number
  cwd: string
  home: string
  env: string[]
  stdin: string
}

export async function temporaryFolder(onEnd: SetupOptions['onEnd'] = onTestFinished): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-'))
  onEnd(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

/** Gives a state folder what a server knows of the CLI after its first start, unless the plan changes just that. */
export async function teach(
  state: string,
  { plan, args = [], prefetched = false }: Pick<SetupOptions, 'plan' | 'args' | 'prefetched'>,
): Promise<void> {
  const isFaulty =
    plan?.faults?.some(({ when }) => when === '' || /--help|--version/.test(when ?? '')) === true
  const name =
    plan === undefined ? (args.includes('--sandbox') ? 'sandbox' : undefined) : (plan.dialect ?? 'old')
  if (name === undefined || isFaulty) return
  const isUsual =
    plan === undefined ||
    JSON.stringify([plan.connections, plan.actions]) === JSON.stringify([[connection], liveActions])
  await mkdir(join(state, 'cache'), { recursive: true, mode: 0o700 })
  for (const file of await readdir(join(inject('learned'), name)))
    if ((prefetched && isUsual) || file.startsWith('capabilities-'))
      await cp(join(inject('learned'), name, file), join(state, 'cache', file))
}

/** Starts the built server with a real MCP client on its stdin and stdout. */
export async function setup({
  args = [],
  env = {},
  plan,
  stateDir,
  main = mainJs,
  cold = main !== mainJs,
  prefetched = false,
  elicit,
  opensLinks = false,
  onEnd = onTestFinished,
}: SetupOptions = {}) {
  const folder = await temporaryFolder(onEnd)
  const state = stateDir ?? join(folder, 'state')
  const planFile = join(folder, 'plan.json')
  const recordFile = join(folder, 'record.jsonl')
  const logFile = join(folder, 'server.log')
  if (plan !== undefined) await writeFile(planFile, JSON.stringify(plan))
  if (!cold && env['MEMBRANE_SANDBOX_DIALECT'] === undefined) await teach(state, { plan, args, prefetched })
  const cli = plan === undefined ? [] : ['--cli', faultyCli]
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, '--state-dir', state, '--log-file', logFile, ...cli, ...args],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      MEMBRANE_PLAN: planFile,
      MEMBRANE_RECORD: recordFile,
      MEMBRANE_SANDBOX_RECORD: recordFile,
      ...env,
    },
    stderr: 'pipe',
  })
  let stderr = ''
  transport.stderr?.on('data', (chunk) => {
    stderr += chunk
  })
  const protocolErrors: Error[] = []
  let listChanges = 0
  const elicitation = opensLinks ? { form: {}, url: {} } : {}
  const capabilities = elicit === undefined ? {} : { elicitation }
  const client = new Client({ name: 'test', version: '1' }, { capabilities })
  if (elicit !== undefined)
    client.setRequestHandler(ElicitRequestSchema, ({ params }) => elicit(params.message, params))
  client.onerror = (error) => protocolErrors.push(error)
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => {
    listChanges++
  })
  await client.connect(transport)
  onEnd(() => client.close())

  const lines = () => jsonLines(recordFile)
  return {
    client,
    folder,
    stateDir: state,
    planFile,
    /** What a call answered, with the text parsed beside the structured content where it is a success. */
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
      if (!result.isError && JSON.stringify(result.structuredContent) !== text)
        throw new Error('text and structured content differ')
      return { isError: result.isError === true, text, structured: result.structuredContent }
    },
    records: lines,
    /** Every CLI process so far, by its whole argument list. */
    calls: async () => (await lines()).filter((entry): entry is Recorded => Array.isArray(entry.argv)),
    log: () => readLog(logFile),
    stderr: () => stderr,
    listChanges: () => listChanges,
    protocolErrors,
    pid: () => transport.pid as number,
    rewrite: (next: Plan) => writeFile(planFile, JSON.stringify(next)),
    /** Forgets the CLI processes so far. */
    clear: () => rm(recordFile, { force: true }),
  }
}

/**
 * Starts one server for all tests of a file or a `describe`, and returns how to get it. Each test finds the plan as
 * it was given here and no CLI process recorded; what the server itself remembers stays.
 */
export function setupOnce(options: SetupOptions): () => Harness {
  let harness: Harness
  const ends: (() => Promise<void>)[] = []
  beforeAll(async () => {
    harness = await setup({ ...options, onEnd: (tidy) => ends.unshift(tidy) })
  })
  beforeEach(async () => {
    await harness.clear()
    if (options.plan !== undefined) await harness.rewrite(options.plan)
  })
  afterAll(async () => {
    for (const end of ends) await end()
  })
  return () => harness
}

async function jsonLines(file: string): Promise<Json[]> {
  const content = await readFile(file, 'utf8').catch(() => '')
  // What stands behind the last line break is a line that is being written.
  const lines = content.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line))
}

export type Harness = Awaited<ReturnType<typeof setup>>

/** What the log says of an error that is this server's own and no Failure. */
export const ownMistake = /"outcome":"bug"|"event":"mistake"/

/** Waits until something holds, asking every 20 ms; fails after `limitMs`. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Reads a log that a server may be writing: a line is on the disk a moment after the answer that it is about. */
async function readLog(file: string): Promise<string> {
  const read = () => readFile(file, 'utf8').catch(() => '')
  for (let [before, now] = ['', await read()]; ; [before, now] = [now, await read()]) {
    if (before === now) return now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Waits until the background read of the live list is over, so that what follows is a warm call. */
export async function warm({ log }: Pick<Harness, 'log'>): Promise<void> {
  await until(async () => /"event":"prefetch(ed)?"/.test(await log()))
}

interface ByHandOptions extends Pick<SetupOptions, 'args' | 'prefetched'> {
  unreadStderr?: boolean
}

/**
 * Starts the built server without a client that would read its stderr or tidy up after it. With `unreadStderr` its
 * log goes to a pipe that nobody reads.
 */
export async function startByHand(
  plan: Plan,
  { args = [], prefetched = false, unreadStderr = false }: ByHandOptions = {},
) {
  const folder = await temporaryFolder()
  const [planFile, recordFile, logFile] = ['plan.json', 'record.jsonl', 'server.log'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  await writeFile(planFile, JSON.stringify(plan))
  await teach(join(folder, 'state'), { plan, prefetched })
  const log = unreadStderr ? [] : ['--log-file', logFile]
  const server = spawn(
    process.execPath,
    [mainJs, '--cli', faultyCli, '--state-dir', join(folder, 'state'), ...log, ...args],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        MEMBRANE_PLAN: planFile,
        MEMBRANE_RECORD: recordFile,
      },
      stdio: ['pipe', 'pipe', unreadStderr ? 'pipe' : 'ignore'],
    },
  )
  onTestFinished(() => void server.kill('SIGKILL'))
  // A server that has gone shows in the answers that are missing.
  server.stdin?.on('error', () => undefined)
  const answers = new Map<number | string, Json>()
  createInterface({ input: server.stdout as NodeJS.ReadableStream }).on('line', (line) => {
    const message = JSON.parse(line)
    if (message.id !== undefined) answers.set(message.id, message)
  })
  let lastId = 0
  const send = (message: object) =>
    void server.stdin?.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const request = async (method: string, params: object = {}): Promise<Json> => {
    const id = ++lastId
    send({ id, method, params })
    await until(() => answers.has(id), 25_000)
    return answers.get(id)
  }
  await request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'by hand', version: '1' },
  })
  send({ method: 'notifications/initialized' })
  return {
    server,
    send,
    request,
    /** The ids of the requests that have an answer. */
    answered: () => [...answers.keys()],
    /** What a tool answered: its text, and whether it is an error. */
    async call(name: string, callArgs: object = {}): Promise<{ isError: boolean; text: string }> {
      const { result } = await request('tools/call', { name, arguments: callArgs })
      return { isError: result.isError === true, text: result.content[0].text }
    },
    records: () => jsonLines(recordFile),
    log: () => readLog(logFile),
  }
}

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
