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
import { type Call, type Handler, type JudgedCall, type Middleware, pipeline } from './pipeline.ts'
import { enforcePolicy, judge, type Policy } from './policy.ts'

export type CallResult = { envelope: Envelope } | { error: ToolError }

export interface CallOptions {
  /** Aborts when the client cancels the call; that may be after its response was sent. */
  signal: AbortSignal
  elicitation?: Elicitation | undefined
}

export interface Dispatcher {
  /** Runs one call of a tool to its end. Never rejects: an error is a result. */
  dispatch(tool: Tool, args: Arguments, options: CallOptions): Promise<CallResult>
  /** Resolves when every call in progress has ended. */
  idle(): Promise<void>
}

export interface DispatcherOptions {
  /** What every call waits for first. */
  ready: Promise<unknown>
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
  const listedNames = () =>
    registry
      .all()
      .filter((tool) => policy.refusal(tool) === undefined)
      .map(({ name }) => name)

  const execute: Handler<JudgedCall> = ({ prepared, signal, elicitation }) =>
    prepared.execute(signal, elicitation)
  const write = pipeline<JudgedCall>(
    [
      confirm(options.confirmMode, options.confirmations),
      options.dedupe,
      ...(options.audit === undefined ? [] : [options.audit]),
    ],
    execute,
  )
  const run = pipeline<Call>(
    [
      logCall(log),
      mapErrors(log, listedNames),
      deadline(options.timeoutMs),
      enforcePolicy(policy),
      options.recover,
    ],
    async (call) => {
      const judged = await judge(call, policy, registry)
      return judged.prepared.risk === 'read' ? execute(judged) : write(judged)
    },
  )

  let firstNotice = options.firstNotice
  const withFirstNotice = (output: ToolOutput): ToolOutput => {
    if (firstNotice === undefined) return output
    const notices = [firstNotice, ...(output.notices ?? [])]
    firstNotice = undefined
    return { ...output, notices }
  }

  async function runToEnd(tool: Tool, args: Arguments, { signal, elicitation }: CallOptions) {
    try {
      await options.ready
      const output = await run({ tool, args, elicitation, signal, clientSignal: signal })
      return { envelope: format(withFirstNotice(output)) }
    } catch (error) {
      return { error: error instanceof ToolError ? error : internalError(error, { tool }, log) }
    }
  }

  const inProgress = new Set<Promise<CallResult>>()
  return {
    dispatch(...call) {
      const running = runToEnd(...call)
      inProgress.add(running)
      void running.finally(() => inProgress.delete(running))
      return running
    },
    idle: async () => void (await Promise.all(inProgress)),
  }
}
