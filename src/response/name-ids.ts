import { isObject, type Json } from '../json.ts'
import {
  authorFields,
  type DirectoryKind,
  idsOf,
  isDirectoryKind,
  isRecordId,
  type ReferenceKind,
  referenceFields,
} from '../kustomer/references.ts'

export interface KnownName {
  name: string
  /** Whether a tool that takes the name finds this record and no other. */
  isUnique: boolean
  /** Whether somebody outside the organisation gave the name. */
  isOutside: boolean
}

/** The name of a record by its id; undefined where it is not known. */
export type NameOf = (id: string) => KnownName | undefined

const kindOfField = (name: string): ReferenceKind | undefined =>
  Object.hasOwn(referenceFields, name)
    ? referenceFields[name]
    : Object.hasOwn(authorFields, name)
      ? authorFields[name]
      : undefined

/** Deeper than any record of Kustomer nests. */
const maxDepth = 50

/** The ids of an answer that a directory may know names of, by kind. JSON:API relations count as the fields of their names. */
export function idsToName(
  value: unknown,
  fields?: readonly string[],
): ReadonlyMap<DirectoryKind, ReadonlySet<string>> {
  const ids = new Map<DirectoryKind, Set<string>>()
  const walk = (item: unknown, depth: number): void => {
    if (typeof item !== 'object' || item === null || depth > maxDepth) return
    for (const [name, member] of Object.entries(item)) {
      const isShown = fields === undefined || fields.some((field) => field.split('.').includes(name))
      const kind = Array.isArray(item) || !isShown ? undefined : kindOfField(name)
      if (kind !== undefined && isDirectoryKind(kind)) {
        const related = isObject(member) && 'data' in member ? member['data'] : member
        const wanted = ids.get(kind) ?? ids.set(kind, new Set()).get(kind)
        for (const id of idsOf(related)) wanted?.add(id)
      }
      walk(member, depth + 1)
    }
  }
  walk(value, 0)
  return new Map([...ids].filter(([, wanted]) => wanted.size > 0))
}

/**
 * Puts names beside the ids of a compacted answer: `"queue": "<id>"` becomes `"queue": {"id", "name"}`. Tags, of which
 * there are many, become their names alone where these are unique.
 */
export function nameIds(value: unknown, nameOf: NameOf, depth = 0): unknown {
  if (depth > maxDepth) return value
  if (Array.isArray(value)) return value.map((item) => nameIds(item, nameOf, depth + 1))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const kind = kindOfField(name)
      return [
        name,
        kind === undefined
          ? nameIds(member, nameOf, depth + 1)
          : withName(member, nameOf, { isTag: kind === 'tag', depth: depth + 1 }),
      ]
    }),
  )
}

function withName(member: unknown, nameOf: NameOf, at: { isTag: boolean; depth: number }): unknown {
  if (Array.isArray(member)) return member.map((item) => withName(item, nameOf, at))
  if (isRecordId(member)) {
    const known = nameOf(member)
    if (known === undefined) return member
    return at.isTag && known.isUnique ? known.name : { id: member, name: known.name }
  }
  if (!isReference(member)) return nameIds(member, nameOf, at.depth)
  const known = nameOf(member.id)
  return known === undefined ? member : { ...member, name: known.name }
}

/** Whether an object is an id and its type, and not a record of its own. */
const isReference = (member: unknown): member is Json & { id: string } =>
  isObject(member) &&
  isRecordId(member['id']) &&
  Object.keys(member).every((name) => name === 'id' || name === 'type')

/** The names of customers and companies in an answer, by id. */
export function namedRecords(value: unknown): [id: string, name: string][] {
  const found: [string, string][] = []
  const walk = (item: unknown, depth: number): void => {
    if (typeof item !== 'object' || item === null || depth > maxDepth) return
    if (isObject(item)) {
      const { type, id, attributes } = item
      const members: Json = isObject(attributes) ? attributes : item
      const name = members['name'] ?? members['displayName']
      if ((type === 'customer' || type === 'company') && isRecordId(id) && typeof name === 'string')
        found.push([id, name])
    }
    for (const member of Object.values(item)) walk(member, depth + 1)
  }
  walk(value, 0)
  return found
}
