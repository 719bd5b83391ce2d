import { createInterface } from 'node:readline/promises'
import { ToolError } from '../../errors.ts'
import type { Elicitation } from '../../tools/elicitation.ts'

/** The person who typed the command, asked on stderr so that stdout holds the answer alone. */
export const terminalElicitation: Elicitation = {
  /** Only a clear yes is one, and an end of the input is a no. */
  confirm: async (question, signal) =>
    /^\s*y(es)?\s*$/i.test(await answerTo(`${question} [y/N] `, signal)) ? 'accept' : 'decline',
  choose: async (question, choices, signal) => {
    const lines = choices.map(({ label }, index) => `  ${index + 1}. ${label}`)
    const answer = await answerTo(`${[question, ...lines].join('\n')}\nNumber: `, signal)
    return choices[Number(answer.trim() || Number.NaN) - 1]?.value
  },
}

/** Nobody can be asked, and a token would be of no use to the next process: tokens live in the memory of one. */
export const noElicitation: Elicitation = {
  confirm: async (question) => {
    const message = `A person has to confirm this call, and there is no terminal to ask in. Run it in a terminal, or with --confirm none. It would do: ${question.split('\n')[0]}.`
    throw new ToolError('refused-by-policy', message)
  },
  choose: async () => undefined,
}

async function answerTo(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // While a line is read the terminal sends no signal for Ctrl-C.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  try {
    return await Promise.race([lines.question(question, { signal }), closed])
  } catch {
    signal.throwIfAborted()
    return ''
  } finally {
    lines.close()
  }
}
