import { createInterface } from 'node:readline/promises'
import { ToolError } from '../../errors.ts'
import type { Elicitation } from '../../tools/elicitation.ts'
import { wrapFor } from './wrap.ts'

/** Asks on stderr, so that stdout holds the answer alone. `describe` gives lines to show above a confirmation. */
export const terminalElicitation = (
  describe: (signal: AbortSignal) => Promise<readonly string[]>,
): Elicitation => ({
  /** The end of the input is a no. */
  confirm: async (question, signal) => {
    const lines = [question, ...(await describe(signal)), 'Do this in Kustomer? [y/N] ']
    return /^\s*y(es)?\s*$/i.test(await answerTo(lines, signal)) ? 'accept' : 'decline'
  },
  choose: async (question, choices, signal) => {
    const lines = choices.map(({ label }, index) => `  ${index + 1}. ${label}`)
    const answer = await answerTo([question, ...lines, 'Number: '], signal)
    return choices[Number(answer.trim() || Number.NaN) - 1]?.value
  },
})

/** Refuses, because a confirmation token would be of no use: it lives in the memory of this process. */
export const noElicitation: Elicitation = {
  confirm: async (question) => {
    const message = `This call needs a confirmation, and stdin is not a terminal. Run it in a terminal, or, unless it merges customers, with --confirm none. It would do: ${question.split('\n')[0]}`
    throw new ToolError('refused-by-policy', message)
  },
  choose: async () => undefined,
}

async function answerTo(question: readonly string[], signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr })
  // While a line is read the terminal sends no signal for Ctrl-C.
  lines.once('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const closed = new Promise<string>((resolve) => lines.once('close', () => resolve('')))
  const prompt = question.at(-1) ?? ''
  process.stderr.write(
    question
      .slice(0, -1)
      .map((line) => `${wrapFor(process.stderr, line)}\n`)
      .join(''),
  )
  try {
    return await Promise.race([lines.question(prompt, { signal }), closed])
  } catch {
    signal.throwIfAborted()
    return ''
  } finally {
    lines.close()
  }
}
