import { setImmediate } from 'node:timers/promises'
import { createApp } from '../app/app.ts'
import { prefetch } from '../app/prefetch.ts'
import { settleWithin } from '../async/deadline.ts'
import { localPrincipal } from '../auth/principal.ts'
import { refuseOauth } from '../config/oauth-settings.ts'
import type { Config } from '../config/options.ts'
import { createLogger, levelForHuman } from '../logger.ts'
import { connectServer } from '../mcp/server.ts'
import { claimStdout, createStdioTransport, waitForDisconnect } from '../mcp/stdio.ts'
import { createProcessRunner } from '../membrane/process.ts'
import type { RuntimeContext } from './runtime.ts'

/** A client lists the tools as soon as it is initialized, and should not wait for background work. */
const settleMs = 100
const startedByHand = 'kustomer-mcp is waiting for an MCP client on stdin. Press Ctrl-C to stop.'
/** How long the end waits for calls that are ending, and for a client that reads slowly. */
const shutdownMs = 1000

/** Serves MCP where the configuration says. The code for HTTP is loaded for nothing else. */
export async function serve(config: Config, runtime: RuntimeContext): Promise<void> {
  if (config.http === undefined) return serveStdio(config, runtime)
  const { serveHttp } = await import('../http/serve-http.ts')
  return serveHttp(config, config.http, runtime)
}

/**
 * Serves MCP over stdio until the client has disconnected, and resolves when no process of ours is left. Throws UsageError
 * before anything is started. Rejects with an uncaught error, and when a message is too large to be read.
 */
async function serveStdio(config: Config, { version, env, bundleDir }: RuntimeContext): Promise<void> {
  refuseOauth(config)
  const isAtTerminal = process.stdin.isTTY === true
  const level = isAtTerminal ? levelForHuman(config) : config.logLevel
  const log = createLogger({ level, file: config.logFile })
  const disconnected = waitForDisconnect()
  if (isAtTerminal) process.stderr.write(`${startedByHand}\n`)
  const app = createApp(config, { runner: createProcessRunner(), log, env, bundleDir })
  const output = claimStdout()
  const server = await connectServer(
    {
      ...app,
      principal: localPrincipal,
      version,
      log,
      onReady: () => void setTimeout(() => void prefetch(app, log), settleMs).unref(),
    },
    createStdioTransport(process.stdin, output),
  )
  app.onToolsChanged(server.notifyToolsChanged)
  setTimeout(() => log.info({ event: 'started', version, sandbox: config.sandbox }), settleMs).unref()
  try {
    log.info({ event: 'stopping', why: await Promise.race([disconnected, server.closed]) })
  } finally {
    await app.stop()
    await settleWithin(shutdownMs, app.idle)
    await settleWithin(shutdownMs, async () => {
      // The responses of calls that have just ended are written by then.
      await setImmediate()
      await new Promise<void>((resolve) => output.write('', () => resolve()))
      // A client that is gone did not receive all of them. Its writes stay known to the next server.
      if (output.errored === null) await app.close()
    })
    await log.flush()
  }
}
