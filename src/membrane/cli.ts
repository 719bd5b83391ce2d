import { deadlineOf, raceAbort, withDeadline } from '../async/deadline.ts'
import { memoizeAsync } from '../async/memoize.ts'
import { ToolError } from '../errors.ts'
import type { Cache } from '../store/cache.ts'
import { canEnter, homeFolder, makeFolder } from '../store/folders.ts'
import { type Capabilities, capabilitiesSchema, readCapabilities } from './capabilities.ts'
import { childEnvironment } from './environment.ts'
import { createFallbackCounter, type FallbackCounter, type NoteFallback } from './fallbacks.ts'
import { type HelpTexts, helpTopics } from './help-texts.ts'
import type { ProcessQueue } from './limits.ts'
import type { LocatedCli } from './locate.ts'
import { parseResult } from './parse-result.ts'
import type { ProcessResult, ProcessRunner } from './process.ts'

export interface CliInfo extends Capabilities {
  path: string
  fingerprint: string
}

export interface Cli {
  note: NoteFallback
  fallbacks: FallbackCounter['counts']
  /** Runs a command when its turn comes. A write that was started ends by its deadline alone. */
  exec(args: readonly string[], signal: AbortSignal, write?: boolean): Promise<ProcessResult>
  getInfo(signal: AbortSignal): Promise<CliInfo>
  invalidate(): Promise<void>
}

export interface CliOptions {
  locate: () => Promise<LocatedCli>
  runner: ProcessRunner
  gate: ProcessQueue
  cache: Cache
  env: Readonly<Record<string, string | undefined>>
  /** A folder of ours in which a node that can (22.1 and later) keeps the CLI compiled from one start to the next. */
  compileCache: string
  /** Where CLI processes run. The CLI reads settings from its working folder. By default the home folder, else ours. */
  cwd?: string | undefined
  /** Called once for each way in which an answer was not as documented. */
  onFallback?: NoteFallback | undefined
}

type Exec = (args: readonly string[], signal: AbortSignal) => Promise<ProcessResult>

const helpTimeoutMs = 20_000

export function createCli(options: CliOptions): Cli {
  const { locate, runner, gate, cache, env, compileCache, cwd, onFallback = () => undefined } = options
  const program = memoizeAsync(async () => {
    const { path, command, prefix, fingerprint } = await locate()
    const childEnv = { ...childEnvironment(env, path), NODE_COMPILE_CACHE: compileCache }
    const folder = cwd ?? (await workingFolder(compileCache))
    return { path, fingerprint, program: { command, prefix, env: childEnv, cwd: folder } }
  })

  const { note, counts } = createFallbackCounter({
    cache,
    keyOf: async () => (await program.get()).fingerprint,
    onFirst: onFallback,
  })

  const info = memoizeAsync(async (): Promise<CliInfo> => {
    const { path, fingerprint } = await program.get()
    const cached = await cache.read('capabilities', fingerprint, capabilitiesSchema)
    if (cached !== undefined) return { path, fingerprint, ...cached }
    const execUnsigned: Exec = (args, signal) => run(args, signal, false, false)
    const detected = await withDeadline(helpTimeoutMs, (signal) =>
      detectCapabilities(path, execUnsigned, signal, note),
    )
    await cache.write('capabilities', fingerprint, detected)
    return { path, fingerprint, ...detected }
  })

  async function run(args: readonly string[], signal: AbortSignal, write = false, usesSignIn = true) {
    const located = await program.get()
    const start = () => runner.run(located.program, args, write ? deadlineOf(signal) : signal)
    const result = await gate.run(signal, start, usesSignIn)
    if (result.ended === 'not-started') await invalidate()
    return result
  }

  async function invalidate() {
    const known = await program.get().catch(() => undefined)
    if (known !== undefined) await cache.remove('capabilities', known.fingerprint)
    program.forget()
    info.forget()
  }

  return {
    exec: run,
    getInfo: (signal) => raceAbort(info.get(), signal),
    invalidate,
    note,
    fallbacks: counts,
  }
}

/** The home folder, or ours where none can be entered. Not the temporary folder: others could put settings for the CLI there. */
async function workingFolder(own: string): Promise<string> {
  const home = homeFolder()
  if (home !== undefined && (await canEnter(home))) return home
  await makeFolder(own).catch((error: NodeJS.ErrnoException) => {
    throw new ToolError(
      'upstream-error',
      `There is neither a home folder nor a state folder to run the Membrane CLI in (${error.code}). Ask the person to set HOME or --state-dir to a folder that can be written to.`,
    )
  })
  return own
}

async function detectCapabilities(
  path: string,
  exec: Exec,
  signal: AbortSignal,
  note: NoteFallback,
): Promise<Capabilities> {
  const readHelp = async (...args: string[]) => {
    const result = await exec(args, signal)
    // Help may end with any exit code, but a program that does not end or start is a failure of its own.
    if (result.ended !== 'exit') parseResult(result, { write: false, answer: 'text' })
    if (result.stdout.trim() === '' && result.stderr.trim() !== '') note('help-on-stderr')
    return `${result.stdout}\n${result.stderr}`
  }
  const [version = '', ...texts] = await Promise.all([
    readHelp('--version'),
    ...helpTopics.map((topic) => readHelp(...topic.split(' ').filter(Boolean), '--help')),
  ])
  const help = Object.fromEntries(helpTopics.map((topic, index) => [topic, texts[index] ?? ''])) as HelpTexts
  const capabilities = readCapabilities(version, help)
  if (capabilities !== undefined) return capabilities
  throw new ToolError(
    'cli-unsupported',
    `The program at ${path} is not the Membrane CLI, or is one without the commands needed.`,
  )
}
