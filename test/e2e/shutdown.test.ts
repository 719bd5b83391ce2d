import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startByHand } from '../support/by-hand.ts'
import { connection, liveActions } from '../support/samples.ts'
import { faultyCli, isAlive, type Json, mainJs, until } from '../support/server.ts'

const usable = { connections: [connection], actions: liveActions }
/** A CLI that ignores SIGTERM and has started a process that does the same. */
const stubborn = { ...usable, faults: [{ when: 'action run', hang: true, deaf: true, child: true }] }

/** The processes that run an action, and what they started. */
const pidsIn = (records: Json[]): number[] =>
  records.flatMap(({ argv, pid, child, session }) => child ?? session ?? (argv?.[1] === 'run' ? pid : []))

/** A server with one action in progress, a second one running, and a third one waiting for its turn. */
async function busyServer() {
  const started = await startByHand(stubborn, { args: ['--max-concurrency', '2'] })
  expect(await started.call('connection-status')).toMatchObject({ isError: false })
  for (const id of ['a', 'b', 'c']) started.send({ id, method: 'tools/call', params: { name: 'list-notes' } })
  const pids = async () => pidsIn(await started.records())
  await until(async () => (await pids()).length >= 4)
  return { ...started, pids }
}

describe('no process is left', () => {
  test.each<[string, (server: ReturnType<typeof spawn>) => void]>([
    ['stdin ends', ({ stdin }) => stdin?.end()],
    ['SIGTERM', (server) => server.kill('SIGTERM')],
    ['SIGINT', (server) => server.kill('SIGINT')],
    ['all pipes close', ({ stdin, stdout }) => void [stdin?.destroy(), stdout?.destroy()]],
  ])('after %s', async (_, end) => {
    const { server, pids } = await busyServer()
    const exited = once(server, 'exit')
    end(server)
    expect(await exited).toEqual([0, null])
    const started = await pids()
    await until(() => !started.some(isAlive))
    // What waited for its turn was not started.
    expect(started).toHaveLength(4)
    expect(await pids()).toEqual(started)
  })

  test('after the host crashed', async () => {
    const { folder, args, env, records } = await stubbornServer()
    const call = { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name: 'list-notes' } }
    // The host holds the only writing end of the server's stdin; killed, it can tidy up nothing.
    const source = `
      const { spawn } = require('node:child_process')
      const server = spawn(process.execPath, ${JSON.stringify(args)}, { stdio: ['pipe', 'ignore', 'ignore'] })
      server.stdin.write(${JSON.stringify(`${JSON.stringify(call)}\n`)})
      console.log(server.pid)
      setInterval(() => {}, 1e9)`
    const host = spawn(process.execPath, ['-e', source], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [chunk] = await once(host.stdout, 'data')
    const serverPid = Number(String(chunk))
    onTestFinished(() => void (isAlive(serverPid) && process.kill(serverPid, 'SIGKILL')))
    await until(async () => pidsIn(await records()).length >= 2)
    host.kill('SIGKILL')
    await until(() => !isAlive(serverPid))
    const started = pidsIn(await records())
    await until(() => !started.some(isAlive))
  })
})

/** What starts a server on the stubborn CLI. */
async function stubbornServer() {
  const { server, folder, stateDir, env, records } = await startByHand(stubborn)
  const exited = once(server, 'exit')
  server.stdin?.end()
  await exited
  return {
    folder,
    env,
    records,
    args: [mainJs, '--cli', faultyCli, '--state-dir', stateDir, '--log-level', 'silent'],
  }
}

test('a session that the CLI began is ended with it', async () => {
  const faults = [{ when: 'action run', session: 60_000, hang: true }]
  const host = await startByHand({ ...usable, faults })
  host.send({ id: 'a', method: 'tools/call', params: { name: 'list-notes' } })
  await until(async () => pidsIn(await host.records()).length >= 2)
  const exited = once(host.server, 'exit')
  host.server.stdin?.end()
  expect(await exited).toEqual([0, null])
  const started = pidsIn(await host.records())
  await until(() => !started.some(isAlive))
})

test('a cancelled call ends its processes, and no late answer comes', async () => {
  const host = await startByHand(stubborn)
  host.send({ id: 'a', method: 'tools/call', params: { name: 'list-notes' } })
  await until(async () => pidsIn(await host.records()).length >= 2)
  host.send({ method: 'notifications/cancelled', params: { requestId: 'a' } })
  const started = pidsIn(await host.records())
  await until(() => !started.some(isAlive))
  expect(await host.call('connection-status')).toMatchObject({ isError: false })
  expect(host.answered()).not.toContain('a')
})

test('a call past its deadline ends its processes', async () => {
  const host = await startByHand(stubborn, { args: ['--timeout-ms', '1000'] })
  expect((await host.call('list-notes')).text).toMatch(/^timeout: /)
  const started = pidsIn(await host.records())
  expect(started).toHaveLength(2)
  await until(() => !started.some(isAlive))
})

test('a message that is too large ends the server with a reason', async () => {
  const server = spawn(process.execPath, [
    mainJs,
    '--cli',
    '/nowhere/membrane',
    '--state-dir',
    '/nowhere/state',
  ])
  let errors = ''
  server.stderr.on('data', (chunk) => {
    errors += chunk
  })
  server.stdin
    .on('error', () => undefined)
    .write(`{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(11 * 1024 * 1024)}`)
  const [code] = await once(server, 'close')
  expect([code, errors]).toEqual([
    1,
    expect.stringMatching(/kustomer-mcp: The client sent a message that is too large to be read\.\n/),
  ])
})
