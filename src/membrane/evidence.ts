import { isObject } from '../json.ts'
import { stripHidden, stripTerminalCodes } from '../text/invisible.ts'
import { type AnswerForm, hasForm, isLogLine, type StatedFailure, statedFailures } from './answer-forms.ts'
import { causesIn } from './causes.ts'
import { type ErrorFacts, looksLikeError, readErrorFacts } from './error-documents.ts'
import { resetSecondsIn } from './headers.ts'
import { jsonDocuments, textBeforeJson } from './json-output.ts'
import type { ProcessResult } from './process.ts'
import type { ErrorEvidence } from './reasons.ts'

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

/** Finds the answer in what the CLI printed, and everything that contradicts it. */
export function judgeOutput(
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

/** A record may have errors of its own, such as a connection that was broken once. */
const failuresIn = (document: object, form: AnswerForm, write: boolean) =>
  form === 'record' ? [] : statedFailures(document, form, write)

/** A run that failed may hold Membrane's error. */
const runErrorOf = (document: object | undefined, form: AnswerForm | 'text') =>
  form === 'run' && isObject(document) && isObject(document['error']) ? document['error'] : undefined

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
