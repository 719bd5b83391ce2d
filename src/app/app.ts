import { join } from 'node:path'
import type { Principal } from '../auth/principal.ts'
import { createCatalog } from '../catalog/catalog.ts'
import type { Config } from '../config/options.ts'
import { createDirectory } from '../directory/directory.ts'
import { audit } from '../dispatch/audit.ts'
import { createConfirmations, withTokenArgument } from '../dispatch/confirmation.ts'
import { createDeduplicator } from '../dispatch/dedupe.ts'
import { createDispatcher, type Dispatcher } from '../dispatch/dispatcher.ts'
import { allowedTools, createPolicy, type Policy, proxyMode, unknownNames } from '../dispatch/policy.ts'
import { recover } from '../dispatch/recovery.ts'
import { shareReads } from '../dispatch/shared-reads.ts'
import { UsageError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { createMembrane } from '../membrane/client.ts'
import { onlyConnection } from '../membrane/connection.ts'
import { createConnectionResolver } from '../membrane/connection-resolver.ts'
import { fallbacks } from '../membrane/fallbacks.ts'
import type { ProcessRunner } from '../membrane/process.ts'
import { createResponseFormatter } from '../response/formatter.ts'
import { createResultStore } from '../response/result-store.ts'
import { createCache } from '../store/cache.ts'
import { withSuggestion } from '../text/suggest.ts'
import { classifyRequest } from '../tools/app-request.ts'
import { createNames } from '../tools/names.ts'
import { createRegistry, type ToolRegistry } from '../tools/registry.ts'
import { listingOf, type Tool, type ToolContext, type ToolListing } from '../tools/tool.ts'
import { cliPathOf, configuredCli } from './configured-cli.ts'
import { type Account, createAccount } from './shared-account.ts'

/** What the program is given of the process it runs in. Tests pass their own. */
export interface AppDependencies {
  runner: ProcessRunner
  log: Logger
  env: Readonly<Record<string, string | undefined>>
  /** Folder of the running bundle. */
  bundleDir: string
  /** What to do about an answer that was cut, where read-result cannot be called after it. */
  cutAdvice?: string
  /** Milliseconds since 1970. */
  clock?: () => number
  /** Of the CLI's sign-in, where several apps share one. */
  account?: Account
  /** Whether equal reads at the same time are one. */
  sharesReads?: boolean
  /** Whether nothing but the configured connection may be known of the account. */
  isBound?: boolean
}

const sandboxNotice =
  'This is the sandbox: a simulation with sample data. Nothing here reaches Kustomer or a real customer.'

/** The program put together. */
export interface App {
  config: Config
  context: ToolContext
  tools: ToolRegistry
  policy: Policy
  /** The tools that a principal may use, as they are listed, once the cached live schemas are loaded. */
  listings(principal: Principal): Promise<ToolListing[]>
  /** Calls the listener when `listings` has changed. */
  onToolsChanged(listener: () => void): void
  dispatch: Dispatcher['dispatch']
  idle: Dispatcher['idle']
  /** Ends all processes; started writes end with an unknown outcome. */
  stop(): Promise<void>
  /** Forgets the outcomes of delivered writes. Call after the last response was read. */
  close(): Promise<void>
}

/**
 * The composition root. Starts no process; cached schemas are read in the background. Throws UsageError when the lists
 * of tools name one that does not exist.
 */
export function createApp(config: Config, deps: AppDependencies): App {
  const { runner, log, env, bundleDir, cutAdvice, clock = Date.now, isBound = false } = deps
  const account = deps.account ?? createAccount(config)
  const stateFolder = (name: string) => join(config.stateDir, name)
  const cache = createCache(stateFolder('cache'), ({ message }) =>
    log.warn({ event: 'cache', error: message }),
  )
  const scope = cliPathOf(config, bundleDir) ?? 'found'
  // The folders of the sandbox and of compiled code are the account's.
  const cli = configuredCli(
    { ...config, stateDir: account.stateDir },
    {
      runner,
      gate: account.gate,
      cache,
      env,
      bundleDir,
      onFallback: (fallback) =>
        log.warn({ event: 'CLI drift', fallback, meaning: `${fallbacks[fallback]}; \`doctor\` counts it` }),
    },
  )
  const whole = createMembrane(cli, account.limiter)
  const membrane =
    isBound && config.connection !== undefined ? onlyConnection(whole, config.connection) : whole
  const connections = createConnectionResolver({ membrane, cache, configured: config.connection, scope })
  const catalog = createCatalog({ membrane, cache, scope, now: clock })
  const results = createResultStore()
  const directory = createDirectory({
    read: async (connectionId, path, query, signal) =>
      (await membrane.request(connectionId, classifyRequest({ method: 'GET', path, query }), signal)).body,
    cache,
    scope,
    now: clock,
  })
  const context: ToolContext = { membrane, connections, catalog, directory, results }

  const tools = createRegistry(context, {
    connection: config.connection,
    proxy: proxyMode(config),
    sandbox: config.sandbox,
  })
  const policy = createPolicy(config)
  rejectUnknownNames(config, tools.all())

  const deduplicator = createDeduplicator({
    cache,
    folder: stateFolder('writes'),
    scope: [config.sandbox ? 'sandbox' : config.cli, config.connection].join('|'),
    now: clock,
  })
  const { auditFile } = config
  const loaded = loadCachedSchemas(context)
  const { dispatch, idle } = createDispatcher({
    // A call before that would ask the CLI for what the cache knows.
    ready: loaded,
    policy,
    registry: tools,
    recover: recover(context, clock),
    confirmMode: config.confirm,
    confirmations: createConfirmations(clock),
    dedupe: deduplicator.middleware,
    audit:
      auditFile === undefined
        ? undefined
        : audit({ file: auditFile, connection: connections.cachedId, log, now: () => new Date(clock()) }),
    shareReads: deps.sharesReads ? shareReads() : undefined,
    names: config.output === 'raw' ? async () => () => undefined : createNames(context),
    format: createResponseFormatter({ ...config, store: results, cutAdvice }),
    firstNotice: config.sandbox ? sandboxNotice : undefined,
    timeoutMs: config.timeoutMs,
    log,
  })

  return {
    config,
    context,
    tools,
    policy,
    async listings(principal) {
      await loaded
      return allowedTools(tools, policy, principal).map((tool) => ({
        ...listingOf(tool),
        inputSchema: withTokenArgument(config.confirm, tool),
      }))
    },
    // Nobody has listed the tools before the cached schemas are loaded.
    onToolsChanged: (listener) => void loaded.then(() => context.catalog.onChange(listener)),
    dispatch,
    idle,
    stop: runner.stop,
    close: deduplicator.close,
  }
}

function rejectUnknownNames(config: Config, known: readonly Tool[]): void {
  const unknown = unknownNames(config, known)
  if (unknown.length === 0) return
  const names = [...new Set(known.flatMap(({ name, group }) => [group, name]))]
  const listed = unknown.map((name) => withSuggestion(name, names)).join(', ')
  throw new UsageError(`--tools, --exclude-tools: unknown: ${listed}. Known: ${names.join(', ')}.`)
}

async function loadCachedSchemas({ connections, catalog }: ToolContext) {
  const connectionId = await connections.cachedId()
  if (connectionId !== undefined) await catalog.load(connectionId)
}
