import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { isObject, type Json } from '../json.ts'

/** The part of a JSON:API record that the workflow tools use. */
export interface ApiRecord {
  type: string
  id: string
  attributes: Json
  relationships: Json
}

/** Null counts as absent. */
const members = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {})
const record = z.object({ type: z.string(), id: z.string(), attributes: members, relationships: members })
const document = z.object({ data: z.union([z.record(z.string(), z.unknown()), z.array(z.unknown())]) })

/** The records of a document, one or many. What has no type or id is no record. Throws ToolError `bad-output`. */
export function readRecords(body: unknown): ApiRecord[] {
  const parsed = document.safeParse(body)
  if (!parsed.success)
    throw new ToolError('bad-output', 'Kustomer answered in a form that has no records in it.')
  return [parsed.data.data].flat().flatMap((item) => record.safeParse(item).data ?? [])
}

/** The one record of a document. Throws ToolError `bad-output` where it has none. */
export function readRecord(body: unknown): ApiRecord {
  const [first] = readRecords(body)
  if (first !== undefined) return first
  throw new ToolError('bad-output', 'Kustomer answered without the record.')
}

/** Whether another page follows the list of a document. */
export const hasNextPage = (body: unknown): boolean =>
  isObject(body) && isObject(body['links']) && typeof body['links']['next'] === 'string'

/** The id of the record that a relationship leads to. */
export function relatedId({ relationships }: ApiRecord, name: string): string | undefined {
  const data = relatedData(relationships[name])
  return isObject(data) && typeof data['id'] === 'string' ? data['id'] : undefined
}

/** How many records a relationship leads to. */
export function countRelated({ relationships }: ApiRecord, name: string): number {
  const related = relationships[name]
  const data = Array.isArray(related) ? related : relatedData(related)
  return Array.isArray(data) ? data.length : 0
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
