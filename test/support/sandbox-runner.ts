import type { ProcessResult, ProcessRunner } from '../../src/membrane/process.ts'
import { runProgram } from '../../src/sandbox/program.ts'
import { publishedLimits, type Settings } from '../../src/sandbox/settings.ts'
import { openStore } from '../../src/sandbox/store.ts'

export type SandboxSettings = Pick<Settings, 'folder'> & Partial<Settings>

/** A process runner that runs the sandbox in this process, with a record of every command line. */
export interface SandboxRunner extends ProcessRunner {
  /** The arguments of each call, in the order of the calls. */
  calls: (readonly string[])[]
}

/** Makes a runner whose calls share the data in `folder`; the settings are the defaults of the sandbox. */
export function sandboxRunner(given: SandboxSettings): SandboxRunner {
  const settings: Settings = {
    dialect: 'old',
    start: 'ready',
    limits: publishedLimits,
    fault: undefined,
    record: undefined,
    ...given,
  }
  const store = openStore(settings.folder, settings.start)
  const calls: (readonly string[])[] = []
  async function run(
    _program: unknown,
    args: readonly string[],
    signal: AbortSignal,
  ): Promise<ProcessResult> {
    signal.throwIfAborted()
    calls.push(args)
    const start = performance.now()
    const output = await runProgram(args, settings, store)
    return { ended: 'exit', ...output, milliseconds: Math.round(performance.now() - start) }
  }
  return { calls, run, stop: async () => undefined }
}
