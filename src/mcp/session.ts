import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  LATEST_PROTOCOL_VERSION,
  type RequestId,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js'

/** What the SDK does not tell of a session. */
export interface Session {
  /** The negotiated revision of the protocol. */
  protocolVersion(): string
  /** The signal of a request. It aborts with the SDK's, and on a cancellation after the response was sent. */
  signalFor(id: RequestId, signal: AbortSignal): AbortSignal
}

/** Requests that are remembered after their response. A cancellation that crossed it is among the next messages. */
const maxRemembered = 500

/** Observes a transport. Call it before a server is connected: the SDK keeps a handler that is set already. */
export function observeSession(transport: Transport): Session {
  const controllers = new Map<RequestId, AbortController>()
  let requested = LATEST_PROTOCOL_VERSION
  transport.onmessage = (message) => {
    if (!('method' in message)) return
    const { method, params } = message
    if (method === 'initialize') requested = String(params?.['protocolVersion'])
    if (method === 'notifications/cancelled') controllers.get(params?.['requestId'] as RequestId)?.abort()
  }
  return {
    protocolVersion: () =>
      SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION,
    signalFor(id, signal) {
      const controller = new AbortController()
      controllers.set(id, controller)
      const [oldest] = controllers.keys()
      if (controllers.size > maxRemembered && oldest !== undefined) controllers.delete(oldest)
      signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
      return controller.signal
    },
  }
}
