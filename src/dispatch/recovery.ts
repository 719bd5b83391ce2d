import { raceAbort } from '../async/deadline.ts'
import { appendHint, ToolError } from '../errors.ts'
import type { ConnectionSummary } from '../membrane/connection.ts'
import type { Elicitation } from '../tools/elicitation.ts'
import { parsePrintedLink } from '../tools/sign-in-link.ts'
import type { ToolContext } from '../tools/tool.ts'
import type { AskingCall, Middleware } from './pipeline.ts'

/** The same question is not asked again before this time is over, whatever the answer was. */
const quietMs = 5 * 60_000

const signInHint =
  'The person was shown the page to sign in and agreed to open it. When it gives them a code, call connect-kustomer with it as code; otherwise repeat this call once they are done.'

/**
 * Asks the person at the client for what only they can decide: which of several connections to use, and to sign in. Both
 * errors come before anything is sent, so the call can run again. Without an answer the call fails as it would have.
 */
export function recover(
  { connections, membrane }: Pick<ToolContext, 'connections' | 'membrane'>,
  now: () => number,
): Middleware<AskingCall> {
  const pickOnce = keepFor(quietMs, now)
  const signInOnce = keepFor(quietMs, now)

  async function pickConnection({ data }: ToolError, elicitation: Elicitation, signal: AbortSignal) {
    const summaries = (data?.['connections'] ?? []) as ConnectionSummary[]
    const choices = summaries
      .filter(({ usable }) => usable)
      .map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))
    const picked = await elicitation.choose('Which Kustomer connection should be used?', choices, signal)
    if (picked === undefined) return false
    await connections.select(picked)
    return true
  }

  async function signIn(open: NonNullable<Elicitation['open']>, signal: AbortSignal) {
    const { url, warning } = parsePrintedLink(await membrane.login(signal), 'sign-in')
    const question = ['Sign in to Membrane, which holds the access to Kustomer.', warning].filter(Boolean)
    return (await open(question.join(' '), url, signal)) === true
  }

  return async (call, next) => {
    const { tool, elicitation, signal } = call
    try {
      return await next(call)
    } catch (error) {
      if (!(error instanceof ToolError) || signal.aborted) throw error
      if (error.reason === 'ambiguous-connection') {
        const isPicked = await pickOnce(() => pickConnection(error, elicitation, signal), signal)
        if (isPicked) return next(call)
      }
      const { open } = elicitation
      if (error.reason === 'signed-out' && open !== undefined && tool.group !== 'connection') {
        const isOpened = await signInOnce(() => signIn(open, signal), signal)
        if (isOpened) throw appendHint(error, signInHint)
      }
      throw error
    }
  }
}

/** Runs a task for all who ask at the same time, and keeps its result for a while. A failure counts as false. */
function keepFor(keptMs: number, now: () => number) {
  let last: { until: number; outcome: Promise<boolean> } | undefined
  return async (task: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> => {
    if (last === undefined || now() >= last.until)
      last = { until: now() + keptMs, outcome: task().catch(() => false) }
    return raceAbort(last.outcome, signal).catch(() => false)
  }
}
