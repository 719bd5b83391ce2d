import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { isObject, type Json } from '../json.ts'

/** The part of a JSON:API record that the workflow tools use. */
export interface Resource {
  type: string
  id: string
  attributes: Json
  relationships: Json
}

const members = z.record(z.string(), z.unknown())
const resource = z.object({
  type: z.string(),
  id: z.string(),
  attributes: members.default({}),
  relationships: members.default({}),
})
const document = z.object({ data: z.union([resource, z.array(resource)]) })

/** Takes the body of an answer and returns its records, one or many. Throws Failure `bad-output` where it has none. */
export function readRecords(body: unknown): Resource[] {
  const parsed = document.safeParse(body)
  if (parsed.success) return [parsed.data.data].flat()
  throw new ToolError('bad-output', 'Kustomer answered in a form that has no records in it.')
}

/** Takes the body of an answer and returns its one record. Throws Failure `bad-output` where it has none. */
export function readRecord(body: unknown): Resource {
  const [first] = readRecords(body)
  if (first !== undefined) return first
  throw new ToolError('bad-output', 'Kustomer answered without the record.')
}

/** Whether the page of a list that a body holds has another one after it. */
export const hasNextPage = (body: unknown): boolean =>
  isObject(body) && isObject(body['links']) && typeof body['links']['next'] === 'string'

/** Takes a record and the name of a relationship and returns the id of the record it leads to. */
export function relatedId({ relationships }: Resource, name: string): string | undefined {
  const data = relatedData(relationships[name])
  return isObject(data) && typeof data['id'] === 'string' ? data['id'] : undefined
}

/** Takes a record and the name of a relationship and returns how many records it leads to. */
export function countRelated({ relationships }: Resource, name: string): number {
  const related = relationships[name]
  const data = Array.isArray(related) ? related : relatedData(related)
  return Array.isArray(data) ? data.length : 0
}

const relatedData = (related: unknown) => (isObject(related) ? related['data'] : undefined)

/** Takes an object and returns it without the members that say nothing: undefined, null, empty text, empty lists. */
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
