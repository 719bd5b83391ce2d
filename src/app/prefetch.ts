import { withDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { App } from './app.ts'

/** How old a live list may be before it is read again. */
const freshMs = 15 * 60_000
const timeoutMs = 120_000

/** Learns the connection and its actions before the first call needs them. Errors surface on that call. */
export async function prefetch({ context: { connections, catalog } }: App, log: Logger): Promise<void> {
  try {
    await withDeadline(timeoutMs, (signal) =>
      connections.withConnection(signal, (connectionId) => catalog.refresh(connectionId, freshMs, signal)),
    )
    log.info({ event: 'prefetched', ...catalog.status() })
  } catch (error) {
    log.info({ event: 'prefetch', reason: error instanceof ToolError ? error.reason : String(error) })
  }
}
