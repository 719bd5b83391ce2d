import { setTimeout } from 'node:timers/promises'
import * as z from 'zod'
import { withDeadline } from '../../async/deadline.ts'
import type { Config } from '../../config/options.ts'
import { ToolError } from '../../errors.ts'
import type { UserLink } from '../../tools/sign-in-link.ts'
import type { Tool } from '../../tools/tool.ts'
import type { Prompter } from './prompter.ts'

/** What `connect-kustomer` says of a step. */
const stepSchema = z.object({
  state: z.string(),
  next: z.string(),
  connection: z.object({ id: z.string(), name: z.string() }).optional(),
})

export interface ConnectOptions {
  tool: Tool
  prompter: Prompter
  /** Shows the link where the user can open it. */
  open: (link: UserLink) => Promise<void>
  /** A code from an earlier sign-in page. */
  code: string | undefined
  /** How long the connection may take to be READY, in milliseconds. */
  waitMs: number
  timeoutMs: Config['timeoutMs']
  signal: AbortSignal
}

const pauseMs = 1000
const maxSignIns = 5

/**
 * Walks sign-in and connection to READY with the tool that agents use, and returns the connection. Rejects with
 * ToolError, or with an Error that says what is left to do.
 */
export async function connect({ tool, prompter, open, code, waitMs, timeoutMs, signal }: ConnectOptions) {
  const end = Date.now() + waitMs
  const shown = new Set<string>()
  let given = code
  let signIns = 0
  for (;;) {
    const withCode = given
    given = undefined
    const { step, link } = await look(withCode).catch((error: unknown) => {
      // A wrong code is no reason to begin anew.
      if (!(error instanceof ToolError) || withCode === undefined || !prompter.present || signal.aborted)
        throw error
      prompter.say(error.message)
      return look(undefined)
    })
    if (step.state === 'READY') return step.connection
    if (step.state === 'SIGN_IN') {
      if (++signIns > maxSignIns) throw new Error('nobody signed in. Run setup again.')
      given = await signIn(link)
    } else {
      await wait(step, link)
    }
  }

  async function look(withCode: string | undefined) {
    const what = withCode === undefined ? 'Looking at the sign-in and the connection' : 'Signing in'
    const args = withCode === undefined ? {} : { code: withCode }
    const answer = await prompter.busy(what, () =>
      withDeadline(
        timeoutMs,
        async (limited) => (await tool.prepare(args, limited)).execute(limited),
        signal,
      ),
    )
    return { step: stepSchema.parse(answer.data), link: answer.link }
  }

  async function signIn(link: UserLink | undefined): Promise<string | undefined> {
    if (link !== undefined) await open(link)
    if (!prompter.present)
      throw new Error(
        'sign in at the link above, then run this again, with --code and the code if the page shows one.',
      )
    const answer = await prompter.ask('Sign in there. Which code does the page show? (Enter if none)')
    return answer === '' ? undefined : answer
  }

  async function wait({ state, next }: z.infer<typeof stepSchema>, link: UserLink | undefined) {
    if (state !== 'BUILDING' && state !== 'CLIENT_ACTION_REQUIRED')
      throw new Error(`the connection is ${state}. ${inTerminalWords(next)}`)
    if (link !== undefined && !shown.has(link.url)) {
      shown.add(link.url)
      await open(link)
    }
    if (Date.now() + pauseMs > end)
      throw new Error(
        `the connection is still ${state}. Do what is left at the link above and run this again.`,
      )
    const what =
      state === 'BUILDING' ? 'Membrane is setting the connection up' : 'Waiting for you to allow access'
    await prompter.busy(what, () => pause(signal))
  }
}

/** Rejects with the signal's reason, so that whoever stops a wait reads why it ended. */
async function pause(signal: AbortSignal): Promise<void> {
  await setTimeout(pauseMs, undefined, { signal }).catch(() => {
    throw signal.reason instanceof ToolError ? signal.reason : new ToolError('cancelled', 'Stopped.')
  })
}

/** The tool's words for an agent, turned into words for the user. */
const inTerminalWords = (next: string) =>
  next
    .replace(/^The person must mend or remove this connection/, 'Mend or remove it')
    .replace(/, then call connect-kustomer again/, ', then run setup again')
