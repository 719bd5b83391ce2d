import type { Arguments } from '../catalog/coerce.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { Elicitation } from '../tools/elicitation.ts'
import type { PreparedCall, Tool } from '../tools/tool.ts'

/** One call of a tool on its way through the pipeline. */
export interface Call {
  tool: Tool
  /** As the client sent them. */
  args: Arguments
  /** Asks the person at the client; absent where the client cannot. */
  elicitation: Elicitation | undefined
  /** Ends the call: the client cancelled it, or its deadline came. */
  signal: AbortSignal
  /** Aborts when the client cancels the call, even after its response was sent. */
  clientSignal: AbortSignal
}

/** A call after `prepare`. */
export interface JudgedCall extends Call {
  prepared: PreparedCall
  /** The confirmation token that came with the call. */
  token: string | undefined
}

export type Handler<C> = (call: C) => Promise<ToolOutput>
/** One concern of the pipeline: it may refuse, change, repeat or record what `next` does. */
export type Middleware<C> = (call: C, next: Handler<C>) => Promise<ToolOutput>

/** Chains middleware in front of a handler; the first one is the outermost. */
export const pipeline = <C>(middleware: readonly Middleware<C>[], handler: Handler<C>): Handler<C> =>
  middleware.reduceRight<Handler<C>>((next, run) => (call) => run(call, next), handler)
