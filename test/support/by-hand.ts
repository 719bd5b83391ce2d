import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { type Json, temporaryFolder } from './app.ts'
import type { Plan } from './scripted-runner.ts'
import { faultyCli, jsonLines, mainJs, readLog, teach, until } from './server.ts'

interface ByHandOptions {
  args?: string[]
  stateDir?: string
  unreadStderr?: boolean
}

/**
 * Starts the built server without a client that would read its stderr or tidy up after it. With `unreadStderr` its
 * log goes to a pipe that nobody reads.
 */
export async function startByHand(
  plan: Plan,
  { args = [], stateDir, unreadStderr = false }: ByHandOptions = {},
) {
  const folder = await temporaryFolder()
  const [planFile, recordFile, logFile] = ['plan.json', 'record.jsonl', 'server.log'].map((name) =>
    join(folder, name),
  ) as [string, string, string]
  await writeFile(planFile, JSON.stringify(plan))
  const state = stateDir ?? join(folder, 'state')
  await teach(state, { plan })
  const log = unreadStderr ? [] : ['--log-file', logFile]
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    MEMBRANE_PLAN: planFile,
    MEMBRANE_RECORD: recordFile,
  }
  const server = spawn(
    process.execPath,
    [mainJs, '--cli', faultyCli, '--state-dir', state, ...log, ...args],
    {
      env,
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
    folder,
    stateDir: state,
    env,
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
