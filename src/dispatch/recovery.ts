import { raceAbort } from '../async/abort.ts'
import type { Arguments } from '../catalog/arguments.ts'
import { appendHint, ToolError } from '../errors.ts'
import type { ConnectionSummary } from '../membrane/connection.ts'
import type { Elicitation } from '../tools/elicitation.ts'
import { parsePrintedLink } from '../tools/sign-in-link.ts'
import type { Tool, ToolContext } from '../tools/tool.ts'

/** Takes a tool and the person at the host and returns the tool as one call of it runs. */
export type Recovery = (tool: Tool, person: Elicitation | undefined) => Tool

/** Nobody is asked the same again before this time is over, whatever came of it. */
const quietMs = 5 * 60_000

/**
 * Takes what tools work with and returns what helps a call over what only the person at the host can decide, where the
 * host can ask: which of several connections to use, and to sign in. Both stop a call before anything was sent, so
 * that running it again is safe. Without an answer the call fails as it would have.
 */
export function createRecovery(
  { connections, membrane }: ToolContext,
  now: () => number = Date.now,
): Recovery {
  const pickOnce = keptFor(quietMs, now)
  const signInOnce = keptFor(quietMs, now)

  async function pick({ data }: ToolError, person: Elicitation, signal: AbortSignal): Promise<boolean> {
    const summaries = (data?.['connections'] ?? []) as ConnectionSummary[]
    const choices = summaries
      .filter(({ usable }) => usable)
      .map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))
    const picked = await person.choose('Which Kustomer connection should be used?', choices, signal)
    if (picked === undefined) return false
    await connections.select(picked)
    return true
  }

  async function signIn(open: NonNullable<Elicitation['open']>, signal: AbortSignal): Promise<boolean> {
    const { url, warning } = parsePrintedLink(await membrane.login(signal), 'sign-in')
    const question = ['Sign in to Membrane, which holds the access to Kustomer.', warning].filter(Boolean)
    return (await open(question.join(' '), url, signal)) === true
  }

  async function recovered<T>(
    task: () => Promise<T>,
    person: Elicitation,
    tool: Tool,
    signal: AbortSignal,
  ): Promise<T> {
    try {
      return await task()
    } catch (error) {
      if (!(error instanceof ToolError) || signal.aborted) throw error
      if (error.reason === 'ambiguous-connection') {
        const isPicked = await pickOnce(() => pick(error, person, signal), signal)
        if (isPicked) return task()
      }
      const { open } = person
      if (error.reason === 'signed-out' && open !== undefined && tool.group !== 'connection') {
        const isOpened = await signInOnce(() => signIn(open, signal), signal)
        if (isOpened) throw appendHint(error, opened)
      }
      throw error
    }
  }

  return (tool, person) => {
    if (person === undefined) return tool
    const within =
      <T>(task: (args: Arguments, signal: AbortSignal, person: Elicitation) => Promise<T>) =>
      (args: Arguments, signal: AbortSignal) =>
        recovered(() => task(args, signal, person), person, tool, signal)
    return { ...tool, effect: within(tool.effect), run: within(tool.run) }
  }
}

const opened =
  'The person was shown the page to sign in and agreed to open it. When it gives them a code, call connect-kustomer with it as code; otherwise repeat this call once they are done.'

/** Runs a task for all who ask at the same time, and keeps what came of it for a while. */
function keptFor(keptMs: number, now: () => number) {
  let last: { until: number; outcome: Promise<boolean> } | undefined
  return async (task: () => Promise<boolean>, signal: AbortSignal): Promise<boolean> => {
    if (last === undefined || now() >= last.until)
      last = { until: now() + keptMs, outcome: task().catch(() => false) }
    // Out of time or cancelled: the call fails as it would have.
    return raceAbort(last.outcome, signal).catch(() => false)
  }
}
