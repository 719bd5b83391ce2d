import { isObject, type Json } from '../../json.ts'
import type { Envelope, Page } from '../../response/envelope.ts'
import { flatRecord, isEmpty, maxDepth, textOf } from './flat-record.ts'
import { definitions, indented, wrap } from './layout.ts'
import { columnsOfKind } from './record-columns.ts'
import { renderList } from './record-list.ts'
import type { TerminalStyle } from './style.ts'
import { isThread, renderThread } from './thread.ts'

interface RenderOptions {
  /** Whether lists show the members that there are, instead of those that a person looks for first. */
  everyField?: boolean
  depth?: number
}

/** The data of an answer for a person. Empty members are left out; `--json` shows all. */
export function renderRecords(data: unknown, style: TerminalStyle, options: RenderOptions = {}): string {
  if (isThread(data)) return renderThread(data, style)
  if (Array.isArray(data)) return renderItems(data, style, options)
  return isObject(data) ? renderRecord(data, style, options) : wrap(textOf(data), style.columns)
}

function renderItems(list: readonly unknown[], style: TerminalStyle, options: RenderOptions): string {
  if (list.length === 0) return 'none'
  if (!list.every(isObject)) return list.map((item) => `- ${wrap(textOf(item), style.columns, 2)}`).join('\n')
  const columns = options.everyField === true ? undefined : columnsOfKind(list)
  return (
    renderList(list, columns, style) ??
    list.map((record) => renderRecord(record, style, options)).join('\n\n')
  )
}

function renderRecord(record: Json, style: TerminalStyle, options: RenderOptions): string {
  const { depth = 0 } = options
  const members = [...flatRecord(record)].filter(([, value]) => !isEmpty(value))
  const isListed = (value: unknown) => Array.isArray(value) && value.some(isObject) && depth < maxDepth
  const facts = members.filter(([, value]) => !isListed(value))
  const lists = members.filter(([, value]) => isListed(value))
  const inner = { ...style, columns: style.columns - 2 }
  const pairs = facts.map(([name, value]) => [name, textOf(value)] as const)
  return [
    ...(pairs.length === 0 ? [] : [definitions(pairs, style)]),
    ...lists.map(
      ([name, value]) =>
        `${style.dim(name)}\n${indented(renderRecords(value, inner, { ...options, depth: depth + 1 }))}`,
    ),
  ].join('\n')
}

/** The envelope of a successful call for a person: the data, the page, the notices. */
export function renderEnvelope(
  envelope: Envelope,
  style: TerminalStyle,
  options: RenderOptions = {},
): string {
  const { data, page, notices } = envelope
  const parts = [renderRecords(data, style, options)]
  if (page !== undefined) parts.push(style.dim(wrap(describePage(page), style.columns)))
  if (notices !== undefined)
    parts.push(notices.map((notice) => style.dim(wrap(`! ${notice}`, style.columns, 2))).join('\n'))
  return parts.join('\n\n')
}

function describePage({ page, pageSize, total, next }: Page): string {
  const facts = [
    page === undefined ? undefined : `page ${page}`,
    pageSize === undefined ? undefined : `${pageSize} a page`,
    total === undefined ? undefined : `${total} in all`,
    next === undefined ? 'no further page' : `next: ${textOf(next)}`,
  ]
  return facts.filter((fact) => fact !== undefined).join(' · ')
}
