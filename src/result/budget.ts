import { isObject, type Json } from '../json.ts'
import { placeOfCut, sizeOf } from './size.ts'

/** What was left out of one place of an answer: records of a list, the end of a text, or members of an object. */
export interface Cut {
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
export function shorten(
  value: unknown,
  room: number,
  most: number,
  path = '',
): { shown: unknown; cuts: Cut[] } {
  if (sizeOf(value, room) <= room) return { shown: value, cuts: [] }
  if (Array.isArray(value)) return fitList(value, room, most, path)
  if (isObject(value)) return fitObject(value, room, most, path)
  return typeof value === 'string' ? fitText(value, room, path) : { shown: value, cuts: [] }
}

function fitList(items: readonly unknown[], room: number, most: number, path: string) {
  let left = room - 2
  const end = items.findIndex((item) => {
    left -= sizeOf(item, left) + 1
    return left < 0
  })
  const isLone = end === 0 && sizeOf(items[0], most) > most
  const first = isLone ? shorten(items[0], room - 3, most, join(path, 0)) : undefined
  const shown = first === undefined ? items.slice(0, end) : [first.shown]
  const cut: Cut = {
    path,
    unit: 'records',
    shown: shown.length,
    of: items.length,
    rest: items.slice(shown.length),
  }
  return { shown, cuts: [...(first?.cuts ?? []), ...(cut.rest.length > 0 ? [cut] : [])] }
}

/** The small members stay whole; the large ones share the room that is left, so that the longest lose most. */
function fitObject(value: Json, room: number, most: number, path: string) {
  const entries = Object.entries(value).map(([name, member]) => ({
    name,
    member,
    size: sizeOf(member, room),
  }))
  let left = room - 2 - entries.reduce((sum, { name }) => sum + sizeOf(name) + 2, 0)
  let waiting = entries.length
  const shown = new Map<string, unknown>(Object.entries(value))
  const cuts: Cut[] = []
  for (const { name, member, size } of entries.toSorted((a, b) => a.size - b.size)) {
    const share = Math.floor(left / waiting--)
    if (size > share) {
      const fitted = shorten(member, share, most, join(path, name))
      shown.set(name, fitted.shown)
      cuts.push(...fitted.cuts)
    }
    left -= sizeOf(shown.get(name))
  }
  return left >= 0 ? { shown: Object.fromEntries(shown), cuts } : fitMembers(value, room, path)
}

/** An object of too many members is cut as a list is. */
function fitMembers(value: Json, room: number, path: string) {
  const entries = Object.entries(value)
  let left = room - 2
  const end = entries.findIndex(([name, member]) => {
    left -= sizeOf(name) + sizeOf(member, room) + 2
    return left < 0
  })
  const cut: Cut = { path, unit: 'members', shown: end, of: entries.length, rest: entries.slice(end) }
  return { shown: Object.fromEntries(entries.slice(0, end)), cuts: [cut] }
}

function fitText(text: string, room: number, path: string) {
  const mark = `… [${text.length} characters]`
  const end = placeOfCut(text, Math.max(room, leastText) - mark.length)
  if (end === text.length) return { shown: text, cuts: [] }
  const cut: Cut = { path, unit: 'characters', shown: end, of: text.length, rest: text.slice(end) }
  return { shown: `${text.slice(0, end)}${mark}`, cuts: [cut] }
}

const join = (path: string, name: string | number) => (path === '' ? `${name}` : `${path}/${name}`)
