import { isObject } from '../json.ts'
import { type AnswerForm, isEnvelope } from './answer-forms.ts'
import type { JudgedOutput } from './evidence.ts'
import type { Fallback } from './fallbacks.ts'
import type { ProcessResult } from './process.ts'
import { type ErrorEvidence, isRefusedCommand, isSignedOutSentence } from './reasons.ts'

/** What of a success had another form than the documented one. */
export function fallbacksOfAnswer(
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

/** What of a failure had another form than the documented one: an error as JSON on stdout, and an exit code. */
export function fallbacksOfFailure(
  { exitCode }: ProcessResult,
  { error, isErrorOnStderr, stated }: JudgedOutput,
  evidence: ErrorEvidence,
): Fallback[] {
  const isText = !isObject(error) && stated.length === 0
  const isKnownText = isRefusedCommand(evidence) || isSignedOutSentence(evidence)
  return [
    ...(isErrorOnStderr ? (['error-on-stderr'] as const) : []),
    ...(isOfAnotherProgram(error) ? (['other-error-form'] as const) : []),
    ...(isText && !isKnownText ? (['error-without-json'] as const) : []),
    ...(exitCode === 0 ? (['error-with-exit-0'] as const) : []),
  ]
}

/** `{ error, message }`, in contrast to Membrane's `type` and the CLI's `response`. */
const isOfAnotherProgram = (error: object | undefined) =>
  isObject(error) &&
  typeof error['error'] === 'string' &&
  error['type'] === undefined &&
  error['response'] === undefined

const isJsonAlone = (stdout: string) => /^\s*[[{]/.test(stdout) && /[\]}]\s*$/.test(stdout.slice(-100))
