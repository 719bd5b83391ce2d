import type { Cache } from '../cache.ts'
import { withDeadline } from '../deadline.ts'
import { Failure } from '../failure.ts'
import { shared, unlessAborted } from '../shared-promise.ts'
import {
  type Capabilities,
  capabilitiesSchema,
  type HelpTexts,
  helpTopics,
  readCapabilities,
} from './capabilities.ts'
import { childEnvironment } from './environment.ts'
import { judge } from './errors.ts'
import type { Gate } from './gate.ts'
import type { LocatedCli } from './locate.ts'
import type { ProcessResult, ProcessRunner } from './process.ts'

export interface CliDescription extends Capabilities {
  path: string
  fingerprint: string
}

/** The program itself: found once, its capabilities learned once and kept per version of it. */
export interface Cli {
  start(args: readonly string[], signal: AbortSignal): Promise<ProcessResult>
  describe(signal: AbortSignal): Promise<CliDescription>
  /** Makes the next call look for the program again and learn it anew: it was not what it was taken for. */
  forget(): Promise<void>
}

export interface CliOptions {
  locate: () => Promise<LocatedCli>
  runner: ProcessRunner
  gate: Gate
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
  const program = shared(async () => {
    const { path, command, prefix, fingerprint } = await locate()
    const childEnv = { ...childEnvironment(env, path), NODE_COMPILE_CACHE: compileCache }
    return { path, fingerprint, start: { command, prefix, env: childEnv, cwd } }
  })

  async function start(
    args: readonly string[],
    signal: AbortSignal,
    usesSignIn = true,
  ): Promise<ProcessResult> {
    const { start } = await program.get()
    const result = await gate.pass(signal, () => runner.run(start, args, signal), usesSignIn)
    // It may have been moved, or be under update.
    if (result.ended === 'not-started') await forget()
    return result
  }

  async function forget() {
    const known = await program.get().catch(() => undefined)
    if (known !== undefined) await cache.remove('capabilities', known.fingerprint)
    program.forget()
    description.forget()
  }

  const description = shared(async (): Promise<CliDescription> => {
    const { path, fingerprint } = await program.get()
    const cached = await cache.read('capabilities', fingerprint, capabilitiesSchema)
    if (cached !== undefined) return { path, fingerprint, ...cached }
    const learned = await withDeadline(helpTimeoutMs, (signal) => learn(path, signal))
    await cache.write('capabilities', fingerprint, learned)
    return { path, fingerprint, ...learned }
  })

  async function learn(path: string, signal: AbortSignal): Promise<Capabilities> {
    const print = async (...args: string[]) => {
      const result = await start(args, signal, false)
      // Help may end with any exit code, but a program that does not end or start is a failure of its own.
      if (result.ended !== 'exit') judge(result, { write: false, answer: 'text' })
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
    throw new Failure(
      'cli-unsupported',
      `The program at ${path} is not the Membrane CLI, or is one without the commands needed.`,
    )
  }

  return { start, describe: (signal) => unlessAborted(description.get(), signal), forget }
}
