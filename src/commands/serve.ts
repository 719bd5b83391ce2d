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
import { createBudget } from '../membrane/budget.ts'
import { createCli } from '../membrane/cli.ts'
import { createMembrane } from '../membrane/client.ts'
import { createGate } from '../membrane/gate.ts'
import { locateCli } from '../membrane/locate.ts'
import { createProcessRunner, type ProcessRunner } from '../membrane/process.ts'
import { createWorkspace } from '../membrane/workspace.ts'
import type { Config } from '../options.ts'
import { proxyMode, refusal, unknownNames } from '../policy.ts'
import { createAudit } from '../safety/audit.ts'
import { createConfirmations } from '../safety/confirmation.ts'
import { createGuard, type Guard } from '../safety/guard.ts'
import { createWriteMemory } from '../safety/write-memory.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
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

/**
 * Serves MCP over stdio until the host is gone, and resolves when no process of ours is left. Throws UsageError before
 * anything is started, and rejects when an error that nobody caught ended it.
 */
export async function serve(config: Config, surroundings: Surroundings): Promise<void> {
  const { version } = surroundings
  const log = createLogger({ level: config.logLevel, file: config.logFile })
  const runner = createProcessRunner()
  const context = createContext(config, surroundings, runner, log)
  const tools = createToolset(context, { connection: config.connection, proxy: proxyMode(config) })
  refuseUnknownNames(config, tools())

  const gone = hostGone()
  await loadKnown(context)
  const guard = createServerGuard(config, context, log)
  const options = { version, tools, refusal: context.refusal, guard, timeoutMs: config.timeoutMs, log }
  const server = await startServer(options, stdioTransport(), () => void prefetch(context, log))
  context.catalog.onChange(server.toolsChanged)
  log.info({ event: 'started', version, sandbox: config.sandbox })
  try {
    log.info({ event: 'stopping', why: await gone })
  } finally {
    await runner.stop()
  }
}

function refuseUnknownNames(config: Config, known: readonly Tool[]): void {
  const unknown = unknownNames(config, known)
  if (unknown.length === 0) return
  const names = [...new Set(known.flatMap(({ name, group }) => [group, name]))]
  throw new UsageError(
    `--tools, --exclude-tools: unknown: ${unknown.join(', ')}. Known: ${names.join(', ')}.`,
  )
}

function createContext(
  config: Config,
  { env, folder }: Surroundings,
  runner: ProcessRunner,
  log: Logger,
): ToolContext {
  // The simulation stands behind the same contract as the real CLI: from here on nothing tells them apart.
  const cli = config.sandbox ? join(folder, 'sandbox.js') : config.cli
  const scope = cli ?? 'found'
  const cache = cacheOf(config, log)
  const membrane = createMembrane(
    createCli({
      locate: () => locateCli({ cli, env, packageFolder: dirname(folder) }),
      runner,
      gate: createGate(config.maxConcurrency),
      cache,
      env: config.sandbox ? { ...env, MEMBRANE_SANDBOX_DIR: join(config.stateDir, 'sandbox') } : env,
      cwd: homedir(),
    }),
    createBudget({ ...config, folder: join(config.stateDir, 'budget') }),
  )
  return {
    membrane,
    workspace: createWorkspace({ membrane, cache, configured: config.connection, scope }),
    catalog: createCatalog(membrane, cache, scope),
    refusal: (tool) => refusal(config, tool),
  }
}

const cacheOf = ({ stateDir }: Config, log: Logger) =>
  createCache(join(stateDir, 'cache'), ({ message }) => log.warn({ event: 'cache', error: message }))

function createServerGuard(config: Config, { refusal, workspace }: ToolContext, log: Logger): Guard {
  const scope = [config.sandbox ? 'sandbox' : config.cli, config.connection].join('|')
  return createGuard({
    refusal,
    readOnly: config.readOnly,
    confirm: config.confirm,
    confirmations: createConfirmations(),
    memory: createWriteMemory(cacheOf(config, log), scope),
    audit: config.auditFile === undefined ? undefined : createAudit(config.auditFile),
    connection: workspace.known,
    log,
  })
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
      workspace.use(signal, (connectionId) => catalog.refresh(connectionId, freshMs, signal)),
    )
    log.info({ event: 'prefetched', ...catalog.status() })
  } catch (error) {
    log.info({ event: 'prefetch', reason: error instanceof Failure ? error.reason : String(error) })
  }
}
