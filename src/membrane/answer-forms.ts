import { isObject, type Json } from '../json.ts'
import { looksLikeError } from './error-facts.ts'

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

/** The HTTP statuses that an object states of itself, as numbers or as three digits. */
export const statusesOf = ({ status, statusCode }: Json): number[] =>
  [status, statusCode].flatMap((value) => {
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
