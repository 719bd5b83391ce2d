import { isObject, type Json } from '../json.ts'
import type { ApiRecord } from '../kustomer/json-api.ts'
import {
  authorFields,
  type DirectoryKind,
  idsOf,
  isDirectoryKind,
  isRecordId,
  referenceFields,
} from '../kustomer/references.ts'
import { singleLine } from '../text/quote.ts'

export const eventType = 'customer_event'

type Change = readonly [field: string, from: unknown, to: unknown]

/** Members that change with every message, or that only count. */
const bookkeeping =
  /^(?:rev|preview|modificationHistory|channels|spam|locked|(?:first|last)[A-Z]\w*|\w+(?:Count|Counts|At|ByTeams))$/
const maxValue = 160
const maxChanges = 12

/** Whether an event says what the messages and notes of a thread do not. */
export const isTelling = (event: ApiRecord): boolean =>
  changesOf(event).length > 0 ||
  (event.attributes['type'] === 'conversation' && !isObject(event.attributes['changes']))

/** The changes of an event, from its attributes and relations (the form of Kustomer's OpenAPI description of 2025). */
function changesOf({ attributes: { type, changes } }: ApiRecord): Change[] {
  if (type !== 'conversation' || !isObject(changes)) return []
  const members = [changes['attributes'], changes['relationships']].flatMap((part) =>
    isObject(part) ? Object.entries(part) : [],
  )
  return members
    .filter(
      (member): member is [string, Json] =>
        isObject(member[1]) && !bookkeeping.test(member[0]) && !Object.hasOwn(authorFields, member[0]),
    )
    .map(([field, { before, after }]) => [field, related(before), related(after)])
}

/** Of a relation, what it leads to. */
const related = (value: unknown) => (isObject(value) && 'data' in value ? value['data'] : value)

/** The ids in events that a directory may know names of, by kind. */
export function idsInEvents(events: readonly ApiRecord[]): ReadonlyMap<DirectoryKind, ReadonlySet<string>> {
  const ids = new Map<DirectoryKind, Set<string>>()
  for (const [field, from, to] of events.flatMap(changesOf)) {
    const kind = Object.hasOwn(referenceFields, field) ? referenceFields[field] : undefined
    if (kind === undefined || !isDirectoryKind(kind)) continue
    const wanted = ids.get(kind) ?? new Set<string>()
    ids.set(kind, wanted)
    for (const id of [from, to].flatMap(idsOf)) wanted.add(id)
  }
  return ids
}

/** What an event changed, as `field: from → to`, with names in the place of ids where they are known. */
export function describeEvent(event: ApiRecord, nameOf: (id: string) => unknown): string[] {
  const { name } = event.attributes
  const changes = changesOf(event)
  if (changes.length === 0) return typeof name === 'string' ? [singleLine(name, maxValue)] : []
  const shown = (value: unknown): string => {
    const one = isObject(value) && isRecordId(value['id']) ? value['id'] : value
    if (one === null || one === undefined || one === '' || (Array.isArray(one) && one.length === 0))
      return 'none'
    if (Array.isArray(one)) return one.map(shown).join(', ')
    const named = isRecordId(one) ? (nameOf(one) ?? one) : one
    return typeof named === 'string' ? named : JSON.stringify(named)
  }
  return changes
    .slice(0, maxChanges)
    .map(([field, from, to]) =>
      [
        `${singleLine(field, 64)}:`,
        singleLine(shown(from), maxValue),
        '→',
        singleLine(shown(to), maxValue),
      ].join(' '),
    )
}
