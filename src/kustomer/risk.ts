import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'

/** From harmless to irreversible. */
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

/** The highest first. Membrane has no marker for the effect of an action. */
const words: readonly Rule[] = [
  [/\b(delet|remov|merg|redact|unmask|archiv|purg|destroy|replac|bulk)/, 'destructive'],
  [/\b(send|repl(y|ies)|messag|draft|forward|e ?mail|sms|publish)/, 'customer-visible'],
  [/\b(note|tag|assign|unassign|mention)/, 'internal'],
]

/** Path segments of the API and what a write to them does (API reference). */
const segments: readonly Rule[] = [
  [/^(merges|redactions|unmasking-windows|bulk)$/, 'destructive'],
  [/^(messages|drafts|forwards|replies|satisfaction|satisfaction-responses|kb)$/, 'customer-visible'],
  [/^(notes|tags|assignments)$/, 'internal'],
]

/** Exact, so that a disguised path is not taken for a harmless one. */
const searchPath = /^\/v1\/customers(\/archive)?\/search$/
const tagsPath = /^\/v1\/(conversations|customers|companies)\/[0-9a-f]{24}\/tags$/

function riskOfWords(name: string): RiskLevel | undefined {
  const text = name
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, ' ')
  return words.find(([rule]) => rule.test(text))?.[1]
}

/** Search is a read sent as POST. Replacing a whole record and deleting by an attribute are destructive. */
export function riskOfRequest({ method, path, query }: RequestTarget, body?: unknown): RiskLevel {
  const names = query.flatMap(([name]) => decodeAllForms(name))
  if (names.some(isMethodOverride)) return 'destructive'
  if (method === 'GET') return 'read'
  if (isSearch({ method, path })) return 'read'
  if (method === 'DELETE') return tagsPath.test(path) ? 'internal' : 'destructive'
  if (names.some((name) => /replace|delete/i.test(name))) return 'destructive'
  if (hasDestructiveFlag(body)) return 'destructive'
  return risksOfPath(path)[0] ?? 'record'
}

/** The risks of a path by each of its segments, the highest first. */
export function risksOfPath(path: string): RiskLevel[] {
  const parts = decodeAllForms(path).flatMap((form) => form.toLowerCase().split(/[/;?#]/))
  return segments.filter(([sign]) => parts.some((part) => sign.test(part.trim()))).map(([, effect]) => effect)
}

/** `path` may hold a host, a query, and placeholders for the input. */
export interface ActionRequest {
  method: string | undefined
  path: string | undefined
}

/** Undefined when the action does not declare its request. */
export function targetOfAction({ method, path }: ActionRequest, input: unknown): RequestTarget | undefined {
  if (method === undefined || path === undefined) return undefined
  const filled = path.replace(/\{+([^{}]*)\}+/g, (_, place: string) => {
    const names = place.split('.').map((name) => name.trim())
    const value =
      memberAt(
        input,
        names.filter((name) => name !== '$' && name !== 'input'),
      ) ?? memberAt(input, names.slice(-1))
    return typeof value === 'string' || typeof value === 'number' ? String(value) : anyId
  })
  const [place = '', search = ''] = filled.replace(/^https?:\/\/[^/]*/i, '').split('?')
  return { method, path: place, query: [...new URLSearchParams(search)] }
}

const anyId = '0'.repeat(24)

const memberAt = (value: unknown, names: readonly string[]): unknown =>
  names.reduce((holder, name) => (isObject(holder) ? holder[name] : undefined), value)

/** An action that declares no request and matches no rule gets the highest risk. */
export function riskOfAnyAction(
  { name, readOnly, ...request }: ActionRequest & { name: string; readOnly: boolean },
  input: unknown,
): RiskLevel {
  // A read by its name alone is none when its input asks for something else.
  if (readOnly && (request.method !== undefined || !hasDestructiveFlag(input))) return 'read'
  if (hasDestructiveFlag(input)) return 'destructive'
  const target = targetOfAction(request, input)
  const byWords = request.method === 'DELETE' ? 'destructive' : riskOfWords(name)
  if (target === undefined) return byWords ?? 'destructive'
  const byRequest = riskOfRequest(target, input)
  return byRequest === 'record' ? higherRisk(byRequest, byWords ?? 'record') : byRequest
}

export const isSearch = ({ method, path }: Pick<RequestTarget, 'method' | 'path'>): boolean =>
  method === 'POST' && searchPath.test(path)

/** Names for the method of a request, as servers and HTTP actions spell them. */
const methodName = /^x?(http)?(method|verb)(override)?$/
const letters = (text: string) => text.toLowerCase().replace(/[^a-z]/g, '')
export const isMethodOverride = (name: string): boolean =>
  methodName.test(letters(name)) && (/^[\s[]*_/.test(name) || /override$/.test(letters(name)))

/** What nests deeper counts as destructive. */
const maxDepth = 50

/** Whether a body asks to delete, replace or use another method. Companies are deleted by `deleted: true`. */
export function hasDestructiveFlag(body: unknown): boolean {
  return typeof body === 'string' ? hasFlagInText(body) : hasFlag(body, 0)
}

function hasFlag(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return /override\s*$/i.test(value) && isMethodOverride(value)
  if (depth > maxDepth) return true
  if (Array.isArray(value)) return value.some((item) => hasFlag(item, depth + 1))
  if (!isObject(value)) return false
  return Object.entries(value).some(
    ([name, member]) => isDestructiveMember(name, member) || hasFlag(member, depth + 1),
  )
}

function isDestructiveMember(name: string, value: unknown): boolean {
  if (isMethodOverride(name)) return true
  if (methodName.test(letters(name))) return /delete/i.test(JSON.stringify(value) ?? '')
  const isUnset = [undefined, null, false, 'false', 0, ''].some((unset) => unset === value)
  return /^(deleted$|replace)/i.test(name.trim()) && !isUnset
}

function hasFlagInText(text: string): boolean {
  try {
    // Parsers differ in which of two equal names they take.
    const isTwice = (text.match(/"(?:deleted|[^"]*\\u[^"]*)"\s*:/gi) ?? []).length > 1
    return isTwice || hasFlag(JSON.parse(text), 1)
  } catch {
    return /delet|replace|method|verb|%|\\u/i.test(text)
  }
}

const maxForms = 16

/**
 * The text, and each form of it on the way to full percent-decoding and NFKC normalisation. Throws ToolError
 * `invalid-input` for a text that is encoded more often than anybody would.
 */
export function decodeAllForms(text: string): string[] {
  const forms = [text]
  for (let form = decodeOnce(text); form !== forms.at(-1); form = decodeOnce(form)) {
    if (forms.length === maxForms)
      throw new ToolError('invalid-input', 'A part of the request is percent-encoded too many times over.')
    forms.push(form)
  }
  return forms
}

function decodeOnce(text: string): string {
  const plain = text.normalize('NFKC')
  if (plain !== text) return plain
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString())
}
