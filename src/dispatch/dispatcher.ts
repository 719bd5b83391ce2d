import { withDeadline } from '../async/deadline.ts'
import type { Principal } from '../auth/principal.ts'
import type { Arguments } from '../catalog/coerce.ts'
import { ToolError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import type { Envelope, ToolOutput } from '../response/envelope.ts'
import type { ResponseFormatter } from '../response/formatter.ts'
import type { Elicitation } from '../tools/elicitation.ts'
import type { Names } from '../tools/names.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { Tool } from '../tools/tool.ts'
import { type Confirmations, type ConfirmMode, confirm } from './confirmation.ts'
import { addIdHints } from './error-hints.ts'
import {
  type AskingCall,
  type Call,
  type Handler,
  type JudgedCall,
  type Middleware,
  pipeline,
} from './pipeline.ts'
import { allowedTools, judge, type Policy } from './policy.ts'

export type CallResult = { envelope: Envelope } | { error: ToolError }

export interface CallOptions {
  principal: Principal
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
  recover: Middleware<AskingCall>
  confirmMode: ConfirmMode
  confirmations: Confirmations
  dedupe: Middleware<JudgedCall>
  audit: Middleware<JudgedCall> | undefined
  /** Sees reads and writes; absent where each read is made. */
  shareReads?: Middleware<JudgedCall> | undefined
  names: Names
  format: ResponseFormatter
  /** A notice of the first answer, such as that this is a sandbox. */
  firstNotice: string | undefined
  /** Deadline of one call in milliseconds, its waiting included. */
  timeoutMs: number
  log: Logger
}

/** Creates the dispatcher: the pipeline that every call passes, and the one place that catches its errors. */
export function createDispatcher({
  policy,
  registry,
  log,
  names,
  format,
  ...options
}: DispatcherOptions): Dispatcher {
  const listedNames = (principal: Principal) =>
    allowedTools(registry, policy, principal).map(({ name }) => name)

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
  const runOnce: Handler<Call> = async (call) => {
    const judged = await judge(call, policy, registry)
    const run = judged.prepared.risk === 'read' ? execute : write
    return options.shareReads === undefined ? run(judged) : options.shareReads(judged, run)
  }
  const run: Handler<Call> = (call) => {
    const { elicitation } = call
    return elicitation === undefined ? runOnce(call) : options.recover({ ...call, elicitation }, runOnce)
  }

  let firstNotice = options.firstNotice
  const withFirstNotice = (output: ToolOutput): ToolOutput => {
    if (firstNotice === undefined) return output
    const notices = [firstNotice, ...(output.notices ?? [])]
    firstNotice = undefined
    return { ...output, notices }
  }

  /** Logs one line per call: the tool, its milliseconds and its outcome, never an argument or a result. */
  async function runToEnd(tool: Tool, args: Arguments, { principal, signal, elicitation }: CallOptions) {
    const start = performance.now()
    const logOutcome = (fields: object) =>
      log.info({ tool: tool.name, ms: Math.round(performance.now() - start), ...fields })
    try {
      await options.ready
      const [output, nameOf] = await withDeadline(
        options.timeoutMs,
        async (limited) => {
          const answer = await run({
            tool,
            principal,
            args,
            elicitation,
            signal: limited,
            clientSignal: signal,
          })
          return [answer, await names(answer, limited)] as const
        },
        signal,
      )
      const envelope = format(withFirstNotice(output), nameOf)
      logOutcome({ outcome: 'ok', cliExit: 0 })
      return { envelope }
    } catch (thrown) {
      const error = toToolError(thrown, tool, args, principal)
      const { reason, exitCode, status } = error
      logOutcome({ outcome: 'error', reason, cliExit: exitCode, status })
      return { error }
    }
  }

  /** Any exception that is no ToolError is a bug. After a write the outcome is unknown. */
  function toToolError(thrown: unknown, tool: Tool, args: Arguments, principal: Principal): ToolError {
    if (thrown instanceof ToolError) return addIdHints(thrown, tool, args, listedNames(principal))
    log.error({ event: 'internal error', stack: thrown instanceof Error ? thrown.stack : String(thrown) })
    const reason = tool.annotations.readOnlyHint ? 'bad-output' : 'outcome-unknown'
    return new ToolError(reason, 'Internal error in this server. See its log.')
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
