import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { quoteUntrusted } from '../text/quote.ts'
import { abnormalExit, unprovenError } from './abnormal-exit.ts'
import {
  type AnswerForm,
  hasForm,
  isEnvelope,
  isLogLine,
  looksLikeError,
  statedFailures,
} from './answer-forms.ts'
import { gatherEvidence, type JudgedOutput } from './evidence.ts'
import type { Fallback, NoteFallback } from './fallbacks.ts'
import { fallbacksOfFailure } from './fallbacks-of-failure.ts'
import { jsonDocuments } from './json-output.ts'
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

/** Finds the answer in what the CLI printed, and everything that contradicts it. */
function judgeOutput(
  { stdout, stderr }: ProcessResult,
  form: AnswerForm | 'text',
  write: boolean,
): JudgedOutput {
  const fits = (document: object) => form !== 'text' && hasForm(document, form)
  const documents = jsonDocuments(stdout, fits)
  const document = documents.findLast(fits)
  const own = document === undefined || form === 'text' ? [] : failuresIn(document, form, write)
  const isAnswered = document !== undefined && own.length === 0
  // Progress is no failure of the answer that follows it; nor is a log line.
  const others = documents
    .filter((other) => other !== document && !looksLikeError(other) && !isLogLine(other) && form !== 'text')
    .flatMap((other) => statedFailures(other, 'response', write))
    .filter(({ statuses, inconclusive }) => statuses.length > 0 || !inconclusive)
  const onStdout = documents.findLast(looksLikeError)
  const error =
    onStdout ?? (isAnswered ? undefined : jsonDocuments(stderr, looksLikeError).findLast(looksLikeError))
  const stated = [...own, ...others]
  const failed = error !== undefined || stated.length > 0
  return {
    document,
    documents: documents.length,
    isErrorOnStderr: onStdout === undefined && error !== undefined,
    error: error ?? runErrorOf(document, form),
    stated,
    failed,
    contradicted: isAnswered && failed,
  }
}

/** What of a success had another form than the documented one. */
function fallbacksOfAnswer(
  { stdout }: ProcessResult,
  { document, documents }: JudgedOutput,
  form: AnswerForm,
): Fallback[] {
  return [
    ...(documents > 1
      ? (['several-documents'] as const)
      : isJsonAlone(stdout)
        ? []
        : (['text-around-json'] as const)),
    ...(document === undefined ? [] : fallbacksOfForm(document, form)),
  ]
}

function fallbacksOfForm(document: object, form: AnswerForm): Fallback[] {
  if (form === 'list') {
    if (Array.isArray(document)) return ['bare-list']
    return 'items' in document ? [] : ['list-in-output']
  }
  if (form !== 'response') return []
  if (!isEnvelope(document)) return ['bare-body']
  return [
    ...('status' in document ? [] : (['other-status-name'] as const)),
    ...('data' in document && !('body' in document) ? (['data-for-body'] as const) : []),
  ]
}

const isJsonAlone = (stdout: string) => /^\s*[[{]/.test(stdout) && /[\]}]\s*$/.test(stdout.slice(-100))

/** A record may have errors of its own, such as a connection that was broken once. */
const failuresIn = (document: object, form: AnswerForm, write: boolean) =>
  form === 'record' ? [] : statedFailures(document, form, write)

/** A run that failed may hold Membrane's error. */
const runErrorOf = (document: object | undefined, form: AnswerForm | 'text') =>
  form === 'run' && isObject(document) && isObject(document['error']) ? document['error'] : undefined

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
