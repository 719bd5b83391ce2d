import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { createCache } from '../cache.ts'
import { createCatalog } from '../catalog/catalog.ts'
import { UsageError } from '../config.ts'
import { withDeadline } from '../deadline.ts'
import { Failure } from '../failure.ts'
import { createLogger, type Logger } from '../logger.ts'
import { startServer } from '../mcp/server.ts'
import { hostGone, stdioTransport } from '../mcp/stdio.ts'
import { createCli } from '../membrane/cli.ts'
import { createMembrane } from '../membrane/client.ts'
import { createGate } from '../membrane/gate.ts'
import { locateCli } from '../membrane/locate.ts'
import { createProcessRunner, type ProcessRunner } from '../membrane/process.ts'
import { createWorkspace } from '../membrane/workspace.ts'
import type { Config } from '../options.ts'
import { enforce, proxyMode, refusal, unknownNames } from '../policy.ts'
import type { ToolContext } from '../tools/tool.ts'
import { createToolset } from '../tools/toolset.ts'

export interface Surroundings {
  version: string
  env: Readonly<Record<string, string | undefined>>
  /** The folder of the running bundle. */
  folder: string
}

/** How old a live list may be before a start reads it again in the background. */
const freshMs = 15 * 60_000
const prefetchMs = 120_000

/** Serves MCP over stdio until the host is gone. Throws UsageError before anything is started. */
export async function serve(config: Config, { version, env, folder }: Surroundings): Promise<void> {
  const log = createLogger({ level: config.logLevel, file: config.logFile })
  const runner = createProcessRunner()
  const context = createContext(config, { version, env, folder }, { runner, log })
  const tools = createToolset(context, { connection: config.connection, proxy: proxyMode(config) })
  const unknown = unknownNames(config, tools())
  if (unknown.length > 0)
    throw new UsageError(
      `--tools, --exclude-tools: unknown: ${unknown.join(', ')}. Known: ${tools()
        .map(({ name }) => name)
        .join(', ')}.`,
    )

  const gone = hostGone()
  await loadKnown(context)
  const options = {
    version,
    tools,
    isOffered: (tool: ReturnType<typeof tools>[number]) => refusal(config, tool) === undefined,
    enforce: (tool: ReturnType<typeof tools>[number]) => enforce(config, tool),
    timeoutMs: config.timeoutMs,
    log,
  }
  const server = await startServer(options, stdioTransport(), () => void prefetch(context, log))
  context.catalog.onChange(server.toolsChanged)
  log.info({ event: 'started', version, sandbox: config.sandbox })
  log.info({ event: 'stopping', why: await gone })
  await runner.stop()
}

function createContext(
  config: Config,
  { env, folder }: Surroundings,
  { runner, log }: { runner: ProcessRunner; log: Logger },
): ToolContext {
  const cache = createCache(join(config.stateDir, 'cache'), ({ message }) =>
    log.warn({ event: 'cache', error: message }),
  )
  // The simulation stands behind the same contract as the real CLI: from here on nothing tells them apart.
  const cli = config.sandbox ? join(folder, 'sandbox.js') : config.cli
  const childEnv = config.sandbox ? { ...env, MEMBRANE_SANDBOX_DIR: join(config.stateDir, 'sandbox') } : env
  const scope = cli ?? 'found'
  const membrane = createMembrane(
    createCli({
      locate: () => locateCli({ cli, env, packageFolder: dirname(folder) }),
      runner,
      gate: createGate(config.maxConcurrency),
      cache,
      env: childEnv,
      cwd: homedir(),
    }),
  )
  const workspace = createWorkspace({ membrane, cache, configured: config.connection, scope })
  return { membrane, workspace, catalog: createCatalog(membrane, cache, scope) }
}

/** What an earlier run left on disk is in the first `tools/list` already. */
async function loadKnown({ workspace, catalog }: ToolContext) {
  const connectionId = await workspace.known()
  if (connectionId !== undefined) await catalog.load(connectionId)
}

/** Learns the connection and its actions before the first call needs them. Its failure is the first call's to tell. */
async function prefetch({ workspace, catalog }: ToolContext, log: Logger) {
  try {
    await withDeadline(prefetchMs, (signal) =>
      workspace.use(signal, (connectionId) => catalog.refresh(connectionId, freshMs)),
    )
    log.info({ event: 'prefetched', ...catalog.status() })
  } catch (error) {
    log.info({ event: 'prefetch', reason: error instanceof Failure ? error.reason : String(error) })
  }
}
