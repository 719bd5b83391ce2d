import { setImmediate } from 'node:timers/promises'
import { createApp, type RuntimeContext } from '../app/app.ts'
import { settleWithin, withDeadline } from '../async/deadline.ts'
import type { Config } from '../config/options.ts'
import type { Caller } from '../dispatch/dispatcher.ts'
import { ToolError } from '../errors.ts'
import { createLogger, type Logger } from '../logger.ts'
import { openSession } from '../mcp/opening.ts'
import { claimStdout, waitForDisconnect } from '../mcp/stdio.ts'
import { toolList } from '../mcp/tool-list.ts'
import type { ToolContext } from '../tools/tool.ts'

/** A host lists the tools as soon as it is initialized, and should not wait for what is only ours to do. */
const settleMs = 100
/** How old a live list may be before a start reads it again in the background. */
const freshMs = 15 * 60_000
const prefetchMs = 120_000
/** How long the end waits for what is ending, and for a host that reads slowly. */
const goodbyeMs = 1000

/**
 * Serves MCP over stdio until the host is gone, and resolves when no process of ours is left. Throws UsageError before
 * anything is started, and rejects when an error that nobody caught ended it, or a message that cannot be read.
 */
export async function serve(config: Config, surroundings: RuntimeContext): Promise<void> {
  const { version } = surroundings
  const log = createLogger({ level: config.logLevel, file: config.logFile })
  const gone = waitForDisconnect()
  const { context, tools, listed, call, runner } = await createApp(config, surroundings, log)
  const underWay = new Set<Promise<unknown>>()
  const tracked: Caller = (...given) => {
    const running = call(...given)
    underWay.add(running)
    return running.finally(() => underWay.delete(running))
  }
  const options = {
    version,
    tools,
    refusal: context.refusal,
    listed,
    call: tracked,
    log,
    resultFormat: config.resultFormat,
  }
  const onReady = () => void setTimeout(() => void prefetch(context, log), settleMs).unref()
  const output = claimStdout()
  const opening = openSession(process.stdin, output, { list: () => toolList(options), onReady })
  const server = opening.over.then(async (greeted) => {
    const { startServer } = await import('../mcp/server.ts')
    return startServer(options, { output, greeted }, onReady)
  })
  context.catalog.onChange(() => {
    opening.end()
    void server.then(({ toolsChanged }) => toolsChanged())
  })
  setTimeout(() => log.info({ event: 'started', version, sandbox: config.sandbox }), settleMs).unref()
  try {
    log.info({ event: 'stopping', why: await Promise.race([gone, server.then(({ closed }) => closed)]) })
  } finally {
    await runner.stop()
    // Each call says how it ended, to the host if it still reads, to the audit file and to the log.
    await settleWithin(goodbyeMs, () => Promise.allSettled(underWay))
    await settleWithin(goodbyeMs, async () => {
      // By then what has just ended is written.
      await setImmediate()
      await new Promise<void>((resolve) => output.write('', () => resolve()))
    })
    await log.flush()
  }
}

/** Learns the connection and its actions before the first call needs them. Its failure is the first call's to tell. */
async function prefetch({ connections, catalog }: ToolContext, log: Logger) {
  try {
    await withDeadline(prefetchMs, (signal) =>
      connections.withConnection(signal, (connectionId) => catalog.refresh(connectionId, freshMs, signal)),
    )
    log.info({ event: 'prefetched', ...catalog.status() })
  } catch (error) {
    log.info({ event: 'prefetch', reason: error instanceof ToolError ? error.reason : String(error) })
  }
}
