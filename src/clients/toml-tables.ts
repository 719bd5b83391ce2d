import { parse } from 'smol-toml'

/** A table of a TOML file, by its lines, counted from 0. `to` is the line after its last statement. */
export interface Table {
  path: readonly string[]
  from: number
  to: number
  statements: readonly Statement[]
}

interface Statement {
  /** The first part of its key. */
  key: string
  value: unknown
  from: number
  to: number
}

/**
 * Takes the text of a TOML file that parses, and returns its tables with the lines that they stand on. What a line
 * means is asked of the parser, so that text inside a string of many lines is not taken for a table.
 */
export function tablesOf(text: string): Table[] {
  const lines = text.split('\n')
  const tables: (Table & { statements: Statement[] })[] = []
  let line = 0
  while (line < lines.length) {
    const own = lines[line]?.trim() ?? ''
    if (own === '' || own.startsWith('#')) {
      line++
    } else if (own.startsWith('[')) {
      tables.push({ path: pathOf(own), from: line, to: line + 1, statements: [] })
      line++
    } else {
      const statement = statementAt(lines, line)
      const table = tables.at(-1)
      table?.statements.push(statement)
      if (table !== undefined) table.to = statement.to
      line = statement.to
    }
  }
  return tables
}

/** A statement goes on for as many lines as it takes to parse. */
function statementAt(lines: readonly string[], from: number): Statement {
  for (let to = from + 1; to < lines.length; to++) {
    const parsed = parsedOrUndefined(`${lines.slice(from, to).join('\n')}\n`)
    if (parsed !== undefined) return statement(parsed, from, to)
  }
  return statement(parse(lines.slice(from).join('\n')), from, lines.length)
}

function statement(parsed: object, from: number, to: number): Statement {
  const [[key = '', value] = []] = Object.entries(parsed)
  return { key, value, from, to }
}

/** The path that a header names. Lists of tables get the path `[[…]]`, which is no table's. */
function pathOf(header: string): string[] {
  if (header.startsWith('[[')) return ['[[…]]']
  const path: string[] = []
  let at: unknown = parsedOrUndefined(header)
  while (typeof at === 'object' && at !== null) {
    const [[key, value] = []] = Object.entries(at)
    if (key === undefined) break
    path.push(key)
    at = value
  }
  return path
}

function parsedOrUndefined(text: string): object | undefined {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' })
  } catch {
    return undefined
  }
}
