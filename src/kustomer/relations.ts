import { isObject, type Json } from '../json.ts'

/** A record as JSON:API writes it. */
export interface Resource extends Json {
  type: string
  id: string | number
  attributes?: Json
  relationships?: Json
}

export const isId = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number'

/** Whether a value is a resource of JSON:API, rather than an object that happens to have a type and an id. */
export const isResource = (value: unknown): value is Resource =>
  isObject(value) &&
  typeof value['type'] === 'string' &&
  isId(value['id']) &&
  ['attributes', 'relationships'].every((name) => value[name] === undefined || isObject(value[name])) &&
  (value['attributes'] ?? value['relationships']) !== undefined

/**
 * Takes a resource and returns its relations by name: the id of the related record, or a list of ids.
 * Where the name does not tell the type, `{type, id}` stands in place of the id. Those that hold only links are left
 * out.
 */
export function relationsOf({ relationships = {} }: Resource): [name: string, value: unknown][] {
  return Object.entries(relationships).flatMap(([name, relation]): [string, unknown][] => {
    if (!isObject(relation)) return [[name, relation]]
    const { links: _, data, meta, ...others } = relation
    const told = { ...(isTelling(meta) ? { meta } : {}), ...others }
    const value = Array.isArray(data)
      ? data.map((reference) => referenceOf(name, reference))
      : referenceOf(name, data)
    if (Object.keys(told).length > 0)
      return [[name, { ...(data === undefined ? {} : { data: value }), ...told }]]
    return data === undefined ? [] : [[name, value]]
  })
}

/** That a relation is to a custom object says its type. */
const isTelling = (meta: unknown) =>
  meta !== undefined && !(isObject(meta) && Object.keys(meta).every((name) => name === 'kobject'))

function referenceOf(name: string, reference: unknown): unknown {
  if (!isObject(reference) || typeof reference['type'] !== 'string') return reference
  const { type, id, links: _, ...others } = reference
  return Object.keys(others).length === 0 && isImplied(name, type as string) ? id : { type, id, ...others }
}

/** `customer`, `customers` and `userMentions` say their type, and who did something is a user unless it says otherwise. */
function isImplied(name: string, type: string): boolean {
  const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')
  const singular = plain(type).replace(/s$/, '')
  return (singular !== '' && plain(name).startsWith(singular)) || (name.endsWith('By') && singular === 'user')
}
