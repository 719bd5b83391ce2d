import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js'
import { type JSONRPCMessage, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js'
import packageJson from '../../package.json' with { type: 'json' }
import { createServer } from './sdk-server.ts'

/** Asks the SDK's server, and so answers as it does. */
async function answerTo(protocolVersion: string): Promise<unknown> {
  const [host, transport] = InMemoryTransport.createLinkedPair()
  const answer = new Promise<JSONRPCMessage>((resolve) => {
    host.onmessage = resolve
  })
  await createServer(packageJson.version).connect(transport)
  const clientInfo = { name: 'build', version: '1' }
  const params = { protocolVersion, capabilities: {}, clientInfo }
  await host.send({ jsonrpc: '2.0', id: 1, method: 'initialize', params })
  const message = await answer
  if (!('result' in message)) throw new Error(`initialize with ${protocolVersion} failed`)
  return message.result
}

/** The result of `initialize` for each version of the protocol that the SDK knows. The bundle holds it ready made. */
export const initializeResults: Readonly<Record<string, unknown>> = Object.fromEntries(
  await Promise.all(
    SUPPORTED_PROTOCOL_VERSIONS.map(async (version) => [version, await answerTo(version)] as const),
  ),
)
