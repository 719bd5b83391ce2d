import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js'
import { expect, test } from 'vitest'
import { type Json, mainJs, temporaryFolder } from '../support/harness.ts'

const ping = { jsonrpc: '2.0', id: 'ping', method: 'ping' }
const list = { jsonrpc: '2.0', id: 'list', method: 'tools/list' }
const greet = (protocolVersion: string, more = {}) => ({
  jsonrpc: '2.0',
  id: 'greeting',
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' }, ...more },
})

/**
 * Gives the server the messages, all at once as a pipe does or so many milliseconds apart, and returns what it wrote
 * before it ended.
 */
async function ask(messages: readonly object[], answers: number, apartMs = 0): Promise<Json[]> {
  const args = [mainJs, '--cli', '/nowhere/membrane', '--state-dir', await temporaryFolder()]
  const server = spawn(process.execPath, [...args, '--log-level', 'silent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  server.stdout.on('data', (chunk) => {
    output += chunk
    if (output.split('\n').length > answers) server.stdin.end()
  })
  const lines = messages.map((message) => `${JSON.stringify(message)}\n`)
  const closed = once(server, 'close')
  for (const line of apartMs === 0 ? [lines.join('')] : lines) {
    server.stdin.write(line)
    if (apartMs > 0) await setTimeout(apartMs)
  }
  await closed
  return output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

test('the opening answers as the SDK does, in each version of the protocol', async () => {
  await Promise.all(
    SUPPORTED_PROTOCOL_VERSIONS.map(async (version) => {
      const opening = await ask([greet(version), list], 2)
      // With this form the SDK is asked.
      const sdk = await ask([greet(version, { _meta: {} }), list], 2)
      expect(opening).toEqual(sdk)
      expect(opening[0].result.protocolVersion).toBe(version)
    }),
  )
})

test('a host hears each answer once when the server takes over, and may ask for an unknown version', async () => {
  const initialized = { jsonrpc: '2.0', method: 'notifications/initialized' }
  const ids = async (messages: object[], answers: number) =>
    (await ask(messages, answers)).map(({ id }) => id)
  const [version = ''] = SUPPORTED_PROTOCOL_VERSIONS
  expect(await ids([greet(version), initialized, list, ping, { ...list, id: 2 }], 4)).toEqual([
    'greeting',
    'list',
    'ping',
    2,
  ])
  expect(await ids([ping, greet('1999-01-01'), list], 3)).toEqual(['ping', 'greeting', 'list'])
})

test('a request with the id of the initialize, and a word that the initialize is given up, cost no answer', async () => {
  const [version = ''] = SUPPORTED_PROTOCOL_VERSIONS
  const cancelled = {
    jsonrpc: '2.0',
    method: 'notifications/cancelled',
    params: { requestId: 'greeting' },
  }
  const unknown = { jsonrpc: '2.0', id: 'greeting', method: 'no/such' }
  const [first, second] = await ask([greet(version), unknown], 2)
  expect([first.result.protocolVersion, second.error.code]).toEqual([version, -32601])
  const answers = await ask([greet(version), cancelled, { ...ping, id: 'greeting' }], 2, 300)
  expect(answers.map(({ id, error }) => [id, error])).toEqual([
    ['greeting', undefined],
    ['greeting', undefined],
  ])
})

test('a message that is too large to be read ends the server, and it says so', async () => {
  const server = spawn(process.execPath, [
    mainJs,
    '--cli',
    '/nowhere/membrane',
    '--state-dir',
    await temporaryFolder(),
  ])
  let errors = ''
  server.stderr.on('data', (chunk) => {
    errors += chunk
  })
  server.stdin
    .on('error', () => undefined)
    .write(`{"jsonrpc":"2.0","id":1,"method":"${'x'.repeat(11 * 1024 * 1024)}`)
  const [code] = await once(server, 'close')
  expect(code).toBe(1)
  expect(errors).toContain('kustomer-mcp: The host sent a message that is too large to be read.\n')
})
