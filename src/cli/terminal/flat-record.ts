import { isObject, type Json } from '../../json.ts'
import { cut } from './layout.ts'

/** The members of a record by name, those inside another as `name.member`. */
export type FlatRecord = ReadonlyMap<string, unknown>

const maxName = 32
/** Deeper than any record of Kustomer nests. */
export const maxDepth = 8

/** A JSON:API resource's attributes and the ids of its relationships stand beside its own members. */
export function flatRecord(record: Json, prefix = '', depth = 0): FlatRecord {
  const { attributes, relationships, links: _, ...members } = record
  const merged = isObject(attributes)
    ? { ...members, ...attributes, ...(isObject(relationships) ? relatedIds(relationships) : {}) }
    : record
  const result = new Map<string, unknown>()
  for (const [key, value] of Object.entries(merged)) {
    const name = cut(key, maxName)
    if (isObject(value) && depth < maxDepth)
      for (const [path, member] of flatRecord(value, `${prefix}${name}.`, depth + 1)) result.set(path, member)
    else result.set(`${prefix}${name}`, value)
  }
  return result
}

function relatedIds(relationships: Json): Json {
  const entries = Object.entries(relationships).map(([name, value]) => {
    const data = isObject(value) ? value['data'] : undefined
    const ids = [data].flat().flatMap((item) => (isObject(item) ? [item['id']] : []))
    return [name, Array.isArray(data) ? ids : ids[0]]
  })
  return Object.fromEntries(entries)
}

export const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)

/** To the minute is what a person reads. */
const instant = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/

/** A value as text. A carriage return would let it write over the line that it stands in. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string')
    return value.replace(instant, '$1 $2Z').replace(/\r\n?/g, '\n').replaceAll('\t', '  ')
  const isPlainList = Array.isArray(value) && value.every((item) => typeof item !== 'object')
  return isPlainList ? value.map(textOf).join(', ') : JSON.stringify(value)
}
