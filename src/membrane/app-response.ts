import { failureOfReply } from './parse-result.ts'

/** What the app behind the connection answered: its HTTP status where the CLI says it, and its body. */
export interface AppResponse {
  status?: number
  body: unknown
}

/**
 * Takes the document of `request`, or the `output` of a run, and returns the app's reply in it. Three forms are
 * known: `{status, headers, body}`, `{status, headers, data}` and the bare body; `data` alone decides nothing,
 * because Kustomer's own bodies have it.
 * Throws the Failure that a status of 400 or above stands for, also when the CLI called it a success.
 */
export function unwrapResponse(document: unknown, write: boolean): AppResponse {
  if (!isEnvelope(document)) {
    const status = bareErrorStatus(document)
    if (status !== undefined) throw failureOfReply(status, document, write)
    return { body: document }
  }
  const body = 'body' in document ? document['body'] : document['data']
  if (document.status >= 400) throw failureOfReply(document.status, body, write)
  return { status: document.status, body }
}

function isEnvelope(value: unknown): value is { status: number; [member: string]: unknown } {
  if (typeof value !== 'object' || value === null || !('status' in value)) return false
  const { status, headers } = value as Record<string, unknown>
  const isStatus = Number.isInteger(status) && Number(status) >= 100 && Number(status) <= 599
  return isStatus && ((typeof headers === 'object' && headers !== null) || 'body' in value)
}

/** A bare body that holds nothing but errors is an error too; its own status where it says one. */
function bareErrorStatus(body: unknown): number | undefined {
  if (typeof body !== 'object' || body === null || !('errors' in body) || 'data' in body) return undefined
  if (!Array.isArray(body.errors) || body.errors.length === 0) return undefined
  const status = Number((body.errors[0] as { status?: unknown } | null)?.status)
  return status >= 400 && status < 600 ? status : 400
}
