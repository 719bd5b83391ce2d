import { isEnvelope, statusOf } from './answer-forms.ts'
import { headerOf } from './headers.ts'

export interface AppResponse {
  status?: number | undefined
  body: unknown
  location?: string | undefined
}

/** Unwraps an envelope or returns the bare body. `data` alone decides nothing: Kustomer's own bodies have it. */
export function unwrapResponse(answer: unknown): AppResponse {
  if (!isEnvelope(answer)) return { body: answer }
  const location = headerOf(answer['headers'], 'location')
  const body = 'body' in answer ? answer['body'] : answer['data']
  return { status: statusOf(answer), body, ...(location === undefined ? {} : { location }) }
}
