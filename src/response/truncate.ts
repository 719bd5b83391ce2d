import { isObject, type Json } from '../json.ts'
import { cutIndex, sizeOf } from './size.ts'

/** What was left out of one place of an answer: records of a list, the end of a text, or members of an object. */
export interface Truncation {
  /** Names and indexes from the top of the answer, joined by slashes; empty for the answer itself. */
  path: string
  unit: 'records' | 'characters' | 'members'
  /** How many are there, from the start. */
  shown: number
  of: number
  rest: readonly unknown[] | string | readonly (readonly [string, unknown])[]
}

/** The least that a shortened text takes: a few words and its mark. */
const leastText = 120

/**
 * Takes a JSON value and returns it shortened to `room` characters of JSON text, with what was left out where. Lists
 * are cut between records; a record is cut inside only where it alone is longer than `most`, its longest texts first.
 */
export function truncate(
  value: unknown,
  maxChars: number,
  recordLimit: number,
  path = '',
): { shown: unknown; cuts: Truncation[] } {
  if (sizeOf(value, maxChars) <= maxChars) return { shown: value, cuts: [] }
  if (Array.isArray(value)) return fitList(value, maxChars, recordLimit, path)
  if (isObject(value)) return fitObject(value, maxChars, recordLimit, path)
  return typeof value === 'string' ? fitText(value, maxChars, path) : { shown: value, cuts: [] }
}

function fitList(items: readonly unknown[], maxChars: number, recordLimit: number, path: string) {
  let left = maxChars - 2
  const end = items.findIndex((item) => {
    left -= sizeOf(item, left) + 1
    return left < 0
  })
  const isLone = end === 0 && sizeOf(items[0], recordLimit) > recordLimit
  const first = isLone ? truncate(items[0], maxChars - 3, recordLimit, join(path, 0)) : undefined
  const shown = first === undefined ? items.slice(0, end) : [first.shown]
  const cut: Truncation = {
    path,
    unit: 'records',
    shown: shown.length,
    of: items.length,
    rest: items.slice(shown.length),
  }
  return { shown, cuts: [...(first?.cuts ?? []), ...(cut.rest.length > 0 ? [cut] : [])] }
}

/** The small members stay whole; the large ones share the room that is left, so that the longest lose most. */
function fitObject(value: Json, maxChars: number, recordLimit: number, path: string) {
  const entries = Object.entries(value).map(([name, member]) => ({
    name,
    member,
    size: sizeOf(member, maxChars),
  }))
  let left = maxChars - 2 - entries.reduce((sum, { name }) => sum + sizeOf(name) + 2, 0)
  let waiting = entries.length
  const shown = new Map<string, unknown>(Object.entries(value))
  const cuts: Truncation[] = []
  for (const { name, member, size } of entries.toSorted((a, b) => a.size - b.size)) {
    const share = Math.floor(left / waiting--)
    if (size > share) {
      const fitted = truncate(member, share, recordLimit, join(path, name))
      shown.set(name, fitted.shown)
      cuts.push(...fitted.cuts)
    }
    left -= sizeOf(shown.get(name))
  }
  return left >= 0 ? { shown: Object.fromEntries(shown), cuts } : fitMembers(value, maxChars, path)
}

/** An object of too many members is cut as a list is. */
function fitMembers(value: Json, maxChars: number, path: string) {
  const entries = Object.entries(value)
  let left = maxChars - 2
  const end = entries.findIndex(([name, member]) => {
    left -= sizeOf(name) + sizeOf(member, maxChars) + 2
    return left < 0
  })
  const cut: Truncation = { path, unit: 'members', shown: end, of: entries.length, rest: entries.slice(end) }
  return { shown: Object.fromEntries(entries.slice(0, end)), cuts: [cut] }
}

function fitText(text: string, maxChars: number, path: string) {
  const mark = `… [${text.length} characters]`
  const end = cutIndex(text, Math.max(maxChars, leastText) - mark.length)
  if (end === text.length) return { shown: text, cuts: [] }
  const cut: Truncation = { path, unit: 'characters', shown: end, of: text.length, rest: text.slice(end) }
  return { shown: `${text.slice(0, end)}${mark}`, cuts: [cut] }
}

const join = (path: string, name: string | number) => (path === '' ? `${name}` : `${path}/${name}`)
