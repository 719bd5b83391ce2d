import { dirname, join } from 'node:path'
import type { Config } from '../config/options.ts'
import { createAudit } from '../dispatch/audit.ts'
import { createConfirmations } from '../dispatch/confirmation.ts'
import { type Caller, createCaller } from '../dispatch/dispatcher.ts'
import { createGuard } from '../dispatch/guard.ts'
import { createRecovery } from '../dispatch/recovery.ts'
import { createWriteMemory } from '../dispatch/write-memory.ts'
import type { Logger } from '../logger.ts'
import { createCli } from '../membrane/cli.ts'
import { createMembrane, type Membrane } from '../membrane/client.ts'
import { locateCli } from '../membrane/locate.ts'
import type { ProcessRunner } from '../membrane/process.ts'
import { createProcessQueue } from '../membrane/queue.ts'
import { createRateLimiter } from '../membrane/rate-limit.ts'
import { createResponseFormatter } from '../response/formatter.ts'
import { createResultStore, type ResultStore } from '../response/result-store.ts'
import type { Cache } from '../store/cache.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import type { RuntimeContext } from './app.ts'

export interface CallingParts {
  config: Config
  surroundings: RuntimeContext
  /** Where the Membrane CLI is, when that is not to be found out. */
  cli: string | undefined
  context: ToolContext
  tools: () => readonly Tool[]
  cache: Cache
  runner: ProcessRunner
  log: Logger
}

/** What the first call needs beyond what lists the tools. */
export interface Calling {
  membrane: Membrane
  results: ResultStore
  call: Caller
  /** Says that whoever asks has heard every answer so far. Never rejects. */
  heard(): Promise<void>
}

/** Takes what lists the tools, and returns what runs their calls. */
export function createCalling({ config, surroundings, cli, ...parts }: CallingParts): Calling {
  const { context, tools, cache, runner, log } = parts
  const { env, bundleDir } = surroundings
  const membrane = createMembrane(
    createCli({
      locate: () => locateCli({ cli, env, packageFolder: dirname(bundleDir) }),
      runner,
      gate: createProcessQueue(config.maxConcurrency),
      cache,
      env: config.sandbox ? { ...env, MEMBRANE_SANDBOX_DIR: join(config.stateDir, 'sandbox') } : env,
      compileCache: join(config.stateDir, 'compile-cache'),
    }),
    createRateLimiter(config),
  )
  const scope = [config.sandbox ? 'sandbox' : config.cli, config.connection].join('|')
  const memory = createWriteMemory({ cache, folder: join(config.stateDir, 'writes'), scope })
  const guard = createGuard({
    refusal: context.refusal,
    readOnly: config.readOnly,
    confirm: config.confirm,
    confirmations: createConfirmations(),
    memory,
    audit: config.auditFile === undefined ? undefined : createAudit(config.auditFile),
    connection: context.connections.cachedId,
    log,
  })
  const results = createResultStore()
  const call = createCaller({
    guard,
    recovering: createRecovery(context),
    shape: createResponseFormatter({ ...config, store: results }),
    offered: () => tools().filter((tool) => context.refusal(tool) === undefined),
    timeoutMs: config.timeoutMs,
    explain: surroundings.formatError,
    log,
  })
  return { membrane, results, call, heard: memory.heard }
}
