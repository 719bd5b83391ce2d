import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import type { RequestId } from '@modelcontextprotocol/sdk/types.js'

/** Takes a request's id and the SDK's signal for it, and returns the signal that a call gets. */
export type Follow = (id: RequestId, signal: AbortSignal) => AbortSignal

/** Requests that are remembered after their answer. A cancellation that crossed it is among the next messages. */
const maxRemembered = 500

/**
 * Takes a transport before a server is connected to it, and returns what follows its cancellations: the SDK forgets a
 * request with its answer, and so does not say that the host had given it up by then and heard nothing.
 */
export function followCancellations(transport: Transport): Follow {
  const controllers = new Map<RequestId, AbortController>()
  // The SDK calls a handler that stands here before its own.
  transport.onmessage = (message) => {
    if (!('method' in message) || message.method !== 'notifications/cancelled') return
    controllers.get(message.params?.['requestId'] as RequestId)?.abort()
  }
  return (id, signal) => {
    const controller = new AbortController()
    controllers.set(id, controller)
    const [oldest] = controllers.keys()
    if (controllers.size > maxRemembered && oldest !== undefined) controllers.delete(oldest)
    signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
    return controller.signal
  }
}
