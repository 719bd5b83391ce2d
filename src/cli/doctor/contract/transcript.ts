import { withDeadline } from '../../../async/deadline.ts'
import type { ProcessResult, ProcessRunner } from '../../../membrane/process.ts'
import type { ProcessUsage } from '../../../membrane/process-usage.ts'
import { createDisguise, type Disguise } from './disguise.ts'

/** One run of the CLI. */
export interface RecordedCall extends ProcessResult {
  argv: string[]
  /** Whether it ran without the home folder in which the sign-in is. */
  withoutHome?: true | undefined
}

/** What `--record` keeps: everything that was seen, with all that may be private replaced. */
export interface Transcript {
  transcript: 1
  /** The version of this program. */
  version: string
  platform: string
  usage: ProcessUsage | undefined
  calls: RecordedCall[]
}

export interface RecordingRunner extends ProcessRunner {
  calls: RecordedCall[]
}

/** Records what a runner starts, and ends it at the limit. */
export function recordCalls(
  runner: ProcessRunner,
  { limitMs, home }: { limitMs: number; home: string },
): RecordingRunner {
  const calls: RecordedCall[] = []
  return {
    calls,
    stop: runner.stop,
    async run(program, args, signal) {
      const result = await withDeadline(limitMs, (limited) => runner.run(program, args, limited), signal)
      calls.push({ argv: [...args], withoutHome: program.cwd === home ? true : undefined, ...result })
      return result
    },
  }
}

/** What stands for an output that cannot be disguised, such as one too deep for the stack. */
const placeholder = '{"left":"out"}\n'

function disguised(disguise: Disguise, output: string, argv: readonly string[]): string {
  try {
    return disguise.output(output, argv)
  } catch {
    return placeholder
  }
}

export function transcriptOf(
  calls: readonly RecordedCall[],
  about: Pick<Transcript, 'version' | 'platform' | 'usage'>,
  disguise: Disguise = createDisguise(),
): Transcript {
  return {
    transcript: 1,
    ...about,
    calls: calls.map(({ argv, stdout, stderr, ...call }) => ({
      argv: disguise.argv(argv),
      ...call,
      stdout: disguised(disguise, stdout, argv),
      stderr: disguised(disguise, stderr, argv),
    })),
  }
}
