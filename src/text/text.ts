type Form = readonly [RegExp, string]

/** Tokens that show by their own form what they are. Each can start only where a word starts, which keeps a search linear. */
const tokenForms: readonly Form[] = [
  [
    /\b(bearer)(\s{1,8})(?!\[redacted])(?:(?=[a-z]{0,8192}[^\sa-z"',;\\])[^\s"',;\\]{6,}|[a-z]{20,})/gi,
    '$1$2[redacted]',
  ],
  [/\b(basic)(\s{1,8})(?=[\w+/-]{0,8192}[a-z])(?=[\w+/-]{0,8192}[\d=])[\w+/=-]{8,}/gi, '$1$2[redacted]'],
  [/(?<![\w-])eyJ[\w-]{8,}\.[\w-]{4,}(?:\.[\w-]*)?/g, '[redacted]'],
  [/(?<![\w-])pat-[\w-]{8,}/gi, '[redacted]'],
  [/\b(https?:\/\/)[^\s/@:"'\\]{1,256}:[^\s/@"'\\]{1,1024}@/gi, '$1[redacted]@'],
]
/** Names of members and headers whose values are credentials wherever they stand. */
const secretName =
  /^(?:proxy[-_]?)?authorization$|^(?:set-)?cookie2?$|api[-_]?key$|^(?:access|refresh|id|auth|session)[-_]?token$|^x-[\w-]*token$|secret$|^passw(?:or)?d$/i
/** Headers whose value goes on to the end of the line. */
const wholeLine = /authorization$|cookie2?$/i
/** A name with what may quote it, also inside JSON that is text in JSON, and the sign after it. */
const named = /(?<![\w-])([\w-]{2,64})(?:["']|\\{1,7}")?\s{0,4}[:=]\s{0,4}/g

/**
 * Zero-width, direction-changing, tag and other format characters that a reader does not see but a model reads.
 * The joiners of emoji and of Indic and Arabic scripts (U+200C, U+200D) are left where one stands behind such a
 * character, and so are the two selectors of the form of an emoji: rows of them could spell out a text.
 */
const invisible =
  /[\u200C\u200D](?<![^\0-\u02FF\u200C\u200D].)|[\uFE00-\uFE0D]|[\uFE0E\uFE0F](?<=[\uFE0E\uFE0F].)|(?![\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u200C\u200D])\p{Cf}|\u034F|\u17B4|\u17B5|\u180B|\u180C|\u180D|\u180F|[\u115F\u1160\u3164\uFFA0]|[\u{E0000}-\u{E0FFF}]/gu

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is its purpose
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g

/** The same characters written as HTML, which a model reads as well: by number, or by one of their names. */
const entities = /&(?:#(?:x([0-9a-f]{1,6})|(\d{1,7}))|(?:zwj|zwnj|lrm|rlm|shy|ZeroWidthSpace|NoBreak));?/gi

/** Takes any text and returns it without what a reader does not see; what that uncovers is looked at again. */
function stripInvisible(text: string, rounds = 3): string {
  const result = withoutEntities(text, '').replace(invisible, '').replace(control, '')
  if (result === text) return result
  // Entities within entities within entities are no accident: a space ends what the next one would uncover.
  return rounds === 0 ? withoutEntities(result, ' ') : stripInvisible(result, rounds - 1)
}

const withoutEntities = (text: string, put: string) =>
  text.replace(entities, (whole, hex?: string, decimal?: string) => {
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
    if (Number.isNaN(code)) return put
    return code <= 0x10ffff && hides(String.fromCodePoint(code)) ? put : whole
  })

const hides = (character: string) => character.replace(invisible, '').replace(control, '') === ''

/**
 * Colours and titles, as a program writes them with ESC. Inside a JSON string ESC is always escaped, while the other
 * codes that terminals know may stand there as text. Bounded, so that no text can exhaust the regex engine.
 */
const terminalCodes =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes are made of control characters
  /\u001B(?:\[[0-?]{0,64}[ -/]{0,8}[@-~]|\][^\u0007\u001B]{0,1024}(?:\u0007|\u001B\\)|[@-Z\\-_])/g

/** Takes any text and returns it without colours, titles and the like. */
export const withoutTerminalCodes = (text: string): string => text.replace(terminalCodes, '')

/**
 * Takes what a program printed and returns it with credentials replaced by `[redacted]`: tokens by their form, and
 * values by the name of the header or member before them. Reads it once from start to end.
 */
export const redact = (text: string): string => redactNamed(text, () => true)

/** As `redact`, for what people wrote: `my password: is not accepted` names a credential and gives none. */
const redactProse = (text: string): string =>
  redactNamed(text, (value) => value.length > 2000 || /(?=[\w+/=.-]{8})[\w+/=.-]{0,256}\d/.test(value))

function redactNamed(text: string, isCredential: (value: string) => boolean): string {
  const parts: string[] = []
  let done = 0
  for (const match of text.matchAll(named)) {
    const [whole, name = ''] = match
    const start = match.index + whole.length
    if (match.index < done || !secretName.test(name)) continue
    const end = endOfValue(text, start, wholeLine.test(name))
    if (!isCredential(text.slice(start, end))) continue
    parts.push(text.slice(done, start), '[redacted]')
    done = end
  }
  const withoutNamed = [...parts, text.slice(done)].join('')
  return tokenForms.reduce((result, [form, replacement]) => result.replace(form, replacement), withoutNamed)
}

/** The place after a value that starts at `start`: a quoted text, a list, the rest of a line, or one word. */
function endOfValue(text: string, start: number, toLineEnd: boolean): number {
  const escaped = /\\{1,7}"/y
  escaped.lastIndex = start
  const quoteUntrusted = escaped.exec(text)?.[0]
  if (quoteUntrusted !== undefined) {
    const end = text.indexOf(quoteUntrusted, start + quoteUntrusted.length)
    return end < 0 ? text.length : end + quoteUntrusted.length
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

/** Takes text with a JSON string at `start` and returns the place after it, or undefined when it does not end. */
export function endOfQuoted(text: string, start: number): number | undefined {
  for (let index = start + 1; index < text.length; index++) {
    if (text[index] === '\\') index++
    else if (text[index] === '"') return index + 1
  }
  return undefined
}

/** Takes any text and returns it without terminal codes, control characters and invisible characters. */
export function stripHidden(text: string): string {
  return stripInvisible(withoutTerminalCodes(text))
}

/**
 * Takes text of another program and returns it fit to stand in a field of ours: cleaned, redacted, on one line,
 * at most `limit` characters.
 */
export function singleLine(text: string, limit: number): string {
  const characters = [...redact(stripHidden(text)).replace(/\s+/g, ' ').trim()]
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : characters.join('')
}

/** Takes text of another program and returns it as `oneLine` does, in quotation marks that it cannot close itself. */
export function quoteUntrusted(text: string, limit = 240): string {
  return `“${singleLine(text, limit).replace(/[“”]/g, '"')}”`
}

/**
 * Takes parsed JSON of a result and returns it with every string cleaned, what looks like a credential redacted, and
 * the values of credential members replaced. Returns the same object where there is nothing to change, so that clean
 * data costs no copy.
 */
export const sanitize = (value: unknown): unknown => walk(value, redactProse, 0)

/** Takes the fields of a log line and returns them as `sanitise` does, with the texts redacted as `redact` does. */
export const redactFields = (fields: object) => walk(fields, redact, 0) as Record<string, unknown>

/** Deeper than any record; a document may nest until the stack ends. */
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
    // Names that differ by invisible characters alone stay apart.
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
