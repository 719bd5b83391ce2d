import stringWidth from 'string-width'
import { isObject, type Json } from '../../json.ts'
import { cut, definitions, fitting, indented, table, wrap } from './layout.ts'
import type { TerminalStyle } from './style.ts'

const maxCell = 32
/** A table with fewer columns than this says less than the records one below the other. */
const minTableColumns = 2
/** Deeper than any record of Kustomer nests. */
const maxDepth = 8

/**
 * Takes the data of an answer and returns it for a person: a record as aligned names and values, a list as a table
 * where that fits. Empty members are left out; `--json` is for those who need every one.
 */
export function renderRecords(data: unknown, screen: TerminalStyle, depth = 0): string {
  if (Array.isArray(data)) return describeList(data, screen, depth)
  return isObject(data) ? describeRecord(data, screen, depth) : wrap(scalar(data), screen.columns)
}

function describeList(list: readonly unknown[], screen: TerminalStyle, depth: number): string {
  if (list.length === 0) return 'none'
  if (!list.every(isObject))
    return list.map((item) => `- ${wrap(scalar(item), screen.columns, 2)}`).join('\n')
  const rows = list.map((record) => flat(record))
  const columns = columnsOf(rows).map((name) => ({ name, width: widthOf(name, rows) }))
  const shown = fitting(columns, screen.columns)
  if (shown.length < Math.min(minTableColumns, columns.length))
    return list.map((record) => describeRecord(record, screen, depth)).join('\n\n')
  const cells = rows.map((row) => shown.map(({ name }) => cellOf(row.get(name))))
  const more = columns.length - shown.length
  const lines = table(shown, cells, screen)
  return more === 0 ? lines : `${lines}\n${screen.dim(`${more} more members of each: --json has them.`)}`
}

const cellOf = (value: unknown) => cut(scalar(value), maxCell)

const widthOf = (name: string, rows: readonly ReadonlyMap<string, unknown>[]) =>
  Math.max(stringWidth(name), ...rows.map((row) => stringWidth(cellOf(row.get(name)))))

function describeRecord(record: Json, screen: TerminalStyle, depth: number): string {
  const members = [...flat(record)].filter(([, value]) => !isEmpty(value))
  const isListed = (value: unknown) => Array.isArray(value) && value.some(isObject) && depth < maxDepth
  const lines = members.filter(([, value]) => !isListed(value))
  const lists = members.filter(([, value]) => isListed(value))
  const inner = { ...screen, columns: screen.columns - 2 }
  return [
    ...(lines.length === 0
      ? []
      : [
          definitions(
            lines.map(([name, value]) => [name, scalar(value)] as const),
            screen,
          ),
        ]),
    ...lists.map(
      ([name, value]) => `${screen.dim(name)}\n${indented(renderRecords(value, inner, depth + 1))}`,
    ),
  ].join('\n')
}

/** What a person looks for first in a list of Kustomer's records, in this order. */
const preferredColumns = [
  'id',
  'name',
  'key',
  'title',
  'subject',
  'preview',
  'body',
  'status',
  'direction',
  'channel',
  'updatedAt',
]

/** After what tells most comes what differs from record to record, then what is the same in all. */
function columnsOf(rows: readonly ReadonlyMap<string, unknown>[]): string[] {
  const names = [...new Set(rows.flatMap((row) => [...row.keys()]))]
  const filled = names.filter((name) => rows.some((row) => !isEmpty(row.get(name))))
  const rank = (name: string) => {
    if (preferredColumns.includes(name)) return preferredColumns.indexOf(name)
    const differs = new Set(rows.map((row) => cellOf(row.get(name)))).size > 1
    return preferredColumns.length + (differs ? 0 : 1)
  }
  return filled.sort((one, other) => rank(one) - rank(other))
}

/**
 * Takes a record and returns its members by name, those inside another as `name.member`. A JSON:API resource keeps
 * its members under `attributes` and the ids of others under `relationships`; here all stand side by side.
 */
function flat(record: Json, prefix = '', depth = 0): Map<string, unknown> {
  const { attributes, relationships, links: _, ...own } = record
  const members = isObject(attributes)
    ? { ...own, ...attributes, ...(isObject(relationships) ? related(relationships) : {}) }
    : record
  const result = new Map<string, unknown>()
  for (const [key, value] of Object.entries(members)) {
    const name = cut(key, maxCell)
    if (isObject(value) && depth < maxDepth)
      for (const [path, member] of flat(value, `${prefix}${name}.`, depth + 1)) result.set(path, member)
    else result.set(`${prefix}${name}`, value)
  }
  return result
}

function related(relationships: Json): Json {
  const entries = Object.entries(relationships).map(([name, value]) => {
    const data = isObject(value) ? value['data'] : undefined
    const ids = [data].flat().flatMap((one) => (isObject(one) ? [one['id']] : []))
    return [name, Array.isArray(data) ? ids : ids[0]]
  })
  return Object.fromEntries(entries)
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

/** To the minute is what a person reads. */
const instant = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/

/** Takes a value and returns it as text; a carriage return would let it write over the line that it stands in. */
function scalar(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string')
    return value.replace(instant, '$1 $2Z').replace(/\r\n?/g, '\n').replaceAll('\t', '  ')
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item !== 'object')
  return isPlainList ? value.join(', ') : JSON.stringify(value)
}

/** Takes the whole envelope of a successful call and returns it for a person: the data, the page, the notices. */
export function renderEnvelope(envelope: Json, screen: TerminalStyle): string {
  const { data, page, notices } = envelope
  const parts = [renderRecords(data, screen)]
  if (isObject(page)) parts.push(screen.dim(describePage(page)))
  if (Array.isArray(notices))
    parts.push(notices.map((notice) => screen.dim(wrap(`! ${notice}`, screen.columns, 2))).join('\n'))
  return parts.join('\n\n')
}

function describePage({ page, pageSize, total, next }: Json): string {
  const facts = [
    page === undefined ? undefined : `page ${page}`,
    pageSize === undefined ? undefined : `${pageSize} a page`,
    total === undefined ? undefined : `${total} in all`,
    next === undefined ? 'no further page' : `next: ${cut(String(next), 100)}`,
  ]
  return facts.filter((fact) => fact !== undefined).join(' · ')
}
