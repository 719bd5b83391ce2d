import { isObject } from '../json.ts'
import { stripHidden, withoutTerminalCodes } from '../text/text.ts'
import { type AnswerForm, hasForm, isLogLine } from './answer-forms.ts'
import { causesIn } from './causes.ts'
import { type ErrorFacts, looksLikeError, readErrorFacts } from './error-facts.ts'
import { resetSecondsIn } from './headers.ts'
import { jsonDocuments, textBeforeJson } from './json-output.ts'
import type { ProcessResult } from './process.ts'
import type { ErrorEvidence } from './reasons.ts'
import { type StatedFailure, statedFailures } from './stated-failures.ts'

export interface JudgedOutput {
  /** The last document on stdout of the expected form. */
  document: object | undefined
  /** Whether any document says that the call failed. */
  failed: boolean
  evidence: ErrorEvidence
}

/** Looks for the answer in what the CLI printed, and for everything that contradicts it. */
export function judgeOutput(
  { stdout, stderr }: ProcessResult,
  form: AnswerForm | 'text',
  write: boolean,
): JudgedOutput {
  const fits = (document: object) => form !== 'text' && hasForm(document, form)
  const documents = jsonDocuments(stdout, fits)
  const document = documents.findLast(fits)
  const own = document === undefined || form === 'text' ? [] : failuresIn(document, form, write)
  // Progress is no failure of the answer that follows it; nor is a log line.
  const others = documents
    .filter((other) => !fits(other) && !looksLikeError(other) && !isLogLine(other) && form !== 'text')
    .flatMap((other) => statedFailures(other, 'response', write))
    .filter(({ statuses, inconclusive }) => statuses.length > 0 || !inconclusive)
  const isAnswered = document !== undefined && own.length === 0
  const error =
    documents.findLast(looksLikeError) ??
    (isAnswered ? undefined : jsonDocuments(stderr, looksLikeError).findLast(looksLikeError))
  const stated = [...own, ...others]
  const failed = error !== undefined || stated.length > 0
  const facts = mergeFacts(readErrorFacts(error ?? runErrorOf(document, form)), stated)
  const text = [stderr, stdout]
    .map((output) => stripHidden(textBeforeJson(output)).trim())
    .join('\n')
    .trim()
  return {
    document,
    failed,
    evidence: {
      ...facts,
      status: facts.statuses[0] ?? statusInText(text),
      external: facts.external || /^Error making request to https?:/m.test(text),
      text,
      isTextAlone: [stdout, stderr].every(isTextAlone),
      statements: [...facts.messages, text],
      structured: failed,
      inconclusive: stated.some(({ inconclusive }) => inconclusive) || (failed && isAnswered),
    },
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

const isTextAlone = (output: string) => textBeforeJson(output).length === withoutTerminalCodes(output).length
