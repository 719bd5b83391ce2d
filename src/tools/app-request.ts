import { ToolError } from '../errors.ts'
import { parseJson } from '../json.ts'
import { type ApiRecord, readRecord } from '../kustomer/json-api.ts'
import { fillPath } from '../kustomer/proxy-checks.ts'
import { decodeAllForms, type RequestTarget, type RiskLevel, riskOfRequest } from '../kustomer/risk.ts'
import type { AppResponse, ClassifiedRequest, ProxyRequest } from '../membrane/app-call.ts'
import type { ToolContext } from './tool.ts'

/** A request whose parts are checked already. */
type CheckedRequest = Pick<ProxyRequest, 'method' | 'path'> & Partial<ProxyRequest>

/** Classifies a request by what it would change and by the rate limit it counts in. */
export function classifyRequest({
  method,
  path,
  query = [],
  pathParams = {},
  headers = [],
  body,
}: CheckedRequest): ClassifiedRequest & { risk: RiskLevel; target: RequestTarget } {
  const target = { method, path: fillPath(path, pathParams), query }
  const sent = body === undefined ? undefined : 'json' in body ? body.json : body.raw
  const risk = riskOfRequest(target, sent)
  const isTyped = headers.some(([name]) => name.toLowerCase() === 'content-type')
  const isJson = body !== undefined && ('json' in body || isJsonText(body.raw))
  return {
    risk,
    target,
    write: risk !== 'read',
    kind: decodeAllForms(target.path).some((form) => /\/search\b/i.test(form)) ? 'search' : 'request',
    method,
    path,
    query,
    pathParams,
    headers: isJson && !isTyped ? [...headers, ['Content-Type', 'application/json']] : headers,
    body,
  }
}

const isJsonText = (text: string): boolean => /^\s*[{[]/.test(text) && parseJson(text) !== undefined

/** Sends a classified request through the connection. Rejects with a ToolError. */
export async function sendRequest(
  { membrane, connections }: ToolContext,
  request: ClassifiedRequest,
  signal: AbortSignal,
  connectionId?: string,
): Promise<AppResponse> {
  const id = connectionId ?? (await connections.resolve(signal))
  return connections.use(() => membrane.request(id, request, signal))
}

/** The record that a write made. A response means that the request was carried out, whatever it looks like. */
export function readWritten({ body }: AppResponse, what: string): ApiRecord {
  try {
    return readRecord(body)
  } catch {
    const message = `Kustomer took the ${what} and answered without its record. Whether it was made is not known.`
    throw new ToolError('outcome-unknown', message)
  }
}
