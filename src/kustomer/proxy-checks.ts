import { ToolError } from '../errors.ts'
import { decodeAllForms, isMethodOverride } from './risk.ts'

type Value = string | number | boolean
type Values = Readonly<Record<string, Value | readonly Value[]>>
type Pairs = [string, string][]

// biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is its purpose
const control = /[\u0000-\u001F\u007F]/
const maxPathLength = 2000

const transportHeaders =
  /^(?:connection|keep-alive|te|trailer|transfer-encoding|upgrade|content-length|content-encoding|expect|via|range)$/i
/** Headers that authenticate, route, or override the method or the path. */
const decidingHeaders =
  /auth|cookie|token|secret|credential|session|signature|host|forward|proxy|method|verb|override|(?:^|-)(?:url|uri|path|key|user|ip)(?:-|$)|rewrite|original|real-|client-|api-?key/i
const harmlessHeaders = /^idempotency-key$/i

/** Splits a path from its query. Throws ToolError `invalid-input` for another host, `..` or control characters. */
export function checkPath(given: string): { path: string; query: Pairs } {
  if (given.length > maxPathLength) refusePath(`is longer than ${maxPathLength} characters`)
  const [path = '', ...search] = given.split('?')
  checkPathText(path)
  if (/[\s#]/.test(given) || search.length > 1) refusePath('has characters that must be percent-encoded')
  const query = [...new URLSearchParams(search[0] ?? '')]
  for (const [name, value] of query) checkQueryPair(name, value)
  return { path, query }
}

function checkPathText(path: string): void {
  if (/^[a-z][a-z0-9+.-]*:/i.test(path))
    refusePath('a full URL is not taken; the host is that of the connection')
  if (!path.startsWith('/')) refusePath('must start with /')
  if (/%(?![0-9a-f]{2})/i.test(path)) refusePath('has a broken percent-encoding')
  for (const form of decodeAllForms(path)) {
    if (form.includes('\uFFFD')) refusePath('has a broken percent-encoding')
    if (control.test(form)) refusePath('has control characters')
    if (/^\/\/|\\/.test(form)) refusePath('must start with a single / and hold no backslash')
    if (form.split('/').some((segment) => /^\s*\.{1,2}\s*(?:[;?#]|$)/.test(segment)))
      refusePath('has . or .. as a segment')
    if (form !== form.trim()) refusePath('must not end with a space')
  }
}

function refusePath(why: string): never {
  throw new ToolError(
    'invalid-input',
    `\`path\`: ${why}. Give a path of the Kustomer API, such as /v1/customers.`,
  )
}

/** Throws ToolError `invalid-input`. */
export function checkQuery(values: Values): Pairs {
  return pairs(values, checkQueryPair)
}

/** Some servers take the method of a request from such a parameter. */
const methodParameter = /^(?:_+method|(?:x-?)?http-?(?:method|verb)(?:-?override)?|method-?override)$/i

/** The CLI takes `name=value`, so a name cannot hold the equals sign. */
function checkQueryPair(name: string, value: string): void {
  const isOverride = (form: string) =>
    isMethodOverride(form) || methodParameter.test(form.replace(/[\s[\]]/g, ''))
  if (decodeAllForms(name).some(isOverride)) refuseName('query', name)
  if (name === '' || name.includes('=') || control.test(name)) refuseName('query', name)
  if (control.test(value)) refuseValue('query', name)
}

/** Throws ToolError `invalid-input`. */
export function checkHeaders(values: Values): Pairs {
  return pairs(values, (name, value) => {
    if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(name)) refuseName('headers', name)
    if (transportHeaders.test(name) || (decidingHeaders.test(name) && !harmlessHeaders.test(name))) {
      throw new ToolError(
        'invalid-input',
        `\`headers\`: ${name} is set by Membrane or not at all. Leave it out.`,
      )
    }
    const charset = /^content-type$/i.test(name) && /charset\s*=\s*"?([\w-]*)/i.exec(value)?.[1]
    // In another character set the body would mean something else than what was judged.
    if (control.test(value) || (charset && !/^utf-?8$/i.test(charset))) refuseValue('headers', name)
  })
}

/** Needs no percent-encoding in a path segment. */
const plainValue = /^[\w.~@+,:!$*()-]{1,256}$/

/**
 * Fills in values that need percent-encoding; the others are passed on, since the CLI may encode them. Throws ToolError
 * `invalid-input` for a value that would leave its segment.
 */
export function fillPathParams(
  values: Readonly<Record<string, Value>>,
  path: string,
): { path: string; pathParams: Record<string, string> } {
  const wanted = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '')
  const missing = wanted.find((name) => !Object.hasOwn(values, name))
  if (missing !== undefined)
    throw new ToolError('invalid-input', `\`pathParams\`: ${missing} stands in the path but has no value.`)
  const pathParams: Record<string, string> = {}
  const encoded: Record<string, string> = {}
  for (const [name, value] of Object.entries(values)) {
    if (!wanted.includes(name)) refuseName('pathParams', name)
    const text = String(value)
    if (!staysInSegment(text)) refuseValue('pathParams', name)
    if (plainValue.test(text)) pathParams[name] = text
    else encoded[name] = encodeURIComponent(text)
  }
  const filled = fillPath(path, encoded)
  checkPathText(fillPath(filled, pathParams))
  return { path: filled, pathParams }
}

function staysInSegment(text: string): boolean {
  if (text === '' || text.length > 256 || !text.isWellFormed()) return false
  return decodeAllForms(text).every(
    (form) =>
      !/[/\\]/.test(form) && !control.test(form) && !/^\s*\.{1,2}\s*$/.test(form) && form === form.trim(),
  )
}

export const fillPath = (path: string, values: Readonly<Record<string, unknown>>): string =>
  path.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? String(values[name]) : whole,
  )

function pairs(values: Values, check: (name: string, value: string) => void): Pairs {
  const all = Object.entries(values).flatMap(([name, value]) =>
    [value].flat().map((one): [string, string] => [name, String(one)]),
  )
  for (const [name, value] of all) check(name, value)
  return all
}

function refuseName(argument: string, name: string): never {
  throw new ToolError(
    'invalid-input',
    `\`${argument}\`: ${JSON.stringify(name.slice(0, 64))} is not a name that fits here.`,
  )
}

function refuseValue(argument: string, name: string): never {
  throw new ToolError(
    'invalid-input',
    `\`${argument}\`: the value of ${JSON.stringify(name.slice(0, 64))} has characters that cannot stand there.`,
  )
}
