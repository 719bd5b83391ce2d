import { spawn } from 'node:child_process'
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js'
import { expect, test } from 'vitest'
import { type Json, mainJs, temporaryFolder } from '../support/server.ts'

const ping = { jsonrpc: '2.0', id: 'ping', method: 'ping' }
const list = { jsonrpc: '2.0', id: 'list', method: 'tools/list' }
const greet = (protocolVersion: string, more = {}) => ({
  jsonrpc: '2.0',
  id: 'greeting',
  method: 'initialize',
  params: { protocolVersion, capabilities: {}, clientInfo: { name: 'test', version: '1' }, ...more },
})

/** Gives the server all messages at once, as a pipe does, and returns what it wrote before it ended. */
async function ask(messages: readonly object[], answers: number): Promise<Json[]> {
  const args = [mainJs, '--cli', '/nowhere/membrane', '--state-dir', await temporaryFolder()]
  const server = spawn(process.execPath, [...args, '--log-level', 'silent'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  let output = ''
  server.stdin.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
  server.stdout.on('data', (chunk) => {
    output += chunk
    if (output.split('\n').length > answers) server.stdin.end()
  })
  await new Promise((resolve) => server.once('close', resolve))
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
