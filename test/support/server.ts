import { existsSync, readFileSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { onTestFinished } from 'vitest'
import { createApp } from '../../src/app/app.ts'
import { loadConfig } from '../../src/config/load.ts'
import { serveFlags } from '../../src/config/serve-flags.ts'
import { readSettings } from '../../src/sandbox/settings.ts'
import { type Json, learn, memoryLog, temporaryFolder } from './app.ts'
import { readToolResult, type ToolResult } from './harness.ts'
import { sandboxRunner } from './sandbox-runner.ts'
import { type Plan, scriptedRunner } from './scripted-runner.ts'

export { type Json, temporaryFolder } from './app.ts'
export type { Plan } from './scripted-runner.ts'

const root = join(import.meta.dirname, '..', '..')
export const mainJs = join(root, 'dist', 'main.js')
export const faultyCli = join(root, 'test', 'fixtures', 'faulty-cli.cjs')

export interface SetupOptions {
  args?: string[]
  env?: Record<string, string>
  /** What the fault-injecting CLI does; with none, `args` say which CLI there is. */
  plan?: Plan | undefined
  stateDir?: string
  main?: string
  /** Whether the server has yet to learn the CLI and the connection, as at a first start. */
  cold?: boolean
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

/** Gives a state folder what a first start learns. What the faults of the plan change of that stays unknown. */
export async function teach(
  state: string,
  { plan, args = [] }: Pick<SetupOptions, 'plan' | 'args'>,
): Promise<void> {
  const isSandbox = args.includes('--sandbox')
  const isUnknown = plan?.faults?.some(({ when = '' }) => when === '' || /--help|--version/.test(when))
  if (isUnknown || (plan === undefined && !isSandbox)) return
  const cli = isSandbox ? [] : ['--cli', faultyCli]
  const config = await loadConfig(serveFlags(['--state-dir', state, ...cli, ...args]) ?? {}, {})
  const runner = isSandbox
    ? sandboxRunner(readSettings({ MEMBRANE_SANDBOX_DIR: await temporaryFolder() }))
    : scriptedRunner(plan ?? {})
  const env = { PATH: process.env['PATH'], HOME: state }
  await learn(createApp(config, { runner, log: memoryLog(), env, bundleDir: dirname(mainJs) }))
}

/** Starts the built server with a real MCP client on its stdin and stdout. */
export async function setup({
  args = [],
  env = {},
  plan,
  stateDir,
  main = mainJs,
  cold = main !== mainJs,
}: SetupOptions = {}) {
  const folder = await temporaryFolder()
  const state = stateDir ?? join(folder, 'state')
  const planFile = join(folder, 'plan.json')
  const recordFile = join(folder, 'record.jsonl')
  const logFile = join(folder, 'server.log')
  if (plan !== undefined) await writeFile(planFile, JSON.stringify(plan))
  if (!cold && env['MEMBRANE_SANDBOX_DIALECT'] === undefined) await teach(state, { plan, args })
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
  const client = new Client({ name: 'test', version: '1' })
  client.onerror = (error) => protocolErrors.push(error)
  await client.connect(transport)
  onTestFinished(() => client.close())

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
      return readToolResult(result)
    },
    records: lines,
    /** Every CLI process so far, by its whole argument list. */
    calls: async () => (await lines()).filter((entry): entry is Recorded => Array.isArray(entry.argv)),
    log: () => readLog(logFile),
    stderr: () => stderr,
    protocolErrors,
    pid: () => transport.pid as number,
  }
}

export async function jsonLines(file: string): Promise<Json[]> {
  const content = await readFile(file, 'utf8').catch(() => '')
  // What stands behind the last line break is a line that is being written.
  const lines = content.split('\n').slice(0, -1)
  return lines.map((line) => JSON.parse(line))
}

/** Waits until something holds, asking every 20 ms; fails after `limitMs`. */
export async function until(holds: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('waited in vain')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Reads a log that a server may be writing: a line is on the disk a moment after the answer that it is about. */
export async function readLog(file: string): Promise<string> {
  const read = () => readFile(file, 'utf8').catch(() => '')
  for (let [before, now] = ['', await read()]; ; [before, now] = [now, await read()]) {
    if (before === now) return now
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Whether a process runs. One that has ended counts as such even before its parent has read how. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return !existsSync('/proc/self')
  }
}
