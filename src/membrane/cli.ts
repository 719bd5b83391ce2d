import { withDeadline } from '../async/deadline.ts'
import { memoizeAsync, raceAbort } from '../async/memoize.ts'
import { ToolError } from '../errors.ts'
import type { Cache } from '../store/cache.ts'
import {
  type Capabilities,
  capabilitiesSchema,
  type HelpTexts,
  helpTopics,
  readCapabilities,
} from './capabilities.ts'
import { childEnvironment } from './environment.ts'
import type { LocatedCli } from './locate.ts'
import { parseResult } from './parse-result.ts'
import type { ProcessResult, ProcessRunner } from './process.ts'
import type { ProcessQueue } from './queue.ts'

export interface CliInfo extends Capabilities {
  path: string
  fingerprint: string
}

/** The program itself: found once, its capabilities learned once and kept per version of it. */
export interface Cli {
  exec(args: readonly string[], signal: AbortSignal): Promise<ProcessResult>
  getInfo(signal: AbortSignal): Promise<CliInfo>
  /** Makes the next call look for the program again and learn it anew: it was not what it was taken for. */
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
  /** Where CLI processes run: the CLI reads settings from its working folder, so it is always the same one. */
  cwd: string
}

const helpTimeoutMs = 20_000

/** Takes how to find and start the CLI and returns it. Nothing runs before the first call. */
export function createCli({ locate, runner, gate, cache, env, compileCache, cwd }: CliOptions): Cli {
  const program = memoizeAsync(async () => {
    const { path, command, prefix, fingerprint } = await locate()
    const childEnv = { ...childEnvironment(env, path), NODE_COMPILE_CACHE: compileCache }
    return { path, fingerprint, exec: { command, prefix, env: childEnv, cwd } }
  })

  async function exec(
    args: readonly string[],
    signal: AbortSignal,
    usesSignIn = true,
  ): Promise<ProcessResult> {
    const { exec } = await program.get()
    const result = await gate.run(signal, () => runner.run(exec, args, signal), usesSignIn)
    // It may have been moved, or be under update.
    if (result.ended === 'not-started') await invalidate()
    return result
  }

  async function invalidate() {
    const known = await program.get().catch(() => undefined)
    if (known !== undefined) await cache.remove('capabilities', known.fingerprint)
    program.forget()
    description.forget()
  }

  const description = memoizeAsync(async (): Promise<CliInfo> => {
    const { path, fingerprint } = await program.get()
    const cached = await cache.read('capabilities', fingerprint, capabilitiesSchema)
    if (cached !== undefined) return { path, fingerprint, ...cached }
    const learned = await withDeadline(helpTimeoutMs, (signal) => detectCapabilities(path, signal))
    await cache.write('capabilities', fingerprint, learned)
    return { path, fingerprint, ...learned }
  })

  async function detectCapabilities(path: string, signal: AbortSignal): Promise<Capabilities> {
    const print = async (...args: string[]) => {
      const result = await exec(args, signal, false)
      // Help may end with any exit code, but a program that does not end or start is a failure of its own.
      if (result.ended !== 'exit') parseResult(result, { write: false, answer: 'text' })
      return `${result.stdout}\n${result.stderr}`
    }
    const prints = [
      print('--version'),
      ...helpTopics.map((topic) => print(...topic.split(' ').filter(Boolean), '--help')),
    ]
    const [version = '', ...texts] = await Promise.all(prints)
    const help = Object.fromEntries(
      helpTopics.map((topic, index) => [topic, texts[index] ?? '']),
    ) as HelpTexts
    const capabilities = readCapabilities(version, help)
    if (capabilities !== undefined) return capabilities
    throw new ToolError(
      'cli-unsupported',
      `The program at ${path} is not the Membrane CLI, or is one without the commands needed.`,
    )
  }

  return { exec, getInfo: (signal) => raceAbort(description.get(), signal), invalidate }
}
