import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { isObject, type Json } from '../json.ts'

/** A resource as the workflow tools read it. */
export interface ApiRecord {
  type: string
  id: string
  attributes: Json
  relationships: Json
}

const members = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {})
const record = z.object({ type: z.string(), id: z.string(), attributes: members, relationships: members })
const document = z.object({ data: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]) })

/** The records of a document; items without a type or id are left out. Throws ToolError `bad-output`. */
export function readRecords(body: unknown): ApiRecord[] {
  const parsed = document.safeParse(body)
  if (!parsed.success)
    throw new ToolError('bad-output', 'Kustomer answered in a form that has no records in it.')
  return [parsed.data.data].flat().flatMap((item) => record.safeParse(item).data ?? [])
}

/** Throws ToolError `bad-output` when the document has none. */
export function readRecord(body: unknown): ApiRecord {
  const [first] = readRecords(body)
  if (first !== undefined) return first
  throw new ToolError('bad-output', 'Kustomer answered without the record.')
}

export const hasNextPage = (body: unknown): boolean =>
  isObject(body) && isObject(body['links']) && typeof body['links']['next'] === 'string'

export function relatedId({ relationships }: ApiRecord, name: string): string | undefined {
  const data = relatedData(relationships[name])
  return isObject(data) && typeof data['id'] === 'string' ? data['id'] : undefined
}

export function relatedIds({ relationships }: ApiRecord, name: string): string[] {
  const related = relationships[name]
  const data = Array.isArray(related) ? related : relatedData(related)
  if (!Array.isArray(data)) return []
  return data.map((one) => (isObject(one) && typeof one['id'] === 'string' ? one['id'] : ''))
}

const relatedData = (related: unknown) => (isObject(related) ? related['data'] : undefined)

/** Drops undefined, null, empty texts and empty lists. */
export const withoutEmpty = (members: Json): Json =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) =>
        value !== undefined &&
        value !== null &&
        value !== '' &&
        !(Array.isArray(value) && value.length === 0),
    ),
  )

/** A resource as JSON:API writes it. */
export interface Resource extends Json {
  type: string
  id: string | number
  attributes?: Json
  relationships?: Json
}

export const isId = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number'

/** An object that happens to have a type and an id is no resource. */
export const isResource = (value: unknown): value is Resource =>
  isObject(value) &&
  typeof value['type'] === 'string' &&
  isId(value['id']) &&
  ['attributes', 'relationships'].every((name) => value[name] === undefined || isObject(value[name])) &&
  (value['attributes'] ?? value['relationships']) !== undefined

/** Related ids by relation name, as `{type, id}` where the name does not tell the type. */
export function relationsOf({ relationships = {} }: Resource): [name: string, value: unknown][] {
  return Object.entries(relationships).flatMap(([name, relation]): [string, unknown][] => {
    if (!isObject(relation)) return [[name, relation]]
    const { links: _, data, meta, ...others } = relation
    const extras = { ...(isTelling(meta) ? { meta } : {}), ...others }
    const value = Array.isArray(data)
      ? data.map((reference) => referenceOf(name, reference))
      : referenceOf(name, data)
    if (Object.keys(extras).length > 0)
      return [[name, { ...(data === undefined ? {} : { data: value }), ...extras }]]
    return data === undefined ? [] : [[name, value]]
  })
}

/** Meta of a relation to a custom object repeats its type. */
const isTelling = (meta: unknown) =>
  meta !== undefined && !(isObject(meta) && Object.keys(meta).every((name) => name === 'kobject'))

function referenceOf(name: string, reference: unknown): unknown {
  if (!isObject(reference) || typeof reference['type'] !== 'string') return reference
  const { type, id, links: _, ...others } = reference
  return Object.keys(others).length === 0 && isImplied(name, type as string) ? id : { type, id, ...others }
}

/** `customer`, `customers` and `userMentions` name their type, and `createdBy` leads to a user. */
function isImplied(name: string, type: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const singular = plain(type).replace(/s$/, '')
  return (singular !== '' && plain(name).startsWith(singular)) || (name.endsWith('By') && singular === 'user')
}
