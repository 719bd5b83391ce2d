import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json } from '../json.ts'
import { isId, isResource, type Resource, relationsOf } from '../kustomer/json-api.ts'
import { isDropped, isRepeated } from '../kustomer/redundant-fields.ts'

type Member = readonly [name: string, value: unknown]

/**
 * Turns every JSON:API resource of a value into a flat record: `type`, `id`, its attributes, and the ids of related records
 * under the relations' names. Leaves out links within the API, empty values, redundant fields (redundant-field-rules.ts)
 * and repeated records. Where names collide the attribute keeps its name; see `assemble`.
 */
export function compact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(compact)
  if (!isObject(value) || isMasked(value)) return value
  if (isResource(value)) return flattenResource(value)
  if (isId(value['id'])) return withoutEmptyDeep(value)
  return withoutRepeatedRecords(mapMembers(value, compact))
}

/** The flat record of a resource with empty values and redundant fields in it. */
export const flatWhole = (resource: Resource): Json =>
  assemble(resource, {
    attributes: Object.entries(resource.attributes ?? {}),
    relations: relationsOf(resource),
  })

function flattenResource(resource: Resource): Json {
  const { type, attributes: root = {} } = resource
  const isInformative = (holder: Json, prefix: string) => (member: Member) =>
    !isDropped(type, `${prefix}${member[0]}`, member[1]) && !isRepeated(member, { root, holder, prefix })
  const compactMembers = (value: unknown, prefix: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => compactMembers(item, prefix))
    if (!isObject(value) || isMasked(value)) return value
    if (isResource(value)) return flattenResource(value)
    return Object.fromEntries(tidyMembers(value, prefix))
  }
  const tidyMembers = (holder: Json, prefix: string): Member[] =>
    Object.entries(holder)
      .filter(isInformative(holder, prefix))
      .map(
        ([name, value]): Member => [
          name,
          name === 'custom' ? withoutEmptyDeep(value) : compactMembers(value, `${prefix}${name}.`),
        ],
      )
      .filter(([, value]) => !isEmpty(value))
  const related = relationsOf(resource)
  const relations = related.filter(isInformative(Object.fromEntries(related), ''))
  const isNeeded = ([name, value]: Member) => !isEmpty(value) && !isDropped(type, name, value)
  return withoutKnownDetails(assemble(resource, { attributes: tidyMembers(root, ''), relations, isNeeded }))
}

interface Parts {
  attributes: readonly Member[]
  relations: readonly Member[]
  /** Which relations and other members stay; all by default. */
  isNeeded?: (member: Member) => boolean
}

/** A relation whose name is taken becomes `<name>Id` or `<name>Ids`; any other member gets underscores. */
function assemble(
  { type, id, attributes: _a, relationships: _r, links, ...others }: Resource,
  { attributes, relations, isNeeded = () => true }: Parts,
): Json {
  const record = new Map<string, unknown>([
    ['type', type],
    ['id', id],
  ])
  const add = (name: string, value: unknown, other: string) => {
    if (!record.has(name)) record.set(name, value)
    else if (!isDeepStrictEqual(record.get(name), value)) add(other, value, `${other}_`)
  }
  for (const [name, value] of attributes) if (!record.has(name)) record.set(name, value)
  for (const [name, value] of Object.entries(mapMembers(others, compact)).filter(isNeeded))
    add(name, value, `${name}_`)
  for (const [name, value] of relations.filter(isNeeded))
    add(name, value, Array.isArray(value) ? `${name}Ids` : `${name}Id`)
  const outside = outsideLinks(links)
  if (outside !== undefined) add('links', outside, 'links_')
  const shadowed = attributes.filter(([name]) => name === 'type' || name === 'id')
  if (shadowed.length > 0) add('attributes', Object.fromEntries(shadowed), 'attributes_')
  return Object.fromEntries(record)
}

/** Links that lead out of the API, such as to a file. Links within it repeat the ids. */
function outsideLinks(links: unknown): Json | undefined {
  const kept = Object.entries(isObject(links) ? links : {}).filter(
    ([, link]) => typeof link === 'string' && /^https?:/i.test(link),
  )
  return kept.length > 0 ? Object.fromEntries(kept) : undefined
}

/** For `custom` and records that are no resources: no field of theirs is known to be redundant. */
function withoutEmptyDeep(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutEmptyDeep)
  if (!isObject(value) || isMasked(value)) return value
  if (isResource(value)) return flattenResource(value)
  return Object.fromEntries(
    Object.entries(mapMembers(value, withoutEmptyDeep)).filter(([, member]) => !isEmpty(member)),
  )
}

const mapMembers = (value: Json, change: (member: unknown) => unknown): Json =>
  Object.fromEntries(Object.entries(value).map(([name, member]) => [name, change(member)]))

const isMasked = (value: Json) => value['isMasked'] === true

const isEmpty = (value: unknown) =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

/** Reduces a record that an earlier member shows, such as a last message that is also unanswered, to what differs. */
function withoutKnownDetails(record: Json): Json {
  const known = new Map<unknown, Json>()
  return mapMembers(record, (member) => {
    if (!isObject(member) || !isId(member['id'])) return member
    const first = known.get(member['id'])
    if (first === undefined) {
      known.set(member['id'], member)
      return member
    }
    const changed = Object.entries(member).filter(([name, value]) => !isDeepStrictEqual(value, first[name]))
    return changed.length === 0 ? member['id'] : { id: member['id'], ...Object.fromEntries(changed) }
  })
}

/** Drops records of `included` that `data` or `included` has already. */
function withoutRepeatedRecords(document: Json): Json {
  const { data, included } = document
  if (!Array.isArray(included) || data === undefined) return document
  const known = new Map<string, unknown>()
  const isNew = (record: unknown) => {
    const key = isObject(record) ? JSON.stringify([record['type'], record['id']]) : ''
    if (known.has(key)) return !isDeepStrictEqual(known.get(key), record)
    known.set(key, record)
    return true
  }
  for (const record of [data].flat()) isNew(record)
  const kept = included.filter(isNew)
  const { included: _, ...others } = document
  return kept.length > 0 ? { ...others, included: kept } : others
}
