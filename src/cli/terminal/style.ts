import { styleText } from 'node:util'

/** Where text is shown to a person: its width in columns, and how a word is made to stand out. */
export interface TerminalStyle {
  columns: number
  bold(text: string): string
  dim(text: string): string
}

/** What is printed into a file or a pipe is laid out for this width. */
const defaultColumns = 80
const minColumns = 40

/**
 * Takes an output stream and returns the screen behind it. There is colour only on a terminal that has it, and none
 * where the environment says NO_COLOR, which `hasColors` of Node knows.
 */
export function terminalStyle(stream: NodeJS.WriteStream): TerminalStyle {
  const isColourful = stream.isTTY === true && stream.hasColors()
  const style = (format: 'bold' | 'dim') => (text: string) => (isColourful ? styleText(format, text) : text)
  const columns = stream.isTTY === true ? stream.columns || defaultColumns : defaultColumns
  return { columns: Math.max(columns, minColumns), bold: style('bold'), dim: style('dim') }
}
