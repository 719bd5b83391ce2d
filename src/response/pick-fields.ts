import { isObject, type Json } from '../json.ts'
import { isId, isResource, type Resource } from '../kustomer/json-api.ts'
import { flatWhole } from './compact.ts'

export interface Picked {
  value: unknown
  /** Names that no record has. */
  unknown: string[]
  /** Names that the records have. */
  available: string[]
}

const always = ['type', 'id', 'rev']

/**
 * Keeps the named members of each record, unchanged, and `type`, `id` and `rev`. `custom.planStr` names a member within a
 * member. `flatten` turns resources into flat records.
 */
export function pickFields(value: unknown, names: readonly string[], flatten: boolean): Picked {
  const available = new Set<string>()
  const found = new Set<string>(always)
  const asked = [...always, ...names]
  const pick = (members: Json, aliases: (name: string) => string[] = (name) => [name]) =>
    Object.fromEntries(
      Object.entries(members).flatMap(([name, member]): [string, unknown][] => {
        available.add(name)
        const own = asked.filter((wanted) => aliases(name).includes(wanted))
        for (const wanted of own) found.add(wanted)
        if (own.length > 0) return [[name, member]]
        const within = asked.filter((wanted) => wanted.startsWith(`${name}.`))
        if (within.length === 0) return []
        return [
          [
            name,
            partOf(
              member,
              within.map((wanted) => wanted.slice(name.length + 1)),
              (inner) => found.add(`${name}.${inner}`),
            ),
          ],
        ]
      }),
    )
  const fromResource = ({ type, id, attributes, relationships, links }: Resource): unknown => {
    const picked: Resource = {
      type,
      id,
      ...(attributes ? { attributes: pick(attributes) } : {}),
      ...(relationships ? { relationships: pick(relationships, relationNames) } : {}),
      ...(links === undefined ? {} : pick({ links })),
    }
    return flatten ? flatWhole(picked) : picked
  }
  const walk = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(walk)
    if (!isObject(item)) return item
    if (isResource(item)) return fromResource(item)
    if (isId(item['id'])) return pick(item)
    return Object.fromEntries(Object.entries(item).map(([name, member]) => [name, walk(member)]))
  }
  const picked = walk(value)
  return { value: picked, unknown: names.filter((name) => !found.has(name)), available: [...available] }
}

/** The names that a relation may have in a flat record. */
const relationNames = (name: string) => [name, `${name}Id`, `${name}Ids`]

function partOf(value: unknown, names: readonly string[], onFound: (name: string) => void): unknown {
  if (Array.isArray(value)) return value.map((item) => partOf(item, names, onFound))
  if (!isObject(value) || value['isMasked'] === true) return value
  const kept = Object.entries(value).filter(([name]) => names.includes(name))
  for (const [name] of kept) onFound(name)
  return Object.fromEntries(kept)
}
