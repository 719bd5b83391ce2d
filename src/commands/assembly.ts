import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Cache, createCache } from '../cache.ts'
import { type Caller, createCaller } from '../call.ts'
import { createCatalog } from '../catalog/catalog.ts'
import { UsageError } from '../config.ts'
import type { Logger } from '../logger.ts'
import { createBudget } from '../membrane/budget.ts'
import { createCli } from '../membrane/cli.ts'
import { createMembrane } from '../membrane/client.ts'
import { createGate } from '../membrane/gate.ts'
import { locateCli } from '../membrane/locate.ts'
import { createProcessRunner, type ProcessRunner } from '../membrane/process.ts'
import { createWorkspace } from '../membrane/workspace.ts'
import type { Config } from '../options.ts'
import { proxyMode, refusal, unknownNames } from '../policy.ts'
import { createResultStore } from '../result/result-store.ts'
import { createShaper } from '../result/shaper.ts'
import { createAudit } from '../safety/audit.ts'
import { createConfirmations } from '../safety/confirmation.ts'
import { createGuard, type Guard } from '../safety/guard.ts'
import { createWriteMemory } from '../safety/write-memory.ts'
import { createRecovery } from '../tools/recovery.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import { createToolset } from '../tools/toolset.ts'

/** What a command is given of the process it runs in. */
export interface Surroundings {
  version: string
  env: Readonly<Record<string, string | undefined>>
  /** The folder of the running bundle. */
  folder: string
  /** Writes text for the person, with a line end, to stdout. `serve` does not use it: there stdout is MCP alone. */
  print(text: string): void
}

/** The program put together: what it offers, and what runs a call. */
export interface Assembly {
  context: ToolContext
  /** All tools, allowed or not, in their fixed order. */
  tools: () => readonly Tool[]
  guard: Guard
  call: Caller
  /** What must be stopped before the process ends. */
  runner: ProcessRunner
}

/**
 * Takes the configuration and the log and puts the program together. Starts nothing and asks nothing; what an earlier
 * run left on disk is read. Throws UsageError when the lists of tools name one that does not exist.
 */
export async function assemble(config: Config, surroundings: Surroundings, log: Logger): Promise<Assembly> {
  const runner = createProcessRunner()
  const cache = createCache(join(config.stateDir, 'cache'), ({ message }) =>
    log.warn({ event: 'cache', error: message }),
  )
  const context = createContext(config, surroundings, runner, cache)
  const tools = createToolset(context, { connection: config.connection, proxy: proxyMode(config) })
  refuseUnknownNames(config, tools())
  await loadKnown(context)
  const guard = createServerGuard(config, context, cache, log)
  const recovering = createRecovery(context)
  const shape = createShaper({ ...config, store: context.results })
  const offered = () => tools().filter((tool) => context.refusal(tool) === undefined)
  const call = createCaller({ guard, recovering, shape, offered, timeoutMs: config.timeoutMs, log })
  return { context, tools, guard, call, runner }
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
  cache: Cache,
): ToolContext {
  // The simulation stands behind the same contract as the real CLI: from here on nothing tells them apart.
  const cli = config.sandbox ? join(folder, 'sandbox.js') : config.cli
  const scope = cli ?? 'found'
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
    results: createResultStore(),
    refusal: (tool) => refusal(config, tool),
  }
}

function createServerGuard(
  config: Config,
  { refusal, workspace }: ToolContext,
  cache: Cache,
  log: Logger,
): Guard {
  const scope = [config.sandbox ? 'sandbox' : config.cli, config.connection].join('|')
  return createGuard({
    refusal,
    readOnly: config.readOnly,
    confirm: config.confirm,
    confirmations: createConfirmations(),
    memory: createWriteMemory({ cache, folder: join(config.stateDir, 'writes'), scope }),
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
