/** What a call can change, from nothing to what cannot be undone. */
export type Effect = 'read' | 'internal' | 'record' | 'customer-visible' | 'destructive'

export interface RequestTarget {
  method: string
  path: string
  query: readonly (readonly [string, string])[]
}

type Sign = readonly [RegExp, Effect]

/**
 * What the words of an action's key or name stand for, the gravest first. An action of the connection says nothing
 * else of its effect: neither Membrane's action record nor its schema has a marker for it.
 */
const words: readonly Sign[] = [
  [/\b(delete|remove|merge|redact|unmask|unmasking|archive|purge|destroy|replace|bulk)\b/, 'destructive'],
  [/\b(send|reply|message|messages|draft|drafts|forward|email|sms|publish)\b/, 'customer-visible'],
  [/\b(note|notes|tag|tags|assign|assignment|unassign|mention)\b/, 'internal'],
]

/** Path segments of the Kustomer API and what a write to them does (Kustomer's API reference). */
const segments: readonly Sign[] = [
  [/^(merges|redactions|unmasking-windows|bulk)$/, 'destructive'],
  [/^(messages|drafts|forwards|replies|satisfaction|satisfaction-responses)$/, 'customer-visible'],
  [/^(notes|tags|assignments)$/, 'internal'],
]

const readingPaths = /^\/v1\/customers(\/archive)?\/search\/?$/

/** Takes an action's key or name, and whether it is known to read only, and returns its effect. */
export function effectOfAction(name: string, readOnly: boolean): Effect {
  if (readOnly) return 'read'
  const text = name.toLowerCase().replace(/[^a-z0-9]+/g, ' ')
  return words.find(([sign]) => sign.test(text))?.[1] ?? 'record'
}

/**
 * Takes a request to the Kustomer API and returns its effect: by its method, then by where it goes. Search is a read
 * that is sent as POST; what asks to replace a whole record, or to delete one by an attribute, counts as destructive.
 */
export function effectOfRequest({ method, path, query }: RequestTarget, body?: unknown): Effect {
  if (method === 'GET') return 'read'
  const plain = decodeURIComponent(path).toLowerCase()
  if (method === 'POST' && readingPaths.test(plain)) return 'read'
  const parts = plain.split('/')
  if (method === 'DELETE') return parts.at(-1) === 'tags' ? 'internal' : 'destructive'
  if (query.some(([name]) => name.toLowerCase() === 'replace') || asksToDelete(body)) return 'destructive'
  return segments.find(([sign]) => parts.some((part) => sign.test(part)))?.[1] ?? 'record'
}

/** Kustomer has no DELETE for companies: an update with `deleted: true` removes one. */
const asksToDelete = (body: unknown) =>
  typeof body === 'string'
    ? /"deleted"\s*:\s*true/.test(body)
    : (body as { deleted?: unknown } | undefined)?.deleted === true
