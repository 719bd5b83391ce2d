import { ToolError } from '../../../errors.ts'
import { isObject, type Json } from '../../../json.ts'
import type { AnswerForm } from '../../../membrane/answer-forms.ts'
import { unwrapResponse } from '../../../membrane/app-call.ts'
import type { Fallback } from '../../../membrane/fallbacks.ts'
import { parseResult } from '../../../membrane/parse-result.ts'
import type { Answer } from './probe.ts'

/** What the program makes of an answer. */
export type Reading = { fallbacks: Fallback[] } & (
  | { document: object; error?: undefined }
  | { document?: undefined; error: ToolError }
)

export function read({ result }: Answer, answer: AnswerForm, write = false): Reading {
  const fallbacks: Fallback[] = []
  try {
    return {
      document: parseResult(result, { write, answer }, (name) => fallbacks.push(name)),
      fallbacks,
    }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { error, fallbacks }
  }
}

export const documentOf = (answer: Answer | undefined, form: AnswerForm): object | undefined =>
  answer && read(answer, form).document

/** The form in which a probe is answered, by its command line. */
export function formOf([first, second]: readonly string[]): AnswerForm {
  if (first === 'request') return 'response'
  if (first === 'act' || (first === 'action' && second === 'run')) return 'run'
  return second === 'get' ? 'record' : 'list'
}

/** What the app answered, without what the CLI wraps around it. */
export function bodyOf(answer: Answer | undefined): unknown {
  if (answer === undefined) return undefined
  const form = formOf(answer.argv)
  const document = documentOf(answer, form)
  return unwrapResponse(form === 'run' && isObject(document) ? document['output'] : document).body
}

/** The records of an answer: those of JSON:API, else of the first list or record that is found. */
export function recordsIn(body: unknown, depth = 0): Json[] {
  if (depth > 3) return []
  if (Array.isArray(body)) return body.filter(isObject).filter(hasId)
  if (!isObject(body)) return []
  if (hasId(body)) return [body]
  for (const name of ['data', 'items', 'records', 'results', 'body', 'output']) {
    const found = recordsIn(body[name], depth + 1)
    if (found.length > 0) return found
  }
  return []
}

const hasId = ({ id }: Json) => typeof id === 'string' || typeof id === 'number'

export const isJsonApi = (body: unknown): boolean =>
  isObject(body) && 'data' in body && recordsIn(body).every(({ type }) => typeof type === 'string')
