import { stripTerminalCodes } from '../text/invisible.ts'
import { endOfQuoted } from '../text/redact.ts'

/** An opening bracket that JSON could follow: not that of `[warn]` or `[1/3`, but of `{ "items"` and `[{`. */
const opening = String.raw`(?:\{(?=\s*["}])|\[(?=\s*(?:[[{"\]]|(?:-?\d+|true|false|null)\s*[,\]])))`

/**
 * Finds the complete top-level JSON objects and arrays among notices and colours, in order. Those that start a line count
 * first, others when none of those is wanted. Where one is cut off there are none: a part would pass for the whole.
 */
export function jsonDocuments(
  output: string,
  isWanted: (document: object) => boolean = () => true,
): object[] {
  const text = output.trim()
  const whole = parse(text)
  if (whole !== undefined) return [whole]
  const plain = stripTerminalCodes(text)
  const atLineStarts = allDocuments(plain, new RegExp(`(?<![^\\n])${opening}`, 'g'))
  if (atLineStarts.some(isWanted)) return atLineStarts
  const anywhere = allDocuments(plain, new RegExp(opening, 'g'))
  return anywhere.some(isWanted) || atLineStarts.length === 0 ? anywhere : atLineStarts
}

export const lastJsonDocument = (output: string): object | undefined => jsonDocuments(output).at(-1)

export function textBeforeJson(output: string): string {
  const text = stripTerminalCodes(output)
  const start = text.search(new RegExp(opening))
  return (start < 0 ? text : text.slice(0, start)).slice(0, 4000)
}

function allDocuments(text: string, openings: RegExp): object[] {
  const found: object[] = []
  for (let match = openings.exec(text); match !== null; match = openings.exec(text)) {
    const end = endOfDocument(text, match.index)
    if (end === undefined) return []
    const document = parse(text.slice(match.index, end))
    if (document !== undefined) found.push(document)
    openings.lastIndex = end
  }
  return found
}

function endOfDocument(text: string, start: number): number | undefined {
  const marks = /["{}[\]]/g
  marks.lastIndex = start
  let depth = 0
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      const end = endOfQuoted(text, mark.index)
      if (end === undefined) return undefined
      marks.lastIndex = end
    } else {
      depth += mark[0] === '{' || mark[0] === '[' ? 1 : -1
      if (depth === 0) return marks.lastIndex
    }
  }
  return undefined
}

/** The CLI prints objects and lists of objects; `[1]` is more likely a remark. */
function parse(text: string): object | undefined {
  if (!/^(?:\{|\[\s*[[{\]])/.test(text)) return undefined
  try {
    return JSON.parse(withLargeIntegersAsText(text)) as object
  } catch {
    return undefined
  }
}

/** An integer beyond 2^53 becomes text, since a number would lose digits of it. Most likely it is an id. */
function withLargeIntegersAsText(text: string): string {
  if (!/\d{16}/.test(text)) return text
  const parts: string[] = []
  let done = 0
  const marks = /"|(?<![\w.+-])-?\d{16,}(?![\d.eE])/g
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    if (mark[0] === '"') {
      marks.lastIndex = endOfQuoted(text, mark.index) ?? text.length
    } else if (!Number.isSafeInteger(Number(mark[0]))) {
      parts.push(text.slice(done, mark.index), `"${mark[0]}"`)
      done = marks.lastIndex
    }
  }
  return [...parts, text.slice(done)].join('')
}
