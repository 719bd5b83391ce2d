import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import type { JSONRPCMessage, RequestId } from '@modelcontextprotocol/sdk/types.js'
import type { Json } from '../json.ts'
import { connectServer, type ServerOptions } from './server.ts'

export interface HttpRequest {
  /** A normalized request with an id. */
  message: Json
  version: string
  /** Whether the answer is a stream of events, which can say how the call goes on. */
  streams: boolean
  /** Aborts when the client is gone. */
  signal: AbortSignal
}

/**
 * Answers one request with a server of its own. When the client is gone the request is cancelled as by a notification:
 * reads end, and a started write runs on. Then the promise may stay pending.
 */
export async function answerRequest(
  options: ServerOptions,
  { message, version, streams, signal }: HttpRequest,
): Promise<Response> {
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !streams })
  await connectServer({ ...options, statelessVersion: version }, transport)
  const cancel = () => {
    const params = { requestId: message['id'] as RequestId }
    transport.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params } as JSONRPCMessage)
    void transport.close()
  }
  signal.addEventListener('abort', cancel, { once: true })
  const headers = {
    accept: 'application/json, text/event-stream',
    'content-type': 'application/json',
    'mcp-protocol-version': version,
  }
  // Only its headers are read. The address is that of no host.
  const request = new Request('http://mcp.invalid/mcp', { method: 'POST', headers })
  return transport.handleRequest(request, { parsedBody: message })
}
