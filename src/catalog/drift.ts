import { isObject } from '../json.ts'
import type { BuiltInAction } from './built-in.ts'
import type { JsonSchema } from './schema.ts'

/** How the live schema of an action differs from the built-in one. `a.b` is a member of a field. */
export interface Drift {
  action: string
  added: string[]
  removed: string[]
  /** Fields that only the live schema requires. */
  required: string[]
  retyped: string[]
}

/** Compares the fields of the built-in actions with those of their live schemas. */
export function driftOf(shipped: readonly BuiltInAction[], live: readonly BuiltInAction[]): Drift[] {
  return shipped.flatMap(({ key, schema }) => {
    const other = live.find((action) => action.key === key)
    if (other === undefined || other.schema === schema) return []
    const [before, after] = [fieldsOf(schema.advertised), fieldsOf(other.schema.advertised)]
    const drift = {
      action: key,
      added: [...after.keys()].filter((name) => !before.has(name)),
      removed: [...before.keys()].filter((name) => !after.has(name)),
      required: [...after]
        .filter(([name, field]) => field.required && !before.get(name)?.required)
        .map(first),
      retyped: [...after]
        .filter(([name, { type }]) => before.has(name) && before.get(name)?.type !== type)
        .map(first),
    }
    const { action: _, ...differences } = drift
    return Object.values(differences).some((names) => names.length > 0) ? [drift] : []
  })
}

interface Field {
  type: unknown
  required: boolean
}

function fieldsOf({ properties, required }: JsonSchema, prefix = ''): Map<string, Field> {
  const fields = new Map<string, Field>()
  if (!isObject(properties)) return fields
  for (const [name, schema] of Object.entries(properties)) {
    if (!isObject(schema)) continue
    const isRequired = Array.isArray(required) && required.includes(name)
    fields.set(prefix + name, { type: schema['type'], required: isRequired })
    for (const [path, field] of fieldsOf(schema, `${prefix}${name}.`)) fields.set(path, field)
  }
  return fields
}

const first = ([name]: readonly [string, Field]) => name
