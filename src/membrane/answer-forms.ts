import { isObject, type Json, parseJson } from '../json.ts'
import type { StatedFailure } from './evidence.ts'

/** What a command answers with: a page of items, one record, the result of a run, or a response of the app. */
export type AnswerForm = 'list' | 'record' | 'run' | 'response'

const forms: Record<AnswerForm, (document: object) => boolean> = {
  list: (document) => isList(document) || (isObject(document) && isList(document['output'])),
  record: (document) => isObject(document) && isId(document['id']),
  // An upstream 204 leaves no `output` (JSON.stringify drops it).
  run: (document) => isObject(document) && ('output' in document || isId(document['actionRunId'])),
  response: (document) => isEnvelope(document) || isJsonApi(document),
}

/** Whether a document is an answer of this form: errors and log lines never are. */
export const hasForm = (document: object, form: AnswerForm): boolean =>
  !looksLikeError(document) && !isLogLine(document) && forms[form](document)

/** `type` values of Membrane's errors (vendor SDK 0.28.3). */
const errorTypes =
  /^(bad_request|connection|configuration|dependency_error|action_run|action_instance_setup|unit_run|custom_code|concurrency|insufficient_credit|openrouter_not_configured|flow_run|flow_instance_setup|internal)$/

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

export function isLogLine(document: object): boolean {
  if (!isObject(document)) return false
  const { level, severity, msg, message, time, timestamp } = document
  const hasLevel = ['string', 'number'].includes(typeof (level ?? severity))
  return hasLevel && [msg, message, time, timestamp].some((member) => member !== undefined)
}

/** `status` is an HTTP status, beside a body, headers, or nothing else (`JSON.stringify` drops an absent body). */
export function isEnvelope(value: unknown): value is Json {
  if (!isObject(value) || statusOf(value) === undefined) return false
  const isBare = Object.keys(value).every((name) => name === 'status' || name === 'statusText')
  return isObject(value['headers']) || 'body' in value || 'data' in value || isBare
}

const statusNames = ['status', 'statusCode', 'status_code', 'httpStatus', 'http_status'] as const

/** The HTTP statuses that an object states of itself, as numbers or as three digits. */
export const statusesOf = (node: Json): number[] =>
  statusNames.flatMap((name) => {
    const value = node[name]
    const isCode = typeof value === 'number' || typeof value === 'string'
    return isCode && /^[1-5]\d\d$/.test(String(value)) ? [Number(value)] : []
  })

export const statusOf = (node: Json): number | undefined => statusesOf(node)[0]

/** A JSON:API document has `data`, `errors` or `meta` (jsonapi.org, top level). */
function isJsonApi(document: object): boolean {
  if (!isObject(document)) return false
  const { data, errors, meta } = document
  if (data === undefined) return isPresent(errors) || isObject(meta)
  return data === null || Array.isArray(data) || (isObject(data) && (isId(data['id']) || isId(data['type'])))
}

const isList = (value: unknown): boolean =>
  Array.isArray(value) ? value.every(isObject) : isObject(value) && Array.isArray(value['items'])

export const isPresent = (value: unknown): boolean =>
  Boolean(value) && (typeof value !== 'object' || Object.keys(value as object).length > 0)

const isId = (value: unknown) => (typeof value === 'string' && value !== '') || typeof value === 'number'

const inner = ['output', 'data', 'body', 'response', 'result', 'results', 'payload', 'meta'] as const
const maxDepth = 8
const finished = /^(success|succeeded|successful|completed?|done|finished|ok)$/i
const failedOrUnfinished =
  /^(error|errored|fail|failed|failure|aborted|cancell?ed|timed?[-_ ]?out|running|pending|queued|processing|in[-_ ]?progress|waiting|started)$/i

const refused = /^(rejected|denied|refused|unauthori[sz]ed|forbidden|invalid)$/i

/** Finds every failure that an answer states, at any depth above the app's records. */
export function statedFailures(document: object, form: AnswerForm, write: boolean): StatedFailure[] {
  const failures: StatedFailure[] = []
  visit(document, 0, false)
  return failures

  function visit(node: unknown, depth: number, inList: boolean): void {
    if (depth > maxDepth) return
    // One of several results may have failed. For a read that is data.
    if (write && Array.isArray(node)) for (const item of node) visit(item, depth + 1, true)
    if (!isObject(node) || isObject(node['attributes'])) return
    const isRun = depth === 0 && form === 'run'
    const failure = failureOf(node, isRun, write)
    if (failure !== undefined) failures.push({ ...failure, inconclusive: failure.inconclusive || inList })
    for (const name of inner) {
      const isAnswer = write && (isRun ? name === 'output' : isEnvelope(node))
      visit(isAnswer ? readAnswer(node[name], node) : node[name], depth + 1, inList)
    }
  }

  /** A write that is answered with a page, or with words and no status, may have ended anywhere on its way. */
  function readAnswer(value: unknown, holder: Json): unknown {
    const text = wordsOf(value)?.trim()
    if (text === undefined || text === '' || finished.test(text)) return value
    if (/^[[{]/.test(text)) return parseJson(text)
    const isProven = statusesOf(holder).length > 0 || finished.test(stateOf(holder))
    if (isProven && !text.startsWith('<')) return value
    failures.push({ statuses: [], body: text, headers: undefined, inconclusive: true, external: true })
    return undefined
  }
}

const wordsOf = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value
  const isMessage = isObject(value) && typeof value['message'] === 'string' && Object.keys(value).length === 1
  return isMessage ? String(value['message']) : undefined
}

function failureOf(node: Json, isRun: boolean, write: boolean): StatedFailure | undefined {
  // A redirect of a write proves nothing. A read is told where it leads.
  const isFailure = (status: number) =>
    status >= 400 || (write && isEnvelope(node) && (status < 200 || status > 299))
  const own = statusesOf(node).filter(isFailure)
  const statuses = [...own, ...errorStatuses(node)]
  const unfinished = isUnfinished(node, isRun) || (write && !isRecord(node) && refused.test(stateOf(node)))
  const failed = saysFailed(node) || (write && !isRecord(node) && hintsAtFailure(node))
  if (statuses.length === 0 && !unfinished && !failed) return undefined
  const { headers, errors, data } = node
  const hasResults = isPresent(errors) && isPresent(data)
  const isRunning = unfinished && !/^(error|errored|fail|failed|failure)$/i.test(stateOf(node))
  return {
    statuses,
    body: isRunning ? `its status is ${stateOf(node)}` : causeIn(node, own.length > 0),
    headers,
    inconclusive: hasResults || isRunning || (failed && !saysFailed(node)),
    external: !isRun,
  }
}

/** The body of an envelope says why; else the object that states the failure does. */
const causeIn = (node: Json, isResponse: boolean) =>
  (isResponse ? [node['body'], node['data']].find(isPresent) : undefined) ?? node

function errorStatuses({ errors, error }: Json): number[] {
  const stated = [errors, error].flat().filter(isObject)
  return stated
    .flatMap((each) => [...statusesOf(each), ...statusesOf({ status: each['code'] })])
    .filter((status) => status >= 400)
}

const saysFailed = ({ success, ok, isError, failed, error, errors }: Json) =>
  success === false ||
  ok === false ||
  isError === true ||
  failed === true ||
  isPresent(error) ||
  isPresent(errors)

const isRecord = (node: Json) => node['id'] !== undefined

const successNames = /^(is)?(success|successful|succeeded|ok)$/
const failureFlags = /^(is|has)?(errors?|failed|failure)$/
const errorNames = /^(error|exception|fault)(code|type|message|description|details?)?$/

/** Other spellings of a failure. They prove nothing, but neither is such a write known to be done. */
function hintsAtFailure(node: Json): boolean {
  const { code, message } = node
  if (typeof message === 'string' && /^[45]\d\d$/.test(String(code))) return true
  return Object.entries(node).some(([name, value]) => {
    const plain = name.toLowerCase().replace(/[^a-z]/g, '')
    const says = typeof value === 'object' ? '' : String(value).toLowerCase()
    return (
      (successNames.test(plain) && says === 'false') ||
      (failureFlags.test(plain) && says === 'true') ||
      (errorNames.test(plain) && isPresent(value) && says !== 'false')
    )
  })
}

/** A run says its own state. Anything else with an id is a record, whose state is the app's business. */
function isUnfinished(node: Json, isRun: boolean): boolean {
  const state = stateOf(node)
  if (state === '' || /^\d{3}$/.test(state)) return false
  return isRun ? !finished.test(state) : !isRecord(node) && failedOrUnfinished.test(state)
}

const stateOf = ({ status, state }: Json): string =>
  [status, state].find((value) => typeof value === 'string') ?? ''
