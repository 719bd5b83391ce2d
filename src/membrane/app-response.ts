import { isEnvelope, statusOf } from './answer-forms.ts'
import { headerOf } from './headers.ts'

/** The response of the app behind the connection. */
export interface AppResponse {
  /** HTTP status, where the CLI says it. */
  status?: number | undefined
  body: unknown
  /** Where a redirect leads. */
  location?: string | undefined
}

/**
 * Unwraps `{status, headers?, body}`, `{status, headers?, data}` or a bare body. `data` alone decides nothing:
 * Kustomer's own bodies have it.
 */
export function unwrapResponse(answer: unknown): AppResponse {
  if (!isEnvelope(answer)) return { body: answer }
  const location = headerOf(answer['headers'], 'location')
  const body = 'body' in answer ? answer['body'] : answer['data']
  return { status: statusOf(answer), body, ...(location === undefined ? {} : { location }) }
}
