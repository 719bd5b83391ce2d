import { isObject, type Json } from '../../json.ts'
import { type FlatRecord, flatRecord, isEmpty, textOf } from './flat-record.ts'

/** A column of a list. */
export interface RecordColumn {
  name: string
  cell: (record: FlatRecord) => string
  /** Prose, which may be cut down to this many columns. Other cells are shown whole or below their row. */
  minText?: number
}

/** Columns by the kind of record, the first ones first where room is short. */
const columnsByKind: Readonly<Record<string, readonly RecordColumn[]>> = {
  conversation: [
    column('id'),
    { ...column('subject', 'name', 'preview'), minText: 20 },
    column('status'),
    column('prio', 'priority'),
    column('updated', 'lastActivityAt', 'updatedAt'),
    column('assignee', 'assignedUsers'),
    column('customer'),
  ],
  customer: [
    column('id'),
    column('name', 'name', 'displayName'),
    column('email', 'emails', 'email'),
    column('phone', 'phones', 'phone'),
    column('company'),
  ],
  message: [
    column('id'),
    column('time', 'sentAt', 'createdAt'),
    column('direction'),
    column('channel'),
    column('conversation'),
    { ...column('text', 'preview'), minText: 40 },
  ],
  draft: [
    column('id'),
    column('time', 'updatedAt', 'createdAt'),
    column('channel'),
    column('status'),
    column('conversation'),
    { ...column('text', 'preview', 'body', 'text'), minText: 40 },
  ],
  note: [
    column('id'),
    column('time', 'createdAt'),
    column('author', 'createdBy'),
    column('conversation'),
    { ...column('text', 'body'), minText: 40 },
  ],
  company: [
    column('id'),
    column('name'),
    column('domain', 'domains'),
    column('email', 'emails'),
    column('phone', 'phones'),
  ],
  user: [
    column('id'),
    column('name', 'name', 'displayName'),
    column('email', 'email', 'emails'),
    column('roles'),
  ],
  action: [
    column('key'),
    column('name'),
    column('id'),
    { name: 'takes', cell: (record) => textOf(record.get('takes')) },
    { ...column('description'), minText: 40 },
  ],
}

/** The columns of a list whose records are all of one kind that is known. */
export function columnsOfKind(list: readonly Json[]): readonly RecordColumn[] | undefined {
  const kinds = new Set(list.map(kindOf))
  const [kind] = kinds
  return kinds.size === 1 && kind !== undefined && Object.hasOwn(columnsByKind, kind)
    ? columnsByKind[kind]
    : undefined
}

const kindOf = (record: Json): string | undefined => {
  if (isObject(record['inputSchema'])) return 'action'
  return typeof record['type'] === 'string' ? record['type'] : undefined
}

/** The record as a row; an action's schema becomes the names of its arguments, those not required in brackets. */
export function rowOf(record: Json): FlatRecord {
  const { inputSchema, ...members } = record
  if (!isObject(inputSchema)) return flatRecord(record)
  const required = Array.isArray(inputSchema['required']) ? inputSchema['required'] : []
  const names = isObject(inputSchema['properties']) ? Object.keys(inputSchema['properties']) : []
  const optional = names.filter((name) => !required.includes(name)).map((name) => `[${name}]`)
  return flatRecord({ ...members, takes: [...required, ...optional] })
}

/** The first member that is there; of another record its name, else its id. */
function column(name: string, ...members: readonly string[]): RecordColumn {
  const sources = members.length > 0 ? members : [name]
  const cell = (record: FlatRecord) => {
    const values = sources.flatMap((member) => [
      record.get(`${member}.name`),
      record.get(member),
      record.get(`${member}.id`),
    ])
    return shortOf(values.find((value) => !isEmpty(value)))
  }
  return { name, cell }
}

/** Emails, phones and domains are objects with a member of their singular name; the first one is shown. */
function shortOf(value: unknown): string {
  if (!Array.isArray(value) || !value.some(isObject)) return textOf(value)
  const texts = value.map((item) =>
    isObject(item)
      ? textOf(item['name'] ?? item['email'] ?? item['phone'] ?? item['domain'] ?? item['id'])
      : textOf(item),
  )
  const [first = '', ...others] = texts
  return others.length === 0 ? first : `${first} (+${others.length})`
}
