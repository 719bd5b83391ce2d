import stringWidth from 'string-width'
import wrapAnsi from 'wrap-ansi'
import type { TerminalStyle } from './style.ts'

const gap = '  '
const graphemes = new Intl.Segmenter()

/** Takes text and returns it with spaces up to `columns`, as wide as a terminal draws it. */
const pad = (text: string, columns: number): string =>
  text + ' '.repeat(Math.max(0, columns - stringWidth(text)))

/** Takes text and returns it on one line of at most `columns`, with a sign where it was cut. */
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
  return `${kept.trimEnd()}…`
}

/** Takes text and returns it wrapped between words, each line after the first indented by `indent` columns. */
export function wrap(text: string, columns: number, indent = 0): string {
  const lines = wrapAnsi(text, Math.max(columns - indent, 20), { wordWrap: true }).split('\n')
  return lines.join(`\n${' '.repeat(indent)}`)
}

/** Takes pairs of a term and its text and returns them one below the other, the texts aligned and wrapped. */
export function definitions(pairs: readonly (readonly [string, string])[], screen: TerminalStyle): string {
  const widest = Math.max(0, ...pairs.map(([term]) => stringWidth(term)))
  const column = Math.min(widest, Math.floor(screen.columns / 2)) + gap.length
  return pairs
    .map(([term, text]) => {
      const isLong = stringWidth(term) + gap.length > column
      const start = isLong ? `${term}\n${' '.repeat(column)}` : pad(term, column)
      return `${screen.dim(start)}${wrap(text, screen.columns, column)}`.trimEnd()
    })
    .join('\n')
}

export interface Column {
  name: string
  width: number
}

/** Takes columns and rows of as many cells and returns them aligned under the names of the columns. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  screen: TerminalStyle,
): string {
  const line = (cells: readonly string[]) =>
    columns
      .map(({ width }, index) => pad(cells[index] ?? '', width))
      .join(gap)
      .trimEnd()
  return [screen.bold(line(columns.map(({ name }) => name))), ...rows.map(line)].join('\n')
}

/** Takes columns, the most telling first, and returns those of them that stand side by side in `room`. */
export function fitting(columns: readonly Column[], room: number): Column[] {
  let left = room + gap.length
  return columns.filter(({ width }) => {
    const fits = width + gap.length <= left
    if (fits) left -= width + gap.length
    return fits
  })
}

/** Takes text and returns every line of it that is not empty set in by two columns. */
export const indented = (text: string): string => text.replace(/^(?=.)/gm, gap)
