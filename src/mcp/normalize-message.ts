import { ErrorCode, JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import { isObject, type Json, nestsDeeper, parseJson } from '../json.ts'

/** Far from what exhausts the stack of any Node. */
const maxDepth = 1000

/** What becomes of a message: what the SDK reads in its place, or responses to send instead. */
export type Normalized = { message: Json } | { responses: Json[] }

/** What becomes of a line. */
type NormalizedLine = { line: string } | { responses: Json[] }

/** Reads one line of a client leniently. What is no message passes unchanged: the SDK reports it. */
export function normalizeLine(line: string): NormalizedLine {
  const normalized = normalizeMessage(parseJson(line.replace(/^\uFEFF/, '')))
  if (normalized === undefined) return { line }
  return 'message' in normalized ? { line: JSON.stringify(normalized.message) } : normalized
}

/**
 * Reads a message leniently: null members count as absent, unknown members are dropped, and arguments that are JSON text
 * are parsed. A request that the SDK would drop without a word is answered with -32600 or -32602. Undefined for what is
 * no request and no notification.
 */
export function normalizeMessage(parsed: unknown): Normalized | undefined {
  if (isObject(parsed)) return 'result' in parsed || 'error' in parsed ? undefined : normalizeRequest(parsed)
  if (!Array.isArray(parsed)) return undefined
  const text = 'Batches are not supported. Send one message at a time.'
  return { responses: parsed.flatMap((item) => failure(item, ErrorCode.InvalidRequest, text)) }
}

/** Normalizes a request or a notification. */
function normalizeRequest(message: Json): Normalized | undefined {
  const { id, method } = message
  const params = message['params'] ?? (method === 'tools/call' ? {} : null)
  const refuse = (code: number, text: string): Normalized | undefined =>
    id === undefined ? undefined : { responses: failure(message, code, text) }
  const accept = (known: Json): Normalized | undefined => {
    const request = { jsonrpc: '2.0', method, ...(id === undefined ? {} : { id }), ...known }
    // The schema and JSON.stringify recurse, JSON.parse does not.
    if (nestsDeeper(request, maxDepth))
      return refuse(ErrorCode.InvalidRequest, `The request nests deeper than ${maxDepth} levels.`)
    if (!JSONRPCMessageSchema.safeParse(request).success)
      return refuse(ErrorCode.InvalidRequest, 'This is no request of MCP.')
    return { message: request }
  }
  if (message['jsonrpc'] !== '2.0') return refuse(ErrorCode.InvalidRequest, '`jsonrpc` must be "2.0".')
  if (id !== undefined && typeof id !== 'string' && !Number.isSafeInteger(id))
    return refuse(ErrorCode.InvalidRequest, '`id` must be a text or a whole number.')
  if (typeof method !== 'string') return refuse(ErrorCode.InvalidRequest, '`method` must be a text.')
  if (params === null) return accept({})
  if (!isObject(params)) return refuse(ErrorCode.InvalidParams, '`params` must be an object.')
  const { _meta, ...members } = withoutNull(params)
  const meta = isObject(_meta) ? { _meta: withoutNull(_meta) } : {}
  if (method !== 'tools/call') return accept({ params: { ...members, ...meta } })
  if (typeof members['name'] !== 'string')
    return refuse(ErrorCode.InvalidParams, '`name` is missing: the name of the tool to call.')
  const args = parseArguments(members['arguments'])
  if (args === undefined) return refuse(ErrorCode.InvalidParams, '`arguments` must be an object.')
  return accept({ params: { ...members, ...meta, arguments: args } })
}

/** A notification has no id and gets no response, and neither does a response. */
const failure = (message: unknown, code: number, text: string): Json[] =>
  isObject(message) && message['id'] !== undefined && !('result' in message || 'error' in message)
    ? [{ jsonrpc: '2.0', id: message['id'], error: { code, message: text } }]
    : []

function parseArguments(value: unknown): Json | undefined {
  if (value === undefined) return {}
  if (typeof value !== 'string') return isObject(value) ? value : undefined
  const parsed = parseJson(value === '' ? '{}' : value)
  return isObject(parsed) ? parsed : undefined
}

const withoutNull = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
