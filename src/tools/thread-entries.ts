import { ToolError } from '../errors.ts'
import { isObject, type Json } from '../json.ts'
import { type ApiRecord, relatedId, withoutEmpty } from '../kustomer/json-api.ts'
import { attachmentsOf } from './attachments.ts'
import { describeEvent, eventType } from './thread-events.ts'

/** One message or note as an agent reads it. A masked text is its object. */
export type Entry = Json & { id: string }

/** Part of a thread. */
export interface ThreadPart {
  /** In the order of time, the newest last. */
  entries: Entry[]
  /** How many come before them. */
  older: number
}

type NameOf = (id: string) => unknown

/** Characters of one text; a message can have 10,240 (Kustomer's API reference), an email more. */
const maxText = 4000
/** Characters of the entries of one answer. */
const maxPart = 20_000

/** Messages and notes in the order of time. */
export const inOrder = (records: readonly ApiRecord[]): ApiRecord[] =>
  records.toSorted((left, right) => compareTimes(timeOf(left), timeOf(right)) || compare(left.id, right.id))

/**
 * The newest records that fit: at most `limit`, older than `before`, and as many characters as one answer has room for, but
 * at least one. Throws ToolError `invalid-input` when `before` is not among them.
 */
export function newestPart(
  records: readonly ApiRecord[],
  { limit, before }: { limit: number; before: string | undefined },
  nameOf: NameOf,
  attachments: ReadonlyMap<string, Json> = new Map(),
): ThreadPart {
  const end = before === undefined ? records.length : records.findIndex(({ id }) => id === before)
  if (end < 0) {
    throw new ToolError('invalid-input', '`before`: not the id of an entry of this conversation.')
  }
  const entries: Entry[] = []
  let room = maxPart
  for (let index = end - 1; index >= Math.max(0, end - limit); index--) {
    const entry = entryOf(records[index] as ApiRecord, nameOf, attachments)
    room -= JSON.stringify(entry).length
    if (room < 0 && entries.length > 0) break
    entries.unshift(entry)
  }
  return { entries, older: end - entries.length }
}

/** Ids of the users who wrote records, each once. */
export const authorsOf = (records: readonly ApiRecord[]): string[] => [
  ...new Set(records.flatMap((record) => relatedId(record, 'createdBy') ?? [])),
]

function entryOf(record: ApiRecord, nameOf: NameOf, attachments: ReadonlyMap<string, Json>): Entry {
  if (record.type === eventType) return eventOf(record, nameOf)
  const { type, id, attributes } = record
  const { channel, direction, subject, preview, body, status, error, auto, redacted, deleted } = attributes
  const isNote = type === 'note'
  const isFailed = status === 'error'
  const entry = withoutEmpty({
    type,
    id,
    at: timeOf(record),
    author: authorOf(record, nameOf),
    internal: isNote || undefined,
    direction,
    channel,
    subject,
    text: shortened(isNote ? body : preview),
    draft: type === 'draft' || status === 'draft' || undefined,
    status: isFailed ? status : undefined,
    to: isFailed ? recipientsOf(attributes['meta']) : undefined,
    error: isFailed ? (isObject(error) ? (error['title'] ?? error['code']) : error) : undefined,
    auto: auto === true || undefined,
    redacted: redacted === true || undefined,
    deleted: deleted === true || undefined,
    attachments: attachmentsOf(record, attachments),
  })
  return { ...entry, id }
}

function eventOf(event: ApiRecord, nameOf: NameOf): Entry {
  const { id } = event
  const author = authorOf(event, nameOf)
  const changes = describeEvent(event, nameOf)
  return { ...withoutEmpty({ type: 'event', id, at: timeOf(event), author, changes }), id }
}

/** Of an email, `meta.to` is a list, an object or a text (API reference). */
function recipientsOf(meta: unknown): unknown {
  const to = isObject(meta) ? meta['to'] : undefined
  return [to ?? []].flat().map((one) => (isObject(one) ? one['email'] : one))
}

/** A user where one is named, else whoever is on that side of the conversation. */
function authorOf(record: ApiRecord, nameOf: NameOf): unknown {
  const user = relatedId(record, 'createdBy')
  const customer = relatedId(record, 'customer')
  const isInbound = record.type === 'message' && record.attributes['direction'] === 'in'
  const id = isInbound ? (customer ?? user) : user
  return id === undefined ? undefined : (nameOf(id) ?? id)
}

/** An inline image is longer than the words around it. */
const inlineData = /data:[\w/+.-]{1,100}(?:;[\w=.-]{1,100}){0,5};base64,[A-Za-z0-9+/]+={0,2}/g

export function shortened(text: unknown, limit = maxText): unknown {
  if (typeof text !== 'string') return text
  const words = text.replace(inlineData, '[inline data]')
  if (words.length <= limit) return words
  const kept = words.slice(0, limit).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}… (${words.length - kept.length} of ${words.length} characters left out)`
}

function timeOf({ attributes }: ApiRecord): string {
  const time = attributes['sentAt'] ?? attributes['createdAt']
  return typeof time === 'string' ? time : ''
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

/** Times may have different offsets. */
function compareTimes(left: string, right: string): number {
  const difference = Date.parse(left) - Date.parse(right)
  return Number.isNaN(difference) ? compare(left, right) : difference
}
