import { isObject, type Json } from '../../json.ts'
import { flatRecord, isEmpty, textOf } from './flat-record.ts'
import { definitions, indented, wrap } from './layout.ts'
import type { TerminalStyle } from './style.ts'

/** What `get-conversation-thread` answers. */
export interface Thread extends Json {
  conversation: Json
  customer?: unknown
  entries: readonly Json[]
}

export const isThread = (data: unknown): data is Thread =>
  isObject(data) &&
  isObject(data['conversation']) &&
  Array.isArray(data['entries']) &&
  data['entries'].every((entry) => isObject(entry) && 'at' in entry)

/** A thread to read: the conversation above, then each message and note under its time, author and channel. */
export function renderThread({ conversation, customer, entries }: Thread, style: TerminalStyle): string {
  const subject = textOf(conversation['name'])
  const heading = style.bold(wrap(subject || 'Conversation', style.columns))
  const facts = definitions(headerOf(conversation, isObject(customer) ? customer : {}), style)
  return [`${heading}\n${facts}`, ...entries.map((entry) => renderEntry(entry, subject, style))].join('\n\n')
}

/** What is asked first comes first; the other members of both records follow. */
function headerOf(conversation: Json, customer: Json): [string, string][] {
  const { id, type: _, name: _name, status, priority, assignedUsers, rev: _rev, ...others } = conversation
  const { id: customerId, type: _type, name, emails, phones, rev: _revision, ...more } = customer
  const pairs: [string, string][] = [
    ['id', textOf(id)],
    ['status', textOf(status)],
    ['priority', textOf(priority)],
    ['assignee', listOf(assignedUsers, 'name')],
    ['customer', [textOf(name), textOf(customerId)].filter(Boolean).join(' · ')],
    ['email', listOf(emails, 'email')],
    ['phone', listOf(phones, 'phone')],
    ...[...flatRecord(more)].map(([key, value]): [string, string] => [`customer ${key}`, textOf(value)]),
    ...[...flatRecord(others)].map(([key, value]): [string, string] => [
      key,
      isEmpty(value) ? '' : textOf(value),
    ]),
  ]
  return pairs.filter(([, text]) => text !== '')
}

const listOf = (list: unknown, member: string): string =>
  [list]
    .flat()
    .map((item) => textOf(isObject(item) ? (item[member] ?? item['id']) : item))
    .filter(Boolean)
    .join(', ')

function renderEntry(entry: Json, threadSubject: string, style: TerminalStyle): string {
  const { id, at, author, subject, text } = entry
  const head = [textOf(at), style.bold(textOf(author) || 'unknown'), kindOf(entry), style.dim(textOf(id))]
  const isNews = textOf(subject).replace(/^((re|fwd?):\s*)+/i, '') !== threadSubject
  const body = [isNews ? textOf(subject) : '', textOf(text)].filter(Boolean).join('\n')
  const lines = body.split('\n').map((line) => wrap(line, style.columns - 2))
  return `${wrap(head.join('  '), style.columns, 2)}\n${indented(lines.join('\n'))}`.trimEnd()
}

/** Such as `in email` or `note`, with what is unusual about it. */
function kindOf({ type, direction, channel, ...entry }: Json): string {
  const { draft, status, error, auto, deleted, redacted, attachments } = entry
  const marks = [
    draft === true ? 'draft' : '',
    auto === true ? 'automatic' : '',
    deleted === true ? 'deleted' : '',
    redacted === true ? 'redacted' : '',
    status === undefined ? '' : `${textOf(status)}${error === undefined ? '' : `: ${textOf(error)}`}`,
    typeof attachments === 'number' ? `${attachments} attached` : '',
  ].filter(Boolean)
  const way = [direction, channel].map(textOf).filter(Boolean).join(' ') || textOf(type)
  return [way, ...marks].join(', ')
}
