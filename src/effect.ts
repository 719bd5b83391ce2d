import { isObject } from './json.ts'

/** What a call can change, from nothing to what cannot be undone. */
export type Effect = 'read' | 'internal' | 'record' | 'customer-visible' | 'destructive'

export interface RequestTarget {
  method: string
  /** With its parameters filled in. */
  path: string
  query: readonly (readonly [string, string])[]
}

type Sign = readonly [RegExp, Effect]

/**
 * What the words of an action's key or name stand for, the gravest first. An action of the connection says nothing
 * else of its effect: neither Membrane's action record nor its schema has a marker for it.
 */
const words: readonly Sign[] = [
  [/\b(delet|remov|merg|redact|unmask|archiv|purg|destroy|replac|bulk)/, 'destructive'],
  [/\b(send|repl(y|ies)|messag|draft|forward|e ?mail|sms|publish)/, 'customer-visible'],
  [/\b(note|tag|assign|unassign|mention)/, 'internal'],
]

/** Path segments of the Kustomer API and what a write to them does (Kustomer's API reference). */
const segments: readonly Sign[] = [
  [/^(merges|redactions|unmasking-windows|bulk)$/, 'destructive'],
  [/^(messages|drafts|forwards|replies|satisfaction|satisfaction-responses)$/, 'customer-visible'],
  [/^(notes|tags|assignments)$/, 'internal'],
]

/** Only as they are written in the API: what is disguised is not taken for harmless. */
const searchPath = /^\/v1\/customers(\/archive)?\/search$/
const tagsPath = /^\/v1\/(conversations|customers|companies)\/[0-9a-f]{24}\/tags$/

/** Takes an action's key or name, and whether it is known to read only, and returns its effect. */
export function effectOfAction(name: string, readOnly: boolean, input?: unknown): Effect {
  if (readOnly) return 'read'
  if (asksToDelete(input)) return 'destructive'
  const text = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
  return words.find(([sign]) => sign.test(text))?.[1] ?? 'record'
}

/**
 * Takes a request to the Kustomer API and returns its effect: by its method, then by where it goes, read in every
 * encoding. Search is a read that is sent as POST; what asks to replace a whole record, or to delete one by an
 * attribute, counts as destructive.
 */
export function effectOfRequest({ method, path, query }: RequestTarget, body?: unknown): Effect {
  if (method === 'GET') return 'read'
  if (isSearch({ method, path })) return 'read'
  if (method === 'DELETE') return tagsPath.test(path) ? 'internal' : 'destructive'
  if (query.some(([name]) => /replace|delete/i.test(name)) || asksToDelete(body)) return 'destructive'
  const parts = decodedForms(path).flatMap((form) => form.toLowerCase().split(/[/;?#]/))
  return segments.find(([sign]) => parts.some((part) => sign.test(part.trim())))?.[1] ?? 'record'
}

/** Whether a request is one of Kustomer's search endpoints, as it is documented. */
export const isSearch = ({ method, path }: Pick<RequestTarget, 'method' | 'path'>): boolean =>
  method === 'POST' && searchPath.test(path)

/**
 * Takes a body and returns whether a member `deleted` of it is set, at any depth. Kustomer has no DELETE for companies:
 * an update with `deleted: true` removes one. A body as text counts as one that does unless it is JSON that does not.
 */
export function asksToDelete(body: unknown, depth = 0): boolean {
  if (typeof body === 'string' && depth === 0) return asksInText(body)
  if (depth > 50) return true
  if (Array.isArray(body)) return body.some((item) => asksToDelete(item, depth + 1))
  if (!isObject(body)) return false
  const { deleted } = body
  const isSet =
    deleted !== undefined && deleted !== false && deleted !== null && deleted !== 'false' && deleted !== 0
  return isSet || Object.values(body).some((member) => asksToDelete(member, depth + 1))
}

function asksInText(text: string): boolean {
  try {
    return asksToDelete(JSON.parse(text), 1)
  } catch {
    return /delet|%|\\u/i.test(text)
  }
}

/** Takes text and returns it as given, percent-decoded once, and so on until nothing is left to decode. */
export function decodedForms(text: string): string[] {
  const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  )
  return decoded === text ? [text] : [text, ...decodedForms(decoded)]
}
