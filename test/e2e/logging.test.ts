import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startByHand } from '../support/by-hand.ts'
import { connection, liveActions } from '../support/samples.ts'
import { isAlive, mainJs, setup, temporaryFolder, until } from '../support/server.ts'

const plan = { connections: [connection], actions: liveActions }
const hasFullDisk = existsSync('/dev/full')

test('the log is a private file, and stderr stays empty', async () => {
  const harness = await setup({ plan, args: ['--log-level', 'trace'] })
  await harness.call('list-notes')
  await until(async () => (await harness.log()).includes('"tool":"list-notes"'))
  expect(harness.stderr()).toBe('')
  expect((await stat(join(harness.folder, 'server.log'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(harness.stateDir, 'cache'))).mode & 0o777).toBe(0o700)
})

test.skipIf(!hasFullDisk)('a log file that takes nothing costs no call', async () => {
  const harness = await setup({ plan, args: ['--log-file', '/dev/full', '--log-level', 'trace'] })
  for (let count = 0; count < 3; count++)
    expect(await harness.call('list-notes')).toMatchObject({ isError: false })
  expect(await harness.client.ping()).toEqual({})
  expect(isAlive(harness.pid())).toBe(true)
  expect(harness.protocolErrors).toEqual([])
})

const fifo = async () => {
  const file = join(await temporaryFolder(), 'log')
  await promisify(execFile)('mkfifo', [file])
  return file
}

test.skipIf(!hasFullDisk).each([
  ['a full disk', async () => '/dev/full'],
  ['a pipe that nobody reads', fifo],
])('the server ends though its log is %s', async (_, logFile) => {
  const args = [mainJs, '--sandbox', '--state-dir', await temporaryFolder(), '--log-file', await logFile()]
  const server = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  onTestFinished(() => void server.kill('SIGKILL'))
  const clientInfo = { name: 'test', version: '1' }
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`)
  await once(server.stdout, 'data')
  server.stdin.end()
  expect(await once(server, 'exit')).toEqual([0, null])
})

describe('a host that never reads stderr', () => {
  const count = 2000

  async function flooded() {
    const args = ['--log-level', 'trace', '--exclude-tools', 'create-note']
    const host = await startByHand(plan, { args, unreadStderr: true })
    const params = { name: 'create-note', arguments: {} }
    for (let call = 0; call < count; call++) host.send({ id: `call-${call}`, method: 'tools/call', params })
    return host
  }

  test('gets every answer', async () => {
    const { request, answered } = await flooded()
    await until(() => answered().filter((id) => String(id).startsWith('call-')).length === count)
    expect(await request('ping')).toMatchObject({ result: {} })
  })

  test('can end the server', async () => {
    const { server, request } = await flooded()
    await request('ping')
    const exited = once(server, 'exit')
    server.stdin?.end()
    expect(await exited).toEqual([0, null])
  })
})
