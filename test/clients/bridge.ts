import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { StdioClientTransport, type StdioServerParameters } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js'

/**
 * Serves a stdio server over HTTP on this machine, one process a session: messages pass as they are, both ways. Returns its address and a function that ends all of it.
 */
export async function bridge(parameters: StdioServerParameters) {
  const sessions = new Map<string, StreamableHTTPServerTransport>()

  async function open(): Promise<StreamableHTTPServerTransport> {
    const program = new StdioClientTransport(parameters)
    const http = new StreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, http),
    })
    program.onmessage = (message) => void http.send(message).catch(() => undefined)
    http.onmessage = (message) => void program.send(message)
    http.onclose = () => void program.close()
    await program.start()
    await http.start()
    return http
  }

  const server = createServer(async (request, response) => {
    const known = sessions.get(String(request.headers['mcp-session-id']))
    await (known ?? (await open())).handleRequest(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async close() {
      await Promise.all([...sessions.values()].map((session) => session.close()))
      server.closeAllConnections()
      server.close()
    },
  }
}
