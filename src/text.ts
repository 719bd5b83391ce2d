import { stripVTControlCharacters } from 'node:util'

const secretPatterns: readonly [RegExp, string][] = [
  [/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, '$1 [redacted]'],
  [/\beyJ[\w-]{8,}\.[\w-]{4,}(\.[\w-]*)?/g, '[redacted]'],
  [/\bpat-[\w-]{8,}/gi, '[redacted]'],
  // A header or a JSON member whose name says that its value is a credential.
  [
    /((?:["']?)(?:proxy-)?(?:authorization|[\w-]*api[-_]?key|(?:set-)?cookie|[\w-]*(?:secret|passw(?:or)?d)|(?:access|refresh|id|auth|session)[-_]?token|x-[\w-]*token)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;}]+(?: \[redacted\])?)/gi,
    '$1[redacted]',
  ],
]

/** Names of members and headers whose values are credentials wherever they stand. */
const secretName =
  /^(?:proxy-)?authorization$|^(?:set-)?cookie$|api[-_]?key$|^(?:access|refresh|id|auth|session)[-_]?token$|^x-.*token$|(?:client|workspace)[-_]?secret$/i

/**
 * Zero-width, direction-changing, tag and other format characters that a reader does not see but a model reads.
 * The joiners inside emoji and Indic scripts (U+200C, U+200D) are left where they join visible characters.
 */
const invisible =
  /(?![\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u200C\u200D])\p{Cf}|\u034F|\u17B4|\u17B5|\u180B|\u180C|\u180D|\u180F|[\u115F\u1160\u3164\uFFA0]|[\u{E0000}-\u{E0FFF}]/gu

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g

/** Takes any text and returns it with credentials replaced by `[redacted]`. */
export function redact(text: string): string {
  return secretPatterns.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text)
}

/** Takes any text and returns it without terminal codes, control characters and invisible characters. */
export function clean(text: string): string {
  return stripVTControlCharacters(text).replace(invisible, '').replace(control, '')
}

/**
 * Takes text of another program and returns it fit to stand in a field of ours: cleaned, redacted, on one line,
 * at most `limit` characters.
 */
export function oneLine(text: string, limit: number): string {
  const characters = [...redact(clean(text)).replace(/\s+/g, ' ').trim()]
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : characters.join('')
}

/** Takes text of another program and returns it as `oneLine` does, in quotation marks that it cannot close itself. */
export function quote(text: string, limit = 240): string {
  return `“${oneLine(text, limit).replace(/[“”]/g, '"')}”`
}

/**
 * Takes parsed JSON and returns it with every string cleaned and redacted, and with the values of credential
 * members replaced. Returns the same object where there is nothing to change, so that clean data costs no copy.
 */
export function sanitise(value: unknown): unknown {
  if (typeof value === 'string') return sanitiseText(value)
  if (Array.isArray(value)) {
    const items = value.map(sanitise)
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (value === null || typeof value !== 'object') return value
  let changed = false
  const entries = Object.entries(value).map(([name, member]) => {
    const safe = secretName.test(name) && typeof member === 'string' ? '[redacted]' : sanitise(member)
    const safeName = clean(name)
    changed ||= safe !== member || safeName !== name
    return [safeName, safe] as const
  })
  return changed ? Object.fromEntries(entries) : value
}

function sanitiseText(text: string): string {
  return redact(text.replace(invisible, '').replace(control, ''))
}
