import { ErrorCode } from '@modelcontextprotocol/sdk/types.js'
import { isObject, type Json } from '../json.ts'

/** What becomes of a line: a message for the server, responses to send instead, or nothing. */
export interface Normalized {
  message?: Json
  responses?: Json[]
}

/**
 * Reads one line of a client leniently: a byte order mark is skipped, null members count as absent, and arguments that
 * are JSON text are parsed. What the SDK would drop without a word is answered with -32600 or -32602.
 */
export function normalizeLine(line: string): Normalized {
  let parsed: unknown
  try {
    parsed = JSON.parse(line.replace(/^\uFEFF/, ''))
  } catch {
    return {}
  }
  if (!Array.isArray(parsed)) return normalizeMessage(parsed)
  const text = 'Batches are not supported. Send one message a line.'
  return { responses: parsed.flatMap((item) => failure(item, ErrorCode.InvalidRequest, text)) }
}

function normalizeMessage(message: unknown): Normalized {
  if (!isObject(message)) return {}
  if (!('method' in message)) return { message }
  const { id, method, params } = message
  const refuse = (code: number, text: string) => ({ responses: failure(message, code, text) })
  if (message['jsonrpc'] !== '2.0') return refuse(ErrorCode.InvalidRequest, '`jsonrpc` must be "2.0".')
  if (id !== undefined && typeof id !== 'string' && !Number.isSafeInteger(id))
    return refuse(ErrorCode.InvalidRequest, '`id` must be a text or a whole number.')
  if (typeof method !== 'string') return refuse(ErrorCode.InvalidRequest, '`method` must be a text.')
  if (params === undefined) return { message }
  if (params === null) return { message: withoutNull(message) }
  if (!isObject(params)) return refuse(ErrorCode.InvalidParams, '`params` must be an object.')
  const { _meta, ...members } = withoutNull(params)
  const meta = isObject(_meta) ? { _meta: withoutNull(_meta) } : {}
  if (method !== 'tools/call') return { message: { ...message, params: { ...members, ...meta } } }
  if (typeof members['name'] !== 'string')
    return refuse(ErrorCode.InvalidParams, '`name` is missing: the name of the tool to call.')
  const args = parseArguments(members['arguments'])
  if (args === undefined) return refuse(ErrorCode.InvalidParams, '`arguments` must be an object.')
  return { message: { ...message, params: { ...members, ...meta, arguments: args } } }
}

/** A notification has no id and gets no response. */
const failure = (message: unknown, code: number, text: string): Json[] =>
  isObject(message) && message['id'] !== undefined && 'method' in message
    ? [{ jsonrpc: '2.0', id: message['id'], error: { code, message: text } }]
    : []

function parseArguments(value: unknown): Json | undefined {
  if (value === undefined) return {}
  if (typeof value !== 'string') return isObject(value) ? value : undefined
  try {
    const parsed: unknown = JSON.parse(value === '' ? '{}' : value)
    return isObject(parsed) ? parsed : undefined
  } catch {
    return undefined
  }
}

const withoutNull = (members: Json): Json =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null))
