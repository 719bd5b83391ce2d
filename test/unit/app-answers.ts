import { ToolError } from '../../src/errors.ts'
import type { AnswerForm } from '../../src/membrane/answer-forms.ts'
import { parseResult } from '../../src/membrane/parse-result.ts'
import type { ProcessResult } from '../../src/membrane/process.ts'
import { exit } from './error-cases.ts'

/** The error that a result stands for, or undefined for a proven success. */
export function errorOf(
  result: ProcessResult,
  write: boolean,
  answer: AnswerForm | 'text' = 'run',
): ToolError | undefined {
  try {
    if (answer === 'text') parseResult(result, { write, answer })
    else parseResult(result, { write, answer })
    return undefined
  } catch (error) {
    if (error instanceof ToolError) return error
    throw error
  }
}

/** The same for a document that is printed with exit 0. */
export const errorIn = (document: unknown, write: boolean, answer: AnswerForm = 'run') =>
  errorOf(exit({ exitCode: 0, stdout: JSON.stringify(document) }), write, answer)

/** The same for a response of the app with this status and body. */
export const responseError = (status: number, body: unknown, write: boolean, headers: object = {}) =>
  errorIn({ status, headers, body }, write, 'response')
