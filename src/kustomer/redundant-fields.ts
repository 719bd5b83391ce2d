import { isDeepStrictEqual } from 'node:util'
import { isObject, type Json } from '../json.ts'
import { droppedFields, duplicateFields } from './redundant-field-rules.ts'

const drops = new Map(
  droppedFields.map(({ name }) => [name, droppedFields.filter((row) => row.name === name)]),
)
const repeats = new Map(duplicateFields.map((row) => [row.name, row]))

/** `path` is the name of a member of a resource, or `<attribute>.<member>`. */
export const isDropped = (type: string, path: string, value: unknown): boolean =>
  (drops.get(path) ?? []).some(
    ({ types, when }) => (types?.includes(type) ?? true) && (when === undefined || when === value),
  )

/** Whether a member repeats another of its holder, or one of the resource where `<prefix><name>` is in the table. */
export function isRepeated(
  [name, value]: readonly [string, unknown],
  { root, holder, prefix }: { root: Json; holder: Json; prefix: string },
): boolean {
  const local = repeats.get(name)
  if (local?.of.some((other) => repeatsOther(value, at(holder, other), local.words))) return true
  const whole = prefix === '' ? undefined : repeats.get(`${prefix}${name}`)
  return whole?.of.some((other) => repeatsOther(value, at(root, other))) ?? false
}

const at = (holder: Json, path: string) =>
  path.split('.').reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), holder)

function repeatsOther(value: unknown, other: unknown, words = false): boolean {
  if (value === undefined || other === undefined) return false
  if (!words) return isDeepStrictEqual(value, other)
  return (
    typeof value === 'string' &&
    typeof other === 'string' &&
    wordsOf(value).every((word) => wordsOf(other).includes(word))
  )
}

const wordsOf = (text: string) => text.toLowerCase().split(/\s+/).filter(Boolean)
