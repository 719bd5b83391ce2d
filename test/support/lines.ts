import { randomUUID } from 'node:crypto'
import { PassThrough, Writable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import { LATEST_PROTOCOL_VERSION } from '@modelcontextprotocol/sdk/types.js'
import { createStdioTransport } from '../../src/mcp/stdio.ts'
import { type AppOptions, type Json, startApp } from './app.ts'
import { until } from './harness.ts'

/** Serves a client that writes lines by hand, on the transport of stdio. It has not been initialized. */
export async function setupLines(options: AppOptions = {}) {
  const { log, connect } = await startApp(options)
  const input = new PassThrough()
  const messages: Json[] = []
  const output = new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).split('\n').filter(Boolean)) messages.push(JSON.parse(line))
      done()
    },
  })
  await connect(createStdioTransport(input, output))
  const responses = (id: unknown) => messages.filter((message) => isDeepStrictEqual(message.id, id))
  const send = (...lines: (string | object)[]) =>
    void input.write(
      lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
    )
  /** Sends a request and resolves with its response. */
  async function request(method: string, params?: object, id: string | number = randomUUID()): Promise<Json> {
    send({ jsonrpc: '2.0', id, method, params })
    await until(() => responses(id).length > 0)
    return responses(id)[0]
  }
  return {
    send,
    request,
    responses,
    /** Every message of the server so far. */
    messages,
    log: log.text,
    async initialize(protocolVersion: string = LATEST_PROTOCOL_VERSION): Promise<Json> {
      const clientInfo = { name: 'lines', version: '1' }
      const response = await request('initialize', { protocolVersion, capabilities: {}, clientInfo })
      send({ jsonrpc: '2.0', method: 'notifications/initialized' })
      return response
    },
  }
}
