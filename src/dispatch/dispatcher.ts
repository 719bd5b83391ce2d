import { withDeadline } from '../async/deadline.ts'
import type { Arguments } from '../catalog/coerce.ts'
import { ToolError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Envelope, ToolOutput } from '../response/envelope.ts'
import type { Elicitation } from '../tools/elicitation.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { Tool } from '../tools/tool.ts'
import { type Confirmations, type ConfirmMode, confirm } from './confirmation.ts'
import { internalError, logCall, mapErrors } from './error-mapping.ts'
import { type Call, type JudgedCall, type Middleware, pipeline } from './pipeline.ts'
import { enforcePolicy, judge, type Policy } from './policy.ts'

export type CallResult = { envelope: Envelope } | { error: ToolError }

export interface CallOptions {
  /** Aborts when the client cancels the call; that may be after its response was sent. */
  signal: AbortSignal
  elicitation?: Elicitation | undefined
}

/** Runs one call of a tool to its end. Never rejects: an error is a result. */
export type Dispatcher = (tool: Tool, args: Arguments, options: CallOptions) => Promise<CallResult>

export interface DispatcherOptions {
  policy: Policy
  registry: ToolRegistry
  recover: Middleware<Call>
  confirmMode: ConfirmMode
  confirmations: Confirmations
  dedupe: Middleware<JudgedCall>
  audit: Middleware<JudgedCall> | undefined
  format: (output: ToolOutput) => Envelope
  /** A notice of the first answer, such as that this is a sandbox. */
  firstNotice: string | undefined
  /** Deadline of one call in milliseconds, its waiting included. */
  timeoutMs: number
  log: Logger
}

const deadline =
  (timeoutMs: number): Middleware<Call> =>
  (call, next) =>
    withDeadline(timeoutMs, (signal) => next({ ...call, signal }), call.signal)

/** Creates the dispatcher: the pipeline that every call passes, and the one place that catches its errors. */
export function createDispatcher({
  policy,
  registry,
  log,
  format,
  ...options
}: DispatcherOptions): Dispatcher {
  const offeredNames = () =>
    registry
      .all()
      .filter((tool) => policy.refusal(tool) === undefined)
      .map(({ name }) => name)

  const send = pipeline<JudgedCall>(
    [
      confirm(options.confirmMode, options.confirmations),
      options.dedupe,
      ...(options.audit === undefined ? [] : [options.audit]),
    ],
    ({ prepared, signal, elicitation }) => prepared.execute(signal, elicitation),
  )
  const run = pipeline<Call>(
    [
      logCall(log),
      mapErrors(log, offeredNames),
      deadline(options.timeoutMs),
      enforcePolicy(policy),
      options.recover,
    ],
    async (call) => send(await judge(call, policy, registry)),
  )

  let firstNotice = options.firstNotice
  const withFirstNotice = (output: ToolOutput): ToolOutput => {
    if (firstNotice === undefined) return output
    const notices = [firstNotice, ...(output.notices ?? [])]
    firstNotice = undefined
    return { ...output, notices }
  }

  return async (tool, args, { signal, elicitation }) => {
    try {
      const output = await run({ tool, args, elicitation, signal, clientSignal: signal })
      return { envelope: format(withFirstNotice(output)) }
    } catch (error) {
      return { error: error instanceof ToolError ? error : internalError(error, { tool }, log) }
    }
  }
}
