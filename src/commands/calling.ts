import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Cache } from '../cache.ts'
import { type Caller, createCaller } from '../call.ts'
import type { Logger } from '../logger.ts'
import { createBudget } from '../membrane/budget.ts'
import { createCli } from '../membrane/cli.ts'
import { createMembrane, type Membrane } from '../membrane/client.ts'
import { createGate } from '../membrane/gate.ts'
import { locateCli } from '../membrane/locate.ts'
import type { ProcessRunner } from '../membrane/process.ts'
import type { Config } from '../options.ts'
import { createResultStore, type ResultStore } from '../result/result-store.ts'
import { createShaper } from '../result/shaper.ts'
import { createAudit } from '../safety/audit.ts'
import { createConfirmations } from '../safety/confirmation.ts'
import { createGuard } from '../safety/guard.ts'
import { createWriteMemory } from '../safety/write-memory.ts'
import { createRecovery } from '../tools/recovery.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import type { Surroundings } from './assembly.ts'

export interface CallingParts {
  config: Config
  surroundings: Surroundings
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
  const { env, folder } = surroundings
  const membrane = createMembrane(
    createCli({
      locate: () => locateCli({ cli, env, packageFolder: dirname(folder) }),
      runner,
      gate: createGate(config.maxConcurrency),
      cache,
      env: config.sandbox ? { ...env, MEMBRANE_SANDBOX_DIR: join(config.stateDir, 'sandbox') } : env,
      compileCache: join(config.stateDir, 'compile-cache'),
      cwd: homedir(),
    }),
    createBudget({ ...config, folder: join(config.stateDir, 'budget') }),
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
    connection: context.workspace.known,
    log,
  })
  const results = createResultStore()
  const call = createCaller({
    guard,
    recovering: createRecovery(context),
    shape: createShaper({ ...config, store: results }),
    offered: () => tools().filter((tool) => context.refusal(tool) === undefined),
    timeoutMs: config.timeoutMs,
    explain: surroundings.explain,
    log,
  })
  return { membrane, results, call, heard: memory.heard }
}
