import { prefetch } from '../app/prefetch.ts'
import type { Address } from '../config/http-address.ts'
import type { Config } from '../config/options.ts'
import { createLogger, levelForHuman } from '../logger.ts'
import { createProcessRunner } from '../membrane/process.ts'
import { startHttpServer } from './http-server.ts'

interface Runtime {
  version: string
  env: Readonly<Record<string, string | undefined>>
  bundleDir: string
}

/**
 * Serves MCP over HTTP until a signal comes, and resolves when what was in progress has ended; a second signal ends it
 * at once. Throws UsageError before it listens. Rejects with an uncaught error.
 */
export async function serveHttp(
  config: Config,
  address: Address,
  { version, env, bundleDir }: Runtime,
): Promise<void> {
  const isAtTerminal = process.stderr.isTTY === true
  const log = createLogger({
    level: isAtTerminal ? levelForHuman(config) : config.logLevel,
    file: config.logFile,
  })
  const signals = watchSignals()
  const server = await startHttpServer({
    config,
    address,
    version,
    deps: { runner: createProcessRunner(), log, env, bundleDir },
    onMade: (app, own) => void prefetch(app, own),
  })
  if (isAtTerminal) process.stderr.write(`kustomer-mcp serves ${server.url}. Press Ctrl-C to stop.\n`)
  log.info({ event: 'listening', url: server.url, version, sandbox: config.sandbox })
  try {
    const why = await signals.first
    log.info({ event: 'stopping', why })
    // Only SIGTERM comes from what sends requests here too.
    await Promise.race([server.drain(why === 'SIGTERM' ? undefined : 0), signals.second])
  } finally {
    await server.stop()
    await log.flush()
  }
}

/** Signals that ask this process to end. Rejects with an uncaught error. */
function watchSignals(): { first: Promise<string>; second: Promise<void> } {
  const { promise: first, resolve, reject } = withResolvers<string>()
  const { promise: second, resolve: resolveSecond } = withResolvers<void>()
  let count = 0
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
    process.on(signal, () => {
      count++
      if (count === 1) resolve(signal)
      else resolveSecond()
    })
  process.on('uncaughtException', reject)
  process.on('unhandledRejection', reject)
  return { first, second }
}

/** As `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  let reject: (error: unknown) => void = () => undefined
  const promise = new Promise<T>((onValue, onError) => {
    resolve = onValue
    reject = onError
  })
  return { promise, resolve, reject }
}
