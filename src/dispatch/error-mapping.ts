import { ToolError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { addIdHints } from './error-hints.ts'
import type { Call, Middleware } from './pipeline.ts'

/** Logs one line per call: the tool, its milliseconds and its outcome, never an argument or a result. */
export const logCall =
  (log: Logger): Middleware<Call> =>
  async (call, next) => {
    const start = performance.now()
    const note = (fields: object) =>
      log.info({ tool: call.tool.name, ms: Math.round(performance.now() - start), ...fields })
    try {
      const output = await next(call)
      note({ outcome: 'ok', cliExit: 0 })
      return output
    } catch (error) {
      const { reason, exitCode, status } = error as ToolError
      note({ outcome: 'error', reason, cliExit: exitCode, status })
      throw error
    }
  }

/** Turns every error into a ToolError, with hints where an id was missing or wrong. */
export const mapErrors =
  (log: Logger, listedNames: () => readonly string[]): Middleware<Call> =>
  async (call, next) => {
    try {
      return await next(call)
    } catch (error) {
      if (!(error instanceof ToolError)) throw internalError(error, call, log)
      throw addIdHints(error, call.tool, call.args, listedNames())
    }
  }

/** Any exception that is no ToolError is a bug. After a write the outcome is unknown. */
export function internalError(error: unknown, { tool }: Pick<Call, 'tool'>, log: Logger): ToolError {
  log.error({ event: 'internal error', stack: error instanceof Error ? error.stack : String(error) })
  const reason = tool.annotations.readOnlyHint ? 'bad-output' : 'outcome-unknown'
  return new ToolError(reason, 'Internal error in this server. See its log.')
}
