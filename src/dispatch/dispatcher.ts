import { withDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { type CallResult, type ErrorFormatter, errorResult } from '../response/envelope.ts'
import type { ResponseFormatter } from '../response/formatter.ts'
import type { Elicitation } from '../tools/elicitation.ts'
import type { Tool } from '../tools/tool.ts'
import { taught } from './error-hints.ts'
import type { Guard } from './guard.ts'
import type { Recovery } from './recovery.ts'

/**
 * Runs one call of a tool to its end. Never rejects: what went wrong is in the result. The signal aborts when the host
 * gives the call up; that may be after its end, when the answer was on the way already.
 */
export type Caller = (
  tool: Tool,
  args: Record<string, unknown>,
  person: Elicitation | undefined,
  signal: AbortSignal,
) => Promise<CallResult>

export interface CallerOptions {
  guard: Guard
  recovering: Recovery
  shape: ResponseFormatter
  /** The tools that may be used, whose names a failure may point to. */
  offered: () => readonly Tool[]
  /** Deadline of one call in milliseconds, its waiting included. */
  timeoutMs: number
  /** What is said of a failure, where no agent reads it. */
  explain?: ErrorFormatter | undefined
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
        error instanceof ToolError ? taught(error, tool, args, names()) : mistake(error as Error, tool, log)
      const { reason, exitCode, status } = failure
      note({ outcome: 'error', reason, cliExit: exitCode, status })
      return errorResult(failure, explain)
    }
  }
}

/** What is no Failure is a mistake of ours, at an unknown place of the call. */
function mistake({ stack }: Error, { annotations }: Tool, log: Logger): ToolError {
  log.error({ event: 'mistake', stack })
  const reason = annotations.readOnlyHint ? 'bad-output' : 'outcome-unknown'
  return new ToolError(reason, 'This server made a mistake of its own; its log says which.')
}
