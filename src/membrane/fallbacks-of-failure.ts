import { isObject } from '../json.ts'
import type { JudgedOutput } from './evidence.ts'
import type { Fallback } from './fallbacks.ts'
import type { ProcessResult } from './process.ts'
import { type ErrorEvidence, isRefusedCommand, isSignedOutSentence } from './reasons.ts'

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
