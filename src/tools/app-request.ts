import { fillPath } from '../kustomer/proxy-checks.ts'
import { decodeAllForms, type RequestTarget, type RiskLevel, riskOfRequest } from '../kustomer/risk.ts'
import type { AppResponse } from '../membrane/app-response.ts'
import type { ClassifiedRequest, ProxyRequest } from '../membrane/argv.ts'
import type { ToolContext } from './tool.ts'

/** A request whose parts are checked already. */
type CheckedRequest = Pick<ProxyRequest, 'method' | 'path'> & Partial<ProxyRequest>

/**
 * Takes a request to the Kustomer API, its path a template whose parameters are values that `checkPathParams` or
 * `checkId` let pass, and returns it with what it would change and what it counts as.
 */
export function classifyRequest({
  method,
  path,
  query = [],
  pathParams = {},
  headers = [],
  body,
}: CheckedRequest): ClassifiedRequest & { effect: RiskLevel; target: RequestTarget } {
  const target = { method, path: fillPath(path, pathParams), query }
  const sent = body === undefined ? undefined : 'json' in body ? body.json : body.raw
  const effect = riskOfRequest(target, sent)
  const isTyped = headers.some(([name]) => name.toLowerCase() === 'content-type')
  const isJson = body !== undefined && 'json' in body
  return {
    effect,
    target,
    write: effect !== 'read',
    kind: decodeAllForms(target.path).some((form) => /\/search\b/i.test(form)) ? 'search' : 'request',
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
  { membrane, connections }: ToolContext,
  request: ClassifiedRequest,
  signal: AbortSignal,
): Promise<AppResponse> =>
  connections.withConnection(signal, (connectionId) => membrane.request(connectionId, request, signal))
