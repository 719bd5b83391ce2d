import stringWidth from 'string-width'
import { wrap } from './layout.ts'
import { columnsOf } from './style.ts'

/**
 * Wraps text at words for a terminal; each line keeps its indentation, and that of a mark such as `ok` before it.
 * Text for a pipe or a file stays as it is, so that it can be searched. Lines of a diff are not wrapped.
 */
export function wrapFor(stream: NodeJS.WriteStream, text: string, margin = 0): string {
  if (stream.isTTY !== true) return text
  return wrapLines(text, columnsOf(stream) - margin)
}

export const wrapLines = (text: string, columns: number): string =>
  text
    .split('\n')
    .map((line) => {
      if (stringWidth(line) <= columns || /^[+\-@]/.test(line)) return line
      const [, start = '', rest = ''] = /^(\s*(?:\S*(?:ok|warn|fail)\S*\s{2,})?)(.*)$/.exec(line) ?? []
      return start + wrap(rest, columns, stringWidth(start))
    })
    .join('\n')
