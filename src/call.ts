import { withDeadline } from './deadline.ts'
import { Failure } from './failure.ts'
import type { Logger } from './logger.ts'
import type { Person } from './person.ts'
import { type CallResult, type Explain, failed } from './result/envelope.ts'
import type { Shaper } from './result/shaper.ts'
import type { Guard } from './safety/guard.ts'
import type { Recovery } from './tools/recovery.ts'
import { taught } from './tools/teaching.ts'
import type { Tool } from './tools/tool.ts'

/**
 * Runs one call of a tool to its end. Never rejects: what went wrong is in the result. The signal aborts when the host
 * gives the call up; that may be after its end, when the answer was on the way already.
 */
export type Caller = (
  tool: Tool,
  args: Record<string, unknown>,
  person: Person | undefined,
  signal: AbortSignal,
) => Promise<CallResult>

export interface CallerOptions {
  guard: Guard
  recovering: Recovery
  shape: Shaper
  /** The tools that may be used, whose names a failure may point to. */
  offered: () => readonly Tool[]
  /** Deadline of one call in milliseconds, its waiting included. */
  timeoutMs: number
  /** What is said of a failure, where no agent reads it. */
  explain?: Explain | undefined
  log: Logger
}

/** Returns the one place where a call becomes a result, an error becomes `isError`, and a line goes to the log. */
export function createCaller({
  guard,
  recovering,
  shape,
  offered,
  timeoutMs,
  explain,
  log,
}: CallerOptions): Caller {
  const names = () => offered().map(({ name }) => name)
  return async (tool, args, person, hostSignal) => {
    const start = performance.now()
    const note = (fields: object) =>
      log.info({ tool: tool.name, ms: Math.round(performance.now() - start), ...fields })
    try {
      const result = shape(
        await withDeadline(
          timeoutMs,
          (signal) =>
            guard.run(recovering(tool, person), args, { ask: person?.confirm, signal, unheard: hostSignal }),
          hostSignal,
        ),
      )
      note({ outcome: 'ok', cliExit: 0 })
      return result
    } catch (error) {
      const failure =
        error instanceof Failure ? taught(error, tool, args, names()) : mistake(error as Error, tool, log)
      const { reason, exitCode, status } = failure
      note({ outcome: 'error', reason, cliExit: exitCode, status })
      return failed(failure, explain)
    }
  }
}

/** What is no Failure is a mistake of ours, at an unknown place of the call. */
function mistake({ stack }: Error, { annotations }: Tool, log: Logger): Failure {
  log.error({ event: 'mistake', stack })
  const reason = annotations.readOnlyHint ? 'bad-output' : 'outcome-unknown'
  return new Failure(reason, 'This server made a mistake of its own; its log says which.')
}
