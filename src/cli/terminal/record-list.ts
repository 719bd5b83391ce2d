import stringWidth from 'string-width'
import type { Json } from '../../json.ts'
import { type FlatRecord, flatRecord, isEmpty, textOf } from './flat-record.ts'
import { cut, indented, pad, wrap } from './layout.ts'
import { type RecordColumn, rowOf } from './record-columns.ts'
import type { TerminalStyle } from './style.ts'

const gap = '  '
const minText = 20
/** Of one cell. */
const maxCell = 200

interface FilledColumn extends RecordColumn {
  cells: readonly string[]
  /** Of the widest cell. */
  width: number
}

/**
 * A list as a table of columns that are known, or of the members of the records. A known column whose cells are all the
 * same is named once below it; one that has no room beside the others stands below its row. Undefined where a table
 * would have fewer than two columns.
 */
export function renderList(
  list: readonly Json[],
  known: readonly RecordColumn[] | undefined,
  style: TerminalStyle,
): string | undefined {
  const rows = list.map(known === undefined ? (record) => flatRecord(record) : rowOf)
  const all = (known ?? genericColumns(rows)).map((column) => filled(column, rows)).filter(hasCells)
  const shared = known === undefined || list.length === 1 ? [] : all.filter(isShared)
  const columns = all.filter((column) => !shared.includes(column))
  const { beside, below } = fitColumns(columns, style.columns)
  if (beside.length < Math.min(2, columns.length)) return undefined
  const line = (cells: readonly string[]) =>
    beside
      .map(({ width }, index) => pad(cut(cells[index] ?? '', width), width))
      .join(gap)
      .trimEnd()
  const table = rows.map((_, index) => {
    const row = line(beside.map(({ cells }) => cells[index] ?? ''))
    return known === undefined ? row : [row, ...belowRow(below, index, style)].join('\n')
  })
  return [
    style.bold(line(beside.map(({ name }) => name))),
    ...table,
    ...notes(shared, known !== undefined || below.length > 0, style),
  ].join('\n')
}

function filled(column: RecordColumn, rows: readonly FlatRecord[]): FilledColumn {
  const cells = rows.map((row) => cut(column.cell(row), maxCell))
  return {
    ...column,
    cells,
    width: Math.max(stringWidth(column.name), ...cells.map((cell) => stringWidth(cell))),
  }
}

const hasCells = ({ cells }: FilledColumn) => cells.some((cell) => cell !== '')

const isShared = ({ name, cells, minText: prose }: FilledColumn) =>
  name !== 'id' && prose === undefined && new Set(cells).size === 1

/** Picks the columns that stand side by side, in their order, and shares the room that is left among prose. */
function fitColumns(columns: readonly FilledColumn[], room: number) {
  let left = room + gap.length
  const beside: FilledColumn[] = []
  const below: FilledColumn[] = []
  for (const column of columns) {
    const least = Math.min(column.width, Math.max(column.minText ?? column.width, stringWidth(column.name)))
    const fits = least + gap.length <= left
    if (fits) left -= least + gap.length
    if (fits) beside.push({ ...column, width: least })
    else below.push(column)
  }
  for (const [index, column] of beside.entries()) {
    const wanted = columns.find(({ name }) => name === column.name)?.width ?? column.width
    const more = Math.min(wanted - column.width, left)
    beside[index] = { ...column, width: column.width + more }
    left -= more
  }
  return { beside, below }
}

function belowRow(columns: readonly FilledColumn[], index: number, style: TerminalStyle): string[] {
  const present = columns.filter(({ cells }) => cells[index] !== '')
  const facts = present
    .filter(({ minText: prose }) => prose === undefined)
    .map(({ name, cells }) => `${name} ${cells[index]}`)
  const prose = present.filter((column) => column.minText !== undefined)
  const room = style.columns - gap.length
  return [
    ...prose.map(({ cells }) => indented(cut(cells[index] ?? '', room))),
    ...(facts.length === 0 ? [] : [style.dim(indented(wrap(facts.join(' · '), room)))]),
  ]
}

function notes(shared: readonly FilledColumn[], hasMore: boolean, style: TerminalStyle): string[] {
  const facts = shared.map(({ name, cells }) => `${name} ${cells[0]}`)
  const sentences = [
    facts.length === 0 ? '' : `The same in all: ${facts.join(' · ')}.`,
    hasMore ? '--json shows every field.' : '',
  ]
  return sentences.filter(Boolean).map((sentence) => style.dim(wrap(sentence, style.columns)))
}

const preferred = ['id', 'key', 'name', 'title', 'subject', 'status', 'email']

/** The members of records of an unknown kind: those that differ from record to record before those that do not. */
function genericColumns(rows: readonly FlatRecord[]): RecordColumn[] {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))].filter((name) =>
    rows.some((row) => !isEmpty(row.get(name))),
  )
  const rank = (name: string) => {
    if (preferred.includes(name)) return preferred.indexOf(name)
    const differs = new Set(rows.map((row) => textOf(row.get(name)))).size > 1
    return preferred.length + (differs ? 0 : 1)
  }
  return names
    .sort((left, right) => rank(left) - rank(right))
    .map((name) => ({
      name,
      cell: (row) => textOf(row.get(name)),
      ...(/(^|\.)ids?$|Ids?$/.test(name) ? {} : { minText }),
    }))
}
