import { ToolError } from '../errors.ts'
import { isObject, type Json } from '../json.ts'
import { countRelated, type Resource, relatedId, withoutEmpty } from '../kustomer/json-api.ts'

/** One message or note as an agent reads it. Texts stay as Kustomer gave them, a masked one is its object. */
export type Entry = Json & { id: string }

/** What a part of a thread is. */
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

/** Takes the messages and notes of a conversation in any order and returns them in the order of time. Pure. */
export const inOrder = (records: readonly Resource[]): Resource[] =>
  records.toSorted((left, right) => compare(timeOf(left), timeOf(right)) || compare(left.id, right.id))

/**
 * Takes records in the order of time and returns the newest of them that fit: at most `limit`, all of them before the
 * record `before` where that is given, and as many characters as one answer has room for, but at least one. Pure.
 * Throws Failure `invalid-input` when `before` is not among them.
 */
export function newestPart(
  records: readonly Resource[],
  { limit, before }: { limit: number; before: string | undefined },
  nameOf: NameOf,
): ThreadPart {
  const end = before === undefined ? records.length : records.findIndex(({ id }) => id === before)
  if (end < 0) {
    throw new ToolError('invalid-input', '`before`: not the id of a message or note of this conversation.')
  }
  const entries: Entry[] = []
  let room = maxPart
  for (let index = end - 1; index >= Math.max(0, end - limit); index--) {
    const entry = entryOf(records[index] as Resource, nameOf)
    room -= JSON.stringify(entry).length
    if (room < 0 && entries.length > 0) break
    entries.unshift(entry)
  }
  return { entries, older: end - entries.length }
}

/** Takes records and returns the ids of the users who wrote them, each once. */
export const authorsOf = (records: readonly Resource[]): string[] => [
  ...new Set(records.flatMap((record) => relatedId(record, 'createdBy') ?? [])),
]

function entryOf(record: Resource, nameOf: NameOf): Entry {
  const { type, id, attributes } = record
  const shared = { type, id, at: timeOf(record), author: authorOf(record, nameOf) }
  const { channel, direction, subject, preview, body, status, error, auto } = attributes
  const text = shortened(type === 'note' ? body : preview)
  if (type === 'note') return { ...withoutEmpty({ ...shared, internal: true, text }), id }
  return {
    ...withoutEmpty({
      ...{ ...shared, direction, channel, subject, text },
      ...(status === 'error'
        ? { status, error: isObject(error) ? (error['title'] ?? error['code']) : error }
        : {}),
      ...(auto === true ? { auto } : {}),
      attachments: countRelated(record, 'attachments') || undefined,
    }),
    id,
  }
}

/** Who wrote it: a user where one is named, else whoever is on that side of the conversation. */
function authorOf(record: Resource, nameOf: NameOf): unknown {
  const user = relatedId(record, 'createdBy')
  const customer = relatedId(record, 'customer')
  const isInbound = record.type === 'message' && record.attributes['direction'] === 'in'
  const id = isInbound ? (customer ?? user) : user
  return id === undefined ? undefined : (nameOf(id) ?? id)
}

function shortened(text: unknown): unknown {
  if (typeof text !== 'string' || text.length <= maxText) return text
  const kept = text.slice(0, maxText).replace(/[\uD800-\uDBFF]$/, '')
  return `${kept}… (${text.length - kept.length} of ${text.length} characters left out)`
}

function timeOf({ attributes }: Resource): string {
  const time = attributes['sentAt'] ?? attributes['createdAt']
  return typeof time === 'string' ? time : ''
}

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)
