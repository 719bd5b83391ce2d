import { isObject, type Json } from '../json.ts'
import { stripHidden, stripTerminalCodes } from '../text/invisible.ts'
import { type AnswerForm, hasForm, isLogLine, type StatedFailure, statedFailures } from './answer-forms.ts'
import { causesIn } from './causes.ts'
import { resetSecondsIn } from './headers.ts'
import { jsonDocuments, textBeforeJson } from './json-output.ts'
import type { ProcessResult } from './process.ts'
import type { ErrorEvidence } from './reasons.ts'

export interface JudgedOutput {
  /** The last document on stdout of the expected form. */
  document: object | undefined
  /** The last document of a known form of error. */
  error: object | undefined
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
  const error =
    documents.findLast(looksLikeError) ??
    (isAnswered ? undefined : jsonDocuments(stderr, looksLikeError).findLast(looksLikeError))
  const stated = [...own, ...others]
  const failed = error !== undefined || stated.length > 0
  return {
    document,
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

/** What is read from an error document. Credentials, headers and stacks are never among it. */
export interface ErrorFacts {
  types: string[]
  keys: string[]
  codes: string[]
  messages: string[]
  statuses: number[]
  /** Whether the app behind the connection answered, in contrast to Membrane itself. */
  external: boolean
  upstream: string[]
  resetSeconds?: number | undefined
}

/** `type` values of Membrane's errors (vendor SDK 0.28.3). */
const errorTypes =
  /^(bad_request|connection|configuration|dependency_error|action_run|action_instance_setup|unit_run|custom_code|concurrency|insufficient_credit|openrouter_not_configured|flow_run|flow_instance_setup|internal)$/

const membraneHost = /(^|\.)(getmembrane\.com|integration\.app)$/

/** Whether a document has a known form of error. The CLI prints errors as valid JSON on stdout, also with exit 0. */
export function looksLikeError(document: object): boolean {
  const { isMembraneError, type, message, request, response, name, error } = document as Json
  return (
    isMembraneError === true ||
    name === 'AxiosError' ||
    (typeof message === 'string' &&
      (typeof error === 'string' || (typeof type === 'string' && errorTypes.test(type)))) ||
    (isObject(request) && isObject(response))
  )
}

export function readErrorFacts(document: unknown): ErrorFacts {
  const facts: ErrorFacts = {
    types: [],
    keys: [],
    codes: [],
    messages: [],
    statuses: [],
    external: false,
    upstream: [],
  }
  if (isObject(document)) collect(document, facts, 0)
  return facts
}

function collect(node: Json, facts: ErrorFacts, depth: number): void {
  if (depth > 8) return
  const { type, key, code, message, error, status, response, request, config } = node
  if (typeof type === 'string') facts.types.push(type)
  if (typeof key === 'string') facts.keys.push(key)
  if (typeof code === 'string') facts.codes.push(code)
  for (const text of [message, error]) if (typeof text === 'string') facts.messages.push(text)
  if (isErrorStatus(status)) facts.statuses.push(status)
  if (isObject(response)) {
    const { status: answered, headers, data, body = data } = response
    if (isErrorStatus(answered)) facts.statuses.push(answered)
    facts.external ||= !isMembraneUrl(request) && !isMembraneUrl(config)
    facts.resetSeconds ??= resetSecondsIn(headers)
    if (facts.external) facts.upstream.push(...causesIn(body))
    else if (isObject(body)) collect(body, facts, depth + 1)
  }
  for (const cause of [node['causedByError'], node['data'], error]) {
    if (isObject(cause)) collect(cause, facts, depth + 1)
  }
}

function isMembraneUrl(request: unknown): boolean {
  if (!isObject(request)) return false
  const url = [request['baseURL'], request['url']].find(
    (part) => typeof part === 'string' && URL.canParse(part),
  )
  return typeof url === 'string' && membraneHost.test(new URL(url).hostname)
}

const isErrorStatus = (value: unknown): value is number =>
  Number.isInteger(value) && Number(value) >= 400 && Number(value) < 600
