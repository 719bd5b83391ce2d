import { type Reason, ToolError } from '../errors.ts'
import { quoteUntrusted } from '../text/quote.ts'
import type { AnswerForm } from './answer-forms.ts'
import { gatherEvidence, judgeOutput } from './evidence.ts'
import type { NoteFallback } from './fallbacks.ts'
import { fallbacksOfAnswer, fallbacksOfFailure } from './fallbacks-in.ts'
import type { ProcessResult } from './process.ts'
import {
  type ErrorEvidence,
  isRefusedCommand,
  isSignedOutSentence,
  provesRefusal,
  reasonOf,
} from './reasons.ts'

export interface ResultExpectation {
  /** Whether the call may have changed something: then an unclear end is `outcome-unknown`, never "failed". */
  write: boolean
  /** The form of document that the command answers with, or `text` for a command that prints for a person. */
  answer: AnswerForm | 'text'
}

/** A program reads its command line in less than this. What failed later may have done something (assumed). */
const parseMs = 2000

/**
 * Returns the document of a proven success, or the text on stdout. A success is exit code 0 and a document of the expected
 * form that states no failure. Everything else throws a ToolError: for a write `outcome-unknown`, unless the CLI
 * provably sent nothing or the app provably refused. A complete answer before a failing exit, as in a crash (134), is
 * no success. Whatever had another form than the documented one is noted.
 */
export function parseResult(
  result: ProcessResult,
  expectation: ResultExpectation & { answer: AnswerForm },
  note?: NoteFallback,
): object
export function parseResult(
  result: ProcessResult,
  expectation: ResultExpectation & { answer: 'text' },
  note?: NoteFallback,
): string
export function parseResult(
  result: ProcessResult,
  { write, answer }: ResultExpectation,
  note: NoteFallback = () => undefined,
): object | string {
  if (result.ended !== 'exit') throw abnormalExit(result, write)
  const output = judgeOutput(result, answer, write)
  const hasEndedWell = result.exitCode === 0 && !output.failed
  if (hasEndedWell && answer === 'text') return result.stdout
  if (hasEndedWell && output.document !== undefined) {
    if (answer !== 'text') fallbacksOfAnswer(result, output, answer).forEach(note)
    return output.document
  }
  const evidence = gatherEvidence(result, output)
  if (!hasEndedWell) fallbacksOfFailure(result, output, evidence).forEach(note)
  if (!hasEndedWell) throw failure(result, evidence, write)
  if (!write && reasonOf(evidence) === 'signed-out') throw failure(result, evidence, write)
  throw unprovenError(write, 'bad-output', 'The Membrane CLI ended without a complete answer.', result)
}

function failure(
  { exitCode, milliseconds }: ProcessResult,
  evidence: ErrorEvidence,
  write: boolean,
): ToolError {
  const { status } = evidence
  const hasFailed = exitCode !== 0
  const notSent = hasFailed && milliseconds < parseMs && isRefusedCommand(evidence)
  const isSignedOut = hasFailed && isSignedOutSentence(evidence)
  const reason = reasonOf(evidence) ?? (write ? 'invalid-input' : 'upstream-error')
  const isRefused = provesRefusal(evidence) && !/^(timeout|network|upstream-error)$/.test(reason)
  if (write && !notSent && !isSignedOut && !isRefused)
    return unprovenError(write, reason, describe(evidence), { exitCode, status })
  return new ToolError(reason, describe(evidence), { exitCode, status, notSent })
}

function describe({ status, external, upstream, messages, text, resetSeconds }: ErrorEvidence): string {
  const cause = upstream.slice(0, 3).join('; ') || messages.at(-1) || firstLine(text)
  const quoted = cause === '' ? '' : `: ${quoteUntrusted(withoutQueries(cause))}`
  const reset = resetSeconds === undefined ? '' : ` The limit is free again in ${resetSeconds} s.`
  if (external) return `Kustomer answered ${status ?? 'with an error'}${quoted}.${reset}`
  return `The Membrane CLI reported an error${status === undefined ? '' : ` (${status})`}${quoted}.${reset}`
}

const firstLine = (text: string) => text.split('\n').find((line) => line.trim() !== '') ?? ''

const withoutQueries = (text: string) =>
  text.replace(/https?:\/\/[^\s"']+/g, (url) => url.replace(/[?#].*/, ''))

function abnormalExit({ ended, code, missing, milliseconds, ...result }: ProcessResult, write: boolean) {
  const after = `after ${Math.round(milliseconds / 100) / 10} s`
  switch (ended) {
    case 'not-started':
      return notStarted(code, missing)
    case 'timeout':
      return unprovenError(
        write,
        'timeout',
        `The Membrane CLI gave no answer ${after}, the deadline of a call.`,
      )
    case 'cancelled':
      return unprovenError(write, 'cancelled', `The call was cancelled ${after}.`)
    case 'too-large':
      return unprovenError(write, 'too-large', 'The answer was larger than 32 MiB and was stopped.')
    default:
      return unprovenError(
        write,
        'bad-output',
        `The Membrane CLI was ended by ${code} before it answered.`,
        result,
      )
  }
}

function notStarted(code: string | undefined, missing: ProcessResult['missing']): ToolError {
  if (code === 'E2BIG' || code === 'ENAMETOOLONG')
    return new ToolError('too-large', 'The input is larger than this system allows for one command.')
  if (missing === 'folder')
    return new ToolError(
      'upstream-error',
      'The Membrane CLI could not be started: the folder to run it in cannot be entered. Ask the person to set HOME to a folder that exists and is theirs.',
    )
  const isMissing = /^(ENOENT|EACCES|EPERM|ENOEXEC|EISDIR|ENOTDIR)$/.test(code ?? '')
  return new ToolError(
    isMissing ? 'cli-not-found' : 'upstream-error',
    `The Membrane CLI could not be started (${code}).`,
  )
}

function unprovenError(
  write: boolean,
  reason: Reason,
  message: string,
  details: { exitCode?: number | undefined; status?: number | undefined } = {},
): ToolError {
  const { exitCode, status } = details
  return write
    ? new ToolError('outcome-unknown', `${message} Whether the change was made is not known.`, {
        exitCode,
        status,
      })
    : new ToolError(reason, message, { exitCode, status })
}
