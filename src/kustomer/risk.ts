import { isObject } from '../json.ts'

/** What a call can change, from nothing to what cannot be undone. */
export type RiskLevel = 'read' | 'internal' | 'record' | 'customer-visible' | 'destructive'

export interface RequestTarget {
  method: string
  /** With its parameters filled in. */
  path: string
  query: readonly (readonly [string, string])[]
}

type Rule = readonly [RegExp, RiskLevel]

const riskOrder: readonly RiskLevel[] = ['read', 'internal', 'record', 'customer-visible', 'destructive']
export const higherRisk = (one: RiskLevel, other: RiskLevel): RiskLevel =>
  riskOrder.indexOf(one) > riskOrder.indexOf(other) ? one : other

/**
 * What the words of an action's key or name stand for, the gravest first: neither Membrane's action record nor its
 * schema has a marker for its effect.
 */
const words: readonly Rule[] = [
  [/\b(delet|remov|merg|redact|unmask|archiv|purg|destroy|replac|bulk)/, 'destructive'],
  [/\b(send|repl(y|ies)|messag|draft|forward|e ?mail|sms|publish)/, 'customer-visible'],
  [/\b(note|tag|assign|unassign|mention)/, 'internal'],
]

/** Path segments of the Kustomer API and what a write to them does (Kustomer's API reference). */
const segments: readonly Rule[] = [
  [/^(merges|redactions|unmasking-windows|bulk)$/, 'destructive'],
  [/^(messages|drafts|forwards|replies|satisfaction|satisfaction-responses)$/, 'customer-visible'],
  [/^(notes|tags|assignments)$/, 'internal'],
]

/** Only as they are written in the API: what is disguised is not taken for harmless. */
const searchPath = /^\/v1\/customers(\/archive)?\/search$/
const tagsPath = /^\/v1\/(conversations|customers|companies)\/[0-9a-f]{24}\/tags$/

/** Classifies an action by the words of its key or name; undefined where no rule matches. */
function riskOfWords(name: string): RiskLevel | undefined {
  const text = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
  return words.find(([rule]) => rule.test(text))?.[1]
}

/**
 * Takes a request to the Kustomer API and returns its effect: by its method, then by where it goes, read in every
 * encoding. Search is a read that is sent as POST; what asks to replace a whole record, or to delete one by an
 * attribute, counts as destructive.
 */
export function riskOfRequest({ method, path, query }: RequestTarget, body?: unknown): RiskLevel {
  if (method === 'GET') return 'read'
  if (isSearch({ method, path })) return 'read'
  if (method === 'DELETE') return tagsPath.test(path) ? 'internal' : 'destructive'
  const names = query.flatMap(([name]) => decodeAllForms(name))
  if (names.some((name) => /replace|delete/i.test(name)) || hasDeleteFlag(body)) return 'destructive'
  return risksOfPath(path)[0] ?? 'record'
}

/** Takes a path and returns what a write to it may do by any of its segments, in any encoding, the gravest first. */
export function risksOfPath(path: string): RiskLevel[] {
  const parts = decodeAllForms(path).flatMap((form) => form.toLowerCase().split(/[/;?#]/))
  return segments.filter(([sign]) => parts.some((part) => sign.test(part.trim()))).map(([, effect]) => effect)
}

/** What an action says of the request that it makes. `path` may hold a host, a query, and places for its input. */
export interface ActionRequest {
  method: string | undefined
  path: string | undefined
}

/** Takes an action's request and its input, and returns what would be sent; undefined where the action does not say. */
export function targetOfAction({ method, path }: ActionRequest, input: unknown): RequestTarget | undefined {
  if (method === undefined || path === undefined) return undefined
  const filled = path.replace(/\{+([^{}]*)\}+/g, (_, place: string) => {
    const value = isObject(input) ? input[place.trim().split('.').at(-1) ?? ''] : undefined
    return typeof value === 'string' || typeof value === 'number' ? String(value) : anyId
  })
  const [place = '', search = ''] = filled.replace(/^https?:\/\/[^/]*/i, '').split('?')
  return { method, path: place, query: [...new URLSearchParams(search)] }
}

const anyId = '0'.repeat(24)

/**
 * Classifies an action by its request, and by its words where the path tells nothing. An action that declares no request
 * and matches no rule gets the highest risk.
 */
export function riskOfAnyAction(
  { name, readOnly, ...request }: ActionRequest & { name: string; readOnly: boolean },
  input: unknown,
): RiskLevel {
  if (readOnly) return 'read'
  if (request.method === 'DELETE' || hasDestructiveFlag(input)) return 'destructive'
  const target = targetOfAction(request, input)
  const byWords = riskOfWords(name)
  if (target === undefined) return byWords ?? 'destructive'
  const byRequest = riskOfRequest(target, input)
  return byRequest === 'record' ? higherRisk(byRequest, byWords ?? 'record') : byRequest
}

/** Whether a request is one of Kustomer's search endpoints, as it is documented. */
export const isSearch = ({ method, path }: Pick<RequestTarget, 'method' | 'path'>): boolean =>
  method === 'POST' && searchPath.test(path)

/**
 * Takes a body and returns whether a member `deleted` of it is set, at any depth. Kustomer has no DELETE for companies:
 * an update with `deleted: true` removes one. A body as text counts as one that does unless it is JSON that does not.
 */
export function hasDeleteFlag(body: unknown, depth = 0): boolean {
  if (typeof body === 'string' && depth === 0) return hasDeleteFlagInText(body)
  if (depth > 50) return true
  if (Array.isArray(body)) return body.some((item) => hasDeleteFlag(item, depth + 1))
  if (!isObject(body)) return false
  const { deleted } = body
  // Form posts and some JSON ones are taken for the method that stands here.
  if (depth < 2 && Object.hasOwn(body, '_method')) return true
  const isSet =
    deleted !== undefined && deleted !== false && deleted !== null && deleted !== 'false' && deleted !== 0
  return isSet || Object.values(body).some((member) => hasDeleteFlag(member, depth + 1))
}

/** Members that stand for the method of a request, in the spellings that servers and HTTP actions take. */
const methodMember = /^(?:x-?)?(?:http-?)?(?:method|verb)(?:-?override)?$|^_method$/i

/** Whether the input of an action asks to delete, to replace a whole record, or to use the method DELETE. */
export function hasDestructiveFlag(input: unknown, depth = 0): boolean {
  if (depth === 0 && hasDeleteFlag(input)) return true
  if (!isObject(input) || depth > 2) return false
  return Object.entries(input).some(
    ([name, value]) =>
      (/^replace/i.test(name) && (value === true || value === 'true' || value === 1)) ||
      (methodMember.test(name) && /^\s*delete\s*$/i.test(String(value))) ||
      hasDestructiveFlag(value, depth + 1),
  )
}

function hasDeleteFlagInText(text: string): boolean {
  try {
    // Of two members with one name a parser takes the last; another may take the first.
    const isTwice = (text.match(/"(?:deleted|[^"]*\\u[^"]*)"\s*:/gi) ?? []).length > 1
    return isTwice || hasDeleteFlag(JSON.parse(text), 1)
  } catch {
    return /delet|%|\\u/i.test(text)
  }
}

/**
 * Takes text and returns it as given, percent-decoded once, and so on until nothing is left to decode; where letters
 * stand for others by Unicode's compatibility forms, such as the full-width ones, those too.
 */
export function decodeAllForms(text: string): string[] {
  const plain = text.normalize('NFKC')
  if (plain !== text) return [text, ...decodeAllForms(plain)]
  const decoded = text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
    Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
  )
  return decoded === text ? [text] : [text, ...decodeAllForms(decoded)]
}
