import { UsageError } from '../../errors.ts'
import { wrapFor } from '../terminal/wrap.ts'

/** Columns that the prompts draw before a text. */
const promptMargin = 4

export interface Choice {
  value: string
  label: string
  hint?: string
}

/** How setup talks to whoever runs it: a user at a terminal, or a script, which cannot be asked. */
export interface Prompter {
  /** Whether somebody can answer. Asking a script throws UsageError. */
  present: boolean
  say(text: string): void
  confirm(question: string): Promise<boolean>
  choose(question: string, choices: readonly Choice[]): Promise<string>
  pick(question: string, choices: readonly Choice[], preset: readonly string[]): Promise<string[]>
  /** Returns a line, empty when there is nothing to say. */
  ask(question: string): Promise<string>
  /** Shows that something goes on until the task is over. */
  busy<T>(what: string, task: () => Promise<T>): Promise<T>
}

/** The user cancelled at a question. */
export class CancelledError extends Error {
  constructor() {
    super('stopped, as you asked.')
  }
}

export function nonInteractivePrompter(print: (text: string) => void): Prompter {
  const refuse = (question: string) => {
    throw new UsageError(
      `not a terminal: “${question}” cannot be asked. Pass --yes, or run this in a terminal.`,
    )
  }
  return {
    present: false,
    say: print,
    confirm: async (question) => refuse(question),
    choose: async (question) => refuse(question),
    pick: async (question) => refuse(question),
    ask: async (question) => refuse(question),
    busy(what, task) {
      print(`${what} …`)
      return task()
    },
  }
}

/** Asks at the terminal until the signal aborts. Loads the prompts when called. */
export async function terminalPrompter(signal: AbortSignal): Promise<Prompter> {
  const [prompts, { default: createSpinner }] = await Promise.all([
    import('@clack/prompts'),
    import('yocto-spinner'),
  ])
  const toWidth = (text: string) => wrapFor(process.stdout, text, promptMargin)
  const answered = async <T>(answer: Promise<T>): Promise<Exclude<T, symbol>> => {
    const value = await answer
    if (typeof value === 'symbol') throw new CancelledError()
    return value as Exclude<T, symbol>
  }
  return {
    present: true,
    say: (text) => prompts.log.message(toWidth(text)),
    confirm: (message) => answered(prompts.confirm({ message: toWidth(message), signal })),
    choose: (message, choices) => answered(prompts.select({ message, options: [...choices], signal })),
    pick: (message, choices, preset) =>
      answered(
        prompts.multiselect({
          message,
          options: [...choices],
          initialValues: [...preset],
          required: false,
          signal,
        }),
      ),
    ask: async (message) =>
      (await answered(prompts.text({ message: toWidth(message), signal, defaultValue: '' }))).trim(),
    async busy(what, task) {
      // Signals are the command's own: the spinner must not end the process before its children have ended.
      const spinner = createSpinner({ text: what, stream: process.stdout, handleSignals: false }).start()
      try {
        const result = await task()
        spinner.success()
        return result
      } catch (error) {
        spinner.error()
        throw error
      }
    },
  }
}
