import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import type { TerminalStyle } from './style.ts'

const gap = '  '
const minWrap = 20
const graphemes = new Intl.Segmenter()

/** Pads to a width in columns of a terminal. */
export const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - stringWidth(text)))

/** Cuts text to one line, at the end of a word where it has several. */
export function cut(text: string, columns: number): string {
  const line = text.replace(/\s+/g, ' ').trim()
  if (stringWidth(line) <= columns) return line
  let kept = ''
  let width = 0
  for (const { segment } of graphemes.segment(line)) {
    width += stringWidth(segment)
    if (width > columns - 1) break
    kept += segment
  }
  const isWordEnd = line[kept.length] === ' '
  const words = isWordEnd ? kept : kept.replace(/ \S*$/, '')
  return `${words.trimEnd()}…`
}

/** Wraps text between words, each line after the first indented. */
export function wrap(text: string, columns: number, indent = 0): string {
  const lines = wrapAnsi(text, Math.max(columns - indent, minWrap), { wordWrap: true }).split('\n')
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** Pairs of a term and its text, one below the other, the texts aligned and wrapped. */
export function definitions(pairs: readonly (readonly [string, string])[], style: TerminalStyle): string {
  const widest = Math.max(0, ...pairs.map(([term]) => stringWidth(term)))
  const column = Math.min(widest, Math.floor(style.columns / 2)) + gap.length
  return pairs
    .map(([term, text]) => {
      const isLong = stringWidth(term) + gap.length > column
      const start = isLong ? `${term}\n${' '.repeat(column)}` : pad(term, column)
      return `${style.dim(start)}${wrap(text, style.columns, column)}`.trimEnd()
    })
    .join('\n')
}

/** Indents every line that is not empty. */
export const indented = (text: string): string => text.replace(/^(?=.)/gm, gap)
