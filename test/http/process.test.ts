import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import {
  faultyCli,
  isAlive,
  type Json,
  jsonLines,
  mainJs,
  teach,
  temporaryFolder,
  until,
} from '../support/server.ts'

/** The program on a port of its own, with a CLI that does what the plan says. */
async function startProgram(fault: object, args: string[] = []) {
  const plan = {
    connections: [connection],
    actions: liveActions,
    faults: [{ when: 'action run', ...fault }],
  }
  const folder = await temporaryFolder()
  const [planFile, recordFile, logFile, state] = ['plan.json', 'record.jsonl', 'server.log', 'state'].map(
    (name) => join(folder, name),
  ) as [string, string, string, string]
  await writeFile(planFile, JSON.stringify(plan))
  await teach(state, { plan })
  const child = spawn(
    process.execPath,
    [
      ...[mainJs, 'serve', '--http', '127.0.0.1:0', '--cli', faultyCli, '--state-dir', state],
      ...['--log-file', logFile, '--connection', connectionId, ...args],
    ],
    {
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        MEMBRANE_PLAN: planFile,
        MEMBRANE_RECORD: recordFile,
      },
      stdio: 'ignore',
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const log = () => jsonLines(logFile).catch((): Json[] => [])
  let url = ''
  await until(async () => {
    url = (await log()).find(({ event }) => event === 'listening')?.url ?? ''
    return url !== ''
  })
  return {
    child,
    exited: once(child, 'exit'),
    call: (name: string, signal?: AbortSignal) =>
      fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name, arguments: {} },
        }),
        ...(signal === undefined ? {} : { signal }),
      }),
    /** The CLI processes that run an action. */
    pids: async () =>
      (await jsonLines(recordFile).catch((): Json[] => [])).flatMap(({ argv, pid }) =>
        argv?.[1] === 'run' ? [pid as number] : [],
      ),
  }
}

it('a client that goes away ends the process of its read', async () => {
  const { call, pids } = await startProgram({ hang: true, deaf: true })
  const controller = new AbortController()
  const calling = call('list-customers', controller.signal)
  const failed = expect(calling).rejects.toThrow()
  await until(async () => (await pids()).length === 1)
  controller.abort()
  await failed
  const [pid = 0] = await pids()
  await until(() => !isAlive(pid))
})

it('SIGTERM lets a running call end', async () => {
  const { child, exited, call, pids } = await startProgram({ standard: true, delayMs: 500 })
  const calling = call('list-customers')
  await until(async () => (await pids()).length === 1)
  child.kill('SIGTERM')
  const response = await calling
  expect([response.status, JSON.stringify(await response.json())]).toEqual([
    200,
    expect.stringContaining('ran'),
  ])
  expect(await exited).toEqual([0, null])
})

it('a second signal ends everything now', async () => {
  const { child, exited, call, pids } = await startProgram({ hang: true, deaf: true })
  const calling = call('list-customers').catch(() => undefined)
  await until(async () => (await pids()).length === 1)
  child.kill('SIGTERM')
  child.kill('SIGINT')
  expect(await exited).toEqual([0, null])
  await calling
  const [pid = 0] = await pids()
  await until(() => !isAlive(pid))
})
