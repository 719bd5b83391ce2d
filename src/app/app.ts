import { join } from 'node:path'
import { memoizeAsync } from '../async/memoize.ts'
import { createCatalog } from '../catalog/catalog.ts'
import { workingFolder } from '../config/folders.ts'
import { UsageError } from '../config/load.ts'
import type { Config } from '../config/options.ts'
import type { Caller } from '../dispatch/dispatcher.ts'
import { proxyMode, refusal, unknownNames } from '../dispatch/policy.ts'
import { listedWith } from '../dispatch/token.ts'
import { later } from '../later.ts'
import type { Logger } from '../logger.ts'
import type { Membrane } from '../membrane/client.ts'
import { createConnectionResolver } from '../membrane/connection-resolver.ts'
import { createProcessRunner, type ProcessRunner } from '../membrane/process.ts'
import type { ErrorFormatter } from '../response/envelope.ts'
import { createCache } from '../store/cache.ts'
import { makeFolder } from '../store/make-folder.ts'
import { withSuggestion } from '../text/suggest.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'
import { createToolset } from '../tools/toolset.ts'

/** What a command is given of the process it runs in. */
export interface RuntimeContext {
  version: string
  env: Readonly<Record<string, string | undefined>>
  /** The folder of the running bundle. */
  bundleDir: string
  /** Writes text for the person, with a line end, to stdout. `serve` does not use it: there stdout is MCP alone. */
  print(text: string): void
  /** What is said of a call that failed, where a person reads it and no agent. */
  formatError?: ErrorFormatter
}

/** The program put together: what it offers, and what runs a call. */
export interface App {
  context: ToolContext
  /** All tools, allowed or not, in their fixed order. */
  tools: () => readonly Tool[]
  /** A tool as it is listed. */
  listed: (tool: Tool) => Tool
  call: Caller
  /** Says that whoever asks has heard every answer so far. Never rejects. */
  heard(): Promise<void>
  /** What must be stopped before the process ends. */
  runner: ProcessRunner
}

/**
 * Takes the configuration and the log and puts the program together. Starts nothing and asks nothing; what an earlier
 * run left on disk is read, and what only calls need is loaded at the first. Throws UsageError when the lists of tools
 * name one that does not exist.
 */
export async function createApp(config: Config, surroundings: RuntimeContext, log: Logger): Promise<App> {
  const runner = createProcessRunner()
  const cache = createCache(join(config.stateDir, 'cache'), ({ message }) =>
    log.warn({ event: 'cache', error: message }),
  )
  // The simulation stands behind the same contract as the real CLI: from here on nothing tells them apart.
  const cli = config.sandbox ? join(surroundings.bundleDir, 'sandbox.js') : config.cli
  const calling = memoizeAsync(async () => {
    const { createCalling } = await import('./calling.ts')
    // Before a CLI process makes it, which would not keep others out.
    await makeFolder(config.stateDir, 0o700).catch(() => undefined)
    const cwd = await workingFolder()
    return createCalling({ config, surroundings, cli, cwd, context, tools, cache, runner, log })
  })
  const membrane = later<Membrane>(async () => (await calling.get()).membrane)
  const scope = cli ?? 'found'
  const context: ToolContext = {
    membrane,
    connections: createConnectionResolver({ membrane, cache, configured: config.connection, scope }),
    catalog: createCatalog({ membrane, cache, scope, version: surroundings.version }),
    results: { read: async (id, page) => (await calling.get()).results.read(id, page) },
    refusal: (tool) => refusal(config, tool),
  }
  const tools = createToolset(context, { connection: config.connection, proxy: proxyMode(config) })
  refuseUnknownNames(config, tools())
  await loadKnown(context)
  const call: Caller = async (...given) => (await calling.get()).call(...given)
  const heard = async () => (await calling.get()).heard()
  return { context, tools, listed: listedWith(config.confirm), call, heard, runner }
}

function refuseUnknownNames(config: Config, known: readonly Tool[]): void {
  const unknown = unknownNames(config, known)
  if (unknown.length === 0) return
  const names = [...new Set(known.flatMap(({ name, group }) => [group, name]))]
  const listed = unknown.map((name) => withSuggestion(name, names)).join(', ')
  throw new UsageError(`--tools, --exclude-tools: unknown: ${listed}. Known: ${names.join(', ')}.`)
}

/** What an earlier run left on disk is in the first `tools/list` already. */
async function loadKnown({ connections, catalog }: ToolContext) {
  const connectionId = await connections.cachedId()
  if (connectionId !== undefined) await catalog.load(connectionId)
}
