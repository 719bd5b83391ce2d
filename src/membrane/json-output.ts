import { stripTerminalCodes } from '../text/invisible.ts'
import { endOfQuoted } from '../text/redact.ts'

/** An opening bracket that JSON could follow: `[warn]` and `[1/3` are noise, `{ "items"` and `[{` are not. */
const opening = String.raw`(?:\{(?=\s*["}])|\[(?=\s*(?:[[{"\]]|(?:-?\d+|true|false|null)\s*[,\]])))`

/**
 * Takes what a program printed and returns the last complete top-level JSON object or array in it, or undefined:
 * the CLI prints notices, colours and error sentences around its documents. A document that is cut off counts
 * as none, because a complete part of it would be mistaken for the whole.
 */
export function lastJsonDocument(output: string): object | undefined {
  const text = output.trim()
  const whole = parse(text)
  if (whole !== undefined) return whole
  const plain = stripTerminalCodes(text)
  return (
    lastDocument(plain, new RegExp(`(?<![^\\n])${opening}`, 'g')) ??
    lastDocument(plain, new RegExp(opening, 'g'))
  )
}

/** Takes what a program printed and returns what stands before the first document in it, without terminal codes. */
export function textBeforeJson(output: string): string {
  const text = stripTerminalCodes(output)
  const start = text.search(new RegExp(opening))
  return (start < 0 ? text : text.slice(0, start)).slice(0, 4000)
}

function lastDocument(text: string, openings: RegExp): object | undefined {
  let found: object | undefined
  for (let match = openings.exec(text); match !== null; match = openings.exec(text)) {
    const end = endOfDocument(text, match.index)
    if (end === undefined) return undefined
    found = parse(text.slice(match.index, end)) ?? found
    openings.lastIndex = end
  }
  return found
}

/** Returns the index after the bracket that closes the one at `start`; brackets inside strings do not count. */
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

/** The CLI's documents are objects and lists of objects; `[1]` is more likely a remark. */
function parse(text: string): object | undefined {
  if (!/^(?:\{|\[\s*[[{\]])/.test(text)) return undefined
  try {
    return JSON.parse(text) as object
  } catch {
    return undefined
  }
}
