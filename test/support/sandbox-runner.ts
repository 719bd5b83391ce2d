import type { ProcessRunner } from '../../src/membrane/process.ts'
import { runProgram } from '../../src/sandbox/program.ts'
import type { Settings } from '../../src/sandbox/settings.ts'

/** Makes a process runner that runs the sandbox in this process. */
export function sandboxRunner(settings: Settings): ProcessRunner {
  return {
    async run(_program, args, signal) {
      signal.throwIfAborted()
      const start = performance.now()
      const outcome = await runProgram(args, settings)
      return { ended: 'exit', ...outcome, milliseconds: Math.round(performance.now() - start) }
    },
    stop: async () => undefined,
  }
}
