import { stripHidden, stripInvisible } from './invisible.ts'

/** Shapes of credentials as their issuers publish them. */
const knownTokens = new RegExp(
  [
    /eyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]{4,})?/,
    /xox[abeoprs]-(?=[\w-]{0,64}\d)[\w-]{10,}/,
    /[rs]k_(?:live|test)_[0-9a-zA-Z]{10,}/,
    /gh[opsur]_[A-Za-z0-9]{30,}/,
    /github_pat_\w{40,}/,
    /glpat-[\w-]{20,}/,
    /AIza[\w-]{30,}/,
    /(?:AKIA|ASIA)[0-9A-Z]{16}/,
    /ya29\.[\w-]{20,}/,
    /sk-(?:ant|proj|or)-[\w-]{16,}/,
    /sk-[A-Za-z0-9]{32,}/,
    /SG\.[\w-]{16,}\.[\w-]{16,}/,
    /npm_[A-Za-z0-9]{30,}/,
    /shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}/,
    /SK[0-9a-f]{32}/,
  ]
    .map(({ source }) => `(?<![\\w-])${source}`)
    .join('|'),
  'g',
)
const privateKey =
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$(?![\s\S]))/g
const urlCredentials = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)[^\s/@:"'\\]{0,256}:[^\s/@"'\\]{1,1024}@/gi
const schemes = /\b(bearer|basic)(\s{1,8})(?!\[redacted])([^\s"',;\\)]{6,})/gi
const personalTokens = /(?<![\w-])pat-[\w-]{8,}/gi
const userOption = /((?<=^|\s)(?:-u|--user)[ =]?)[^\s:"']{1,256}:[^\s"']{1,1024}/g

const secretOption =
  /((?<=^|\s)--[\w-]{0,40}(?:token|passw(?:or)?d|secret|api-?key) {1,4})(?!\[redacted])[^\s"'-][^\s"']*/gi

/** Names whose values are credentials. */
const secretName =
  /^(?:proxy[-_]?)?authorization$|^(?:set-)?cookie2?$|api[-_]?key$|(?:access|account|private|shared)[-_]?key$|^(?:access|refresh|id|auth|session)[-_]?token$|^x-[\w-]*token$|secret$|^passw(?:or)?d$|^passphrase$|^pwd$|connection[-_]?string$/i
const wholeLine = /authorization$|cookie2?$/i
/** A name with its closing quote, also in JSON within JSON, and the sign after it. */
const named = /(?<![\w-])([\w-]{2,64})(?:["']|\\{1,7}")?\s{0,4}[:=]\s{0,4}/g

/** For diagnostics: redacts by shape and by the name before a value. Linear in the length of the text. */
export function redact(text: string): string {
  return redactShapes(redactNamed(text))
    .replace(schemes, (whole, scheme, space, token) =>
      /[^a-z]/i.test(token) || token.length >= 20 ? `${scheme}${space}[redacted]` : whole,
    )
    .replace(personalTokens, '[redacted]')
    .replace(userOption, '$1[redacted]')
    .replace(secretOption, '$1[redacted]')
}

/** For records: redacts whole credentials alone, never words. */
export const redactProse = (text: string): string =>
  redactShapes(text).replace(schemes, (whole, scheme, space, token) =>
    isOpaque(token) && (/bearer/i.test(scheme) || isBasic(token)) ? `${scheme}${space}[redacted]` : whole,
  )

const redactShapes = (text: string) =>
  text
    .replace(privateKey, '[redacted]')
    .replace(knownTokens, '[redacted]')
    .replace(urlCredentials, '$1[redacted]@')

/** At least 16 letters and digits in a row, of both kinds. */
const isOpaque = (token: string) =>
  (token.slice(0, 1024).match(/[A-Za-z0-9]{16,}/g) ?? []).some(
    (run) => /\d/.test(run) && /[A-Za-z]/.test(run),
  )

/** Base64 of a user, a colon and a password. */
const isBasic = (token: string) => Buffer.from(token.slice(0, 1024), 'base64').includes(':')

function redactNamed(text: string): string {
  const parts: string[] = []
  let done = 0
  for (const match of text.matchAll(named)) {
    const [whole, given = ''] = match
    const name = given.replace(/^-+/, '')
    const start = match.index + whole.length
    if (match.index < done || !(secretName.test(name) || isTokenParameter(name, whole, text[start]))) continue
    const end = endOfValue(text, start, wholeLine.test(name))
    if (end === start) continue
    parts.push(text.slice(done, start), '[redacted]')
    done = end
  }
  return [...parts, text.slice(done)].join('')
}

/** `MY_TOKEN=…` and `"token": "…"` hold a token; "Unexpected token: x" does not. */
const isTokenParameter = (name: string, whole: string, next: string | undefined) =>
  /(?:token|credentials?|signature)$/i.test(name) &&
  (/=\s*$/.test(whole) || (/["']/.test(whole) && next === '"'))

/** The offset after a quoted text, a list, the rest of a line, or one word. */
function endOfValue(text: string, start: number, toLineEnd: boolean): number {
  const escaped = /\\{1,7}"/y
  escaped.lastIndex = start
  const quote = escaped.exec(text)?.[0]
  if (quote !== undefined) {
    const end = text.indexOf(quote, start + quote.length)
    return end < 0 ? text.length : end + quote.length
  }
  const opening = text[start]
  if (opening === '"') return endOfQuoted(text, start) ?? text.length
  const closing = opening === "'" ? "'" : opening === '[' ? ']' : undefined
  if (closing !== undefined) {
    const end = text.indexOf(closing, start + 1)
    return end < 0 ? text.length : end + 1
  }
  const bare = toLineEnd ? /[^\r\n]*/y : /[^\s,;}&"']*/y
  bare.lastIndex = start
  return bare.test(text) ? bare.lastIndex : start
}

/** The offset after the JSON string at `start`; undefined when it does not end. */
export function endOfQuoted(text: string, start: number): number | undefined {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === '"') return index + 1
  }
  return undefined
}

/** Removes hidden characters, whole credentials, and values of credential members from parsed JSON. */
export const sanitize = (value: unknown): unknown => walk(value, redactProse, 0)

export const redactFields = (fields: object) => walk(fields, redact, 0) as Record<string, unknown>

/** Bounds the recursion. */
const maxDepth = 500

function walk(value: unknown, replace: (text: string) => string, depth: number): unknown {
  if (typeof value === 'string') return replace(stripInvisible(value))
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) return '[nested too deeply]'
  if (Array.isArray(value)) {
    const items = value.map((item) => walk(item, replace, depth + 1))
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  let changed = false
  const safe = new Map<string, unknown>()
  const namesakes = new Map<string, number>()
  for (const [name, member] of Object.entries(value)) {
    const safeMember =
      secretName.test(name) && holdsText(member) ? '[redacted]' : walk(member, replace, depth + 1)
    const cleanName = stripHidden(name)
    let safeName = cleanName
    // Keeps names apart that differ by invisible characters alone.
    for (let count = namesakes.get(cleanName) ?? 1; safe.has(safeName); count++) {
      safeName = `${cleanName}_${count === 1 ? '' : count}`
      namesakes.set(cleanName, count)
    }
    changed ||= safeMember !== member || safeName !== name
    safe.set(safeName, safeMember)
  }
  return changed ? Object.fromEntries(safe) : value
}

const holdsText = (value: unknown) =>
  typeof value === 'object'
    ? value !== null && Object.keys(value).length > 0
    : typeof value === 'string' && value !== ''
