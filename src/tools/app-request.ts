import { decodedForms, type Effect, effectOfRequest, type RequestTarget } from '../effect.ts'
import type { JudgedRequest, ProxyRequest } from '../membrane/argv.ts'
import type { Reply } from '../membrane/reply.ts'
import { fillPath } from './proxy-checks.ts'
import type { ToolContext } from './tool.ts'

/** A request whose parts are checked already. */
type CheckedRequest = Pick<ProxyRequest, 'method' | 'path'> & Partial<ProxyRequest>

/**
 * Takes a request to the Kustomer API, its path a template whose parameters are values that `checkPathParams` or
 * `checkId` let pass, and returns it with what it would change and what it counts as.
 */
export function judgeRequest({
  method,
  path,
  query = [],
  pathParams = {},
  headers = [],
  body,
}: CheckedRequest): JudgedRequest & { effect: Effect; target: RequestTarget } {
  const target = { method, path: fillPath(path, pathParams), query }
  const sent = body === undefined ? undefined : 'json' in body ? body.json : body.raw
  const effect = effectOfRequest(target, sent)
  const isTyped = headers.some(([name]) => name.toLowerCase() === 'content-type')
  const isJson = body !== undefined && 'json' in body
  return {
    effect,
    target,
    write: effect !== 'read',
    kind: decodedForms(target.path).some((form) => /\/search\b/i.test(form)) ? 'search' : 'request',
    method,
    path,
    query,
    pathParams,
    headers: isJson && !isTyped ? [...headers, ['Content-Type', 'application/json']] : headers,
    body,
  }
}

/** Sends a judged request by way of the connection and returns the app's reply. Rejects with a Failure. */
export const sendRequest = (
  { membrane, workspace }: ToolContext,
  request: JudgedRequest,
  signal: AbortSignal,
): Promise<Reply> => workspace.use(signal, (connectionId) => membrane.request(connectionId, request, signal))
