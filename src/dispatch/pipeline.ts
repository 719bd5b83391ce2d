import type { Principal } from '../auth/principal.ts'
import type { Arguments } from '../catalog/coerce.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { Elicitation } from '../tools/elicitation.ts'
import type { PreparedCall, Tool } from '../tools/tool.ts'

export interface Call {
  tool: Tool
  /** Who is asking. */
  principal: Principal
  /** As the client sent them. */
  args: Arguments
  /** Absent where the client cannot ask the person. */
  elicitation: Elicitation | undefined
  /** Ends the call: the client cancelled it, or its deadline came. */
  signal: AbortSignal
  /** Aborts when the client cancels the call, even after its response was sent. */
  clientSignal: AbortSignal
}

/** A call of a client that can ask the person. */
export interface AskingCall extends Call {
  elicitation: Elicitation
}

/** A call after `prepare`. */
export interface JudgedCall extends Call {
  prepared: PreparedCall
  token: string | undefined
  /** Whether the person is asked whatever the configuration says. */
  alwaysConfirm: boolean
}

export type Handler<C> = (call: C) => Promise<ToolOutput>
/** One concern of the pipeline: it may refuse, change, repeat or record what `next` does. */
export type Middleware<C> = (call: C, next: Handler<C>) => Promise<ToolOutput>

/** Chains middleware in front of a handler; the first one is the outermost. */
export const pipeline = <C>(middleware: readonly Middleware<C>[], handler: Handler<C>): Handler<C> =>
  middleware.reduceRight<Handler<C>>((next, run) => (call) => run(call, next), handler)
