import { styleText } from 'node:util'

/** How text is laid out on an output stream: its width in columns, and emphasis. */
export interface TerminalStyle {
  columns: number
  bold(text: string): string
  dim(text: string): string
}

/** The width where the stream is no terminal, or one that does not tell. */
const defaultColumns = 80
const minColumns = 40

export const columnsOf = (stream: NodeJS.WriteStream): number =>
  Math.max((stream.isTTY === true && stream.columns) || defaultColumns, minColumns)

/** The style of an output stream. Colour needs a terminal that has it, and no NO_COLOR, which `hasColors` checks. */
export function terminalStyle(stream: NodeJS.WriteStream): TerminalStyle {
  const isColourful = stream.isTTY === true && stream.hasColors()
  const style = (format: 'bold' | 'dim') => (text: string) => (isColourful ? styleText(format, text) : text)
  return {
    columns: columnsOf(stream),
    bold: style('bold'),
    dim: style('dim'),
  }
}
