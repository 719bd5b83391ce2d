import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  isAlive,
  type Json,
  mainJs,
  setup,
  startByHand,
  temporaryFolder,
  until,
  warm,
} from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

const plan = { connections: [connection], actions: liveActions }

test.skipIf(!existsSync('/dev/full'))('a log file that takes nothing costs the log and no call', async () => {
  const harness = await setup({
    plan,
    args: ['--log-file', '/dev/full', '--log-level', 'trace'],
  })
  for (let count = 0; count < 3; count++) {
    const { isError, text } = await harness.call('list-notes')
    expect(isError, text).toBe(false)
  }
  expect((await harness.call('connection-status')).structured.data.ready).toBe(true)
  expect(await harness.client.ping()).toEqual({})
  expect(isAlive(harness.pid())).toBe(true)
  expect(harness.protocolErrors).toEqual([])
})

const fifo = async () => {
  const file = join(await temporaryFolder(), 'log')
  await promisify(execFile)('mkfifo', [file])
  return file
}

test.skipIf(!existsSync('/dev/full')).each([
  ['a disk that is full', async () => '/dev/full'],
  ['a pipe that nobody reads', fifo],
])('the server ends though its log is %s', async (_, logFile) => {
  const args = [mainJs, '--sandbox', '--state-dir', await temporaryFolder(), '--log-file', await logFile()]
  const server = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const clientInfo = { name: 'test', version: '1' }
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }
  server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`)
  await once(server.stdout, 'data')
  server.stdin.end()
  expect(await once(server, 'exit')).toEqual([0, null])
})

describe('a host that never reads stderr', () => {
  const calls = 3000

  async function flooded() {
    const args = ['--log-level', 'trace', '--exclude-tools', 'create-note']
    const host = await startByHand(plan, { args, unreadStderr: true })
    for (let count = 0; count < calls; count++) {
      host.send({ id: `call-${count}`, method: 'tools/call', params: { name: 'create-note', arguments: {} } })
    }
    return host
  }

  test('gets every answer', async () => {
    const { request, answered } = await flooded()
    expect(await request('ping')).toMatchObject({ result: {} })
    await until(() => answered().filter((id) => String(id).startsWith('call-')).length === calls)
    expect(await request('ping')).toMatchObject({ result: {} })
  })

  test('is left by the server when it ends stdin', async () => {
    const { server, request } = await flooded()
    await request('ping')
    const exited = once(server, 'exit')
    server.stdin?.end()
    expect(await exited).toEqual([0, null])
  })
})

test('a call of a tool that does not exist is an error for the host, and one line of the log', async () => {
  const harness = await setup({ plan })
  const names = ['no-such-tool', 'list-notes\nforged line', `long${'x'.repeat(5000)}`]
  const linesBefore = await outcomes(harness)
  for (const name of names) {
    const isError = await harness.client.callTool({ name }).then(
      (result) => result.isError === true,
      () => true,
    )
    expect(isError, name).toBe(true)
  }
  const lines = (await outcomes(harness)).slice(linesBefore.length)
  expect(lines).toHaveLength(names.length)
  for (const line of lines) {
    expect(line).toMatchObject({ outcome: 'error' })
    expect(JSON.stringify(line).length).toBeLessThan(2000)
  }
  expect(harness.calls().filter(({ argv }) => argv[1] === 'run')).toEqual([])
  expect((await harness.call('list-notes')).isError).toBe(false)
})

test('what a host sends wrongly leaves its kind in the log and nothing of what it says', async () => {
  const host = await startByHand(plan, { args: ['--log-level', 'trace'] })
  const mark = 'what Ada wrote'
  host.send({ id: 4711, result: { action: 'accept', content: { choice: mark } } })
  host.send({
    method: 'notifications/progress',
    params: { progressToken: mark, progress: 1, message: mark },
  })
  host.send({ id: 1, method: 7, params: { text: mark } })
  host.server.stdin?.write(`"${mark}\n${mark}\n`)
  const nested = `${'['.repeat(20_000)}${']'.repeat(20_000)}`
  const note = `{"conversation":"${'a'.repeat(24)}","body":"x","meta":${nested}}`
  host.server.stdin?.write(
    `{"jsonrpc":"2.0","id":"deep","method":"tools/call","params":{"name":"create-note","arguments":${note}}}\n`,
  )
  await until(() => host.answered().includes('deep'))
  const { isError, text } = await host.call('proxy_request', {
    path: '/v1/customers',
    query: { [`\u001b]0;${mark}\u202e${'x'.repeat(5000)}`]: '\u0001' },
  })
  expect(isError).toBe(true)
  expect(text).toMatch(/^invalid-input: `query`/)
  expect(text.length).toBeLessThan(300)
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
  expect(text).not.toMatch(/[\u0000-\u001f\u202e]/)
  const log = await host.log()
  expect(log.split('"event":"protocol"').length).toBeGreaterThan(4)
  expect(log).toContain('Received a response for an unknown message ID"')
  expect(log).not.toContain('Ada')
  expect(log).not.toMatch(/"event":"mistake"/)
})

/** The log's lines about calls, each of which must be one JSON object. */
async function outcomes({ log }: { log(): Promise<string> }): Promise<Json[]> {
  const lines = log().split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).filter(({ outcome }) => outcome !== undefined)
}
