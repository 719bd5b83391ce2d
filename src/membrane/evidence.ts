import { stripHidden, stripTerminalCodes } from '../text/invisible.ts'
import { causesIn } from './causes.ts'
import { type ErrorFacts, readErrorFacts } from './error-documents.ts'
import { resetSecondsIn } from './headers.ts'
import { textBeforeJson } from './json-output.ts'
import type { ProcessResult } from './process.ts'
import type { ErrorEvidence } from './reasons.ts'

export interface StatedFailure {
  statuses: readonly number[]
  body: unknown
  headers: unknown
  /** Part of it may have been done: it goes on, or it has results beside its errors. */
  inconclusive: boolean
  /** Whether the app states it, in contrast to Membrane's run. */
  external: boolean
}

export interface JudgedOutput {
  /** The last document on stdout of the expected form. */
  document: object | undefined
  /** How many documents stdout held. */
  documents: number
  /** The last document of a known form of error. */
  error: object | undefined
  isErrorOnStderr: boolean
  /** What the answer and other documents on stdout state. */
  stated: readonly StatedFailure[]
  failed: boolean
  /** Whether one document proves the success and another the failure. */
  contradicted: boolean
}

/** Gathers what a failed call shows of its cause. */
export function gatherEvidence(
  { stdout, stderr }: ProcessResult,
  { error, stated, failed, contradicted }: JudgedOutput,
): ErrorEvidence {
  const facts = mergeFacts(readErrorFacts(error), stated)
  const text = [stderr, stdout]
    .map((output) => stripHidden(textBeforeJson(output)).trim())
    .join('\n')
    .trim()
  return {
    ...facts,
    status: facts.statuses[0] ?? statusInText(text),
    external: facts.external || /^Error making request to https?:/m.test(text),
    text,
    isTextAlone: [stdout, stderr].every(isTextAlone),
    statements: [...facts.messages, text],
    structured: failed,
    inconclusive: contradicted || stated.some(({ inconclusive }) => inconclusive),
  }
}

function mergeFacts(facts: ErrorFacts, stated: readonly StatedFailure[]): ErrorFacts {
  return {
    ...facts,
    statuses: [...facts.statuses, ...stated.flatMap(({ statuses }) => statuses)],
    external: facts.external || stated.some(({ external }) => external),
    upstream: [...new Set([...facts.upstream, ...stated.flatMap(({ body }) => causesIn(body))])],
    resetSeconds: [facts.resetSeconds, ...stated.map(({ headers }) => resetSecondsIn(headers))].find(
      (seconds) => seconds !== undefined,
    ),
  }
}

const statusInText = (text: string): number | undefined =>
  Number(/: ([45]\d\d)\s*$/m.exec(text)?.[1]) || undefined

const isTextAlone = (output: string) => textBeforeJson(output).length === stripTerminalCodes(output).length
