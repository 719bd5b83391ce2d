import { isObject, type Json } from '../json.ts'

/** What was cut from one place of an answer. */
export interface Truncation {
  /** Names and indexes from the top of the answer, joined by slashes; empty for the answer itself. */
  path: string
  unit: 'records' | 'characters' | 'members'
  /** Units that are left, counted from the start. */
  shown: number
  of: number
  rest: readonly unknown[] | string | readonly (readonly [string, unknown])[]
}

/** Minimum length of a truncated text, its mark included. */
const leastText = 120

interface Limits {
  /** Characters of JSON text for the value. */
  maxChars: number
  /** A record is cut inside only where it alone is longer than this. */
  recordLimit: number
  /** Where the value stands in the answer. */
  path?: string
}

interface Truncated {
  shown: unknown
  cuts: Truncation[]
}

/** Shortens a JSON value to `maxChars`. Lists are cut between records; within a record the longest texts are cut first. */
export function truncate(value: unknown, limits: Limits): Truncated {
  if (sizeOf(value, limits.maxChars) <= limits.maxChars) return { shown: value, cuts: [] }
  if (Array.isArray(value)) return fitList(value, limits)
  if (isObject(value)) return fitObject(value, limits)
  return typeof value === 'string' ? fitText(value, limits) : { shown: value, cuts: [] }
}

function fitList(items: readonly unknown[], { maxChars, recordLimit, path = '' }: Limits): Truncated {
  let left = maxChars - 2
  const end = items.findIndex((item) => {
    left -= sizeOf(item, left) + 1
    return left < 0
  })
  const isLone = end === 0 && sizeOf(items[0], recordLimit) > recordLimit
  const first = isLone
    ? truncate(items[0], { maxChars: maxChars - 3, recordLimit, path: join(path, 0) })
    : undefined
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

/** Small members stay whole; large ones share the rest, so that the longest lose most. */
function fitObject(value: Json, limits: Limits): Truncated {
  const { maxChars, recordLimit, path = '' } = limits
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
      const fitted = truncate(member, { maxChars: share, recordLimit, path: join(path, name) })
      shown.set(name, fitted.shown)
      cuts.push(...fitted.cuts)
    }
    left -= sizeOf(shown.get(name))
  }
  return left >= 0 ? { shown: Object.fromEntries(shown), cuts } : fitMembers(value, limits)
}

/** An object of too many members is cut as a list is. */
function fitMembers(value: Json, { maxChars, path = '' }: Limits): Truncated {
  const entries = Object.entries(value)
  let left = maxChars - 2
  const end = entries.findIndex(([name, member]) => {
    left -= sizeOf(name) + sizeOf(member, maxChars) + 2
    return left < 0
  })
  const cut: Truncation = { path, unit: 'members', shown: end, of: entries.length, rest: entries.slice(end) }
  return { shown: Object.fromEntries(entries.slice(0, end)), cuts: [cut] }
}

function fitText(text: string, { maxChars, path = '' }: Limits): Truncated {
  const mark = `… [${text.length} characters]`
  const end = cutIndex(text, Math.max(maxChars, leastText) - mark.length)
  if (end === text.length) return { shown: text, cuts: [] }
  const cut: Truncation = { path, unit: 'characters', shown: end, of: text.length, rest: text.slice(end) }
  return { shown: `${text.slice(0, end)}${mark}`, cuts: [cut] }
}

const join = (path: string, name: string | number) => (path === '' ? `${name}` : `${path}/${name}`)

/** Length of a value's JSON text in characters. Stops counting past `limit`. */
export function sizeOf(value: unknown, limit = Number.POSITIVE_INFINITY): number {
  if (!isObject(value) && !Array.isArray(value)) return JSON.stringify(value)?.length ?? 4
  let size = 2
  for (const [name, member] of Object.entries(value)) {
    size += 1 + (Array.isArray(value) ? 0 : JSON.stringify(name).length + 1)
    if (size > limit) return size
    size += sizeOf(member, limit - size)
  }
  return size
}

/** Where to cut a text so that its beginning has at most `maxChars` characters as JSON text. */
export function cutIndex(text: string, maxChars: number): number {
  let [from, to] = [0, Math.min(text.length, maxChars)]
  while (from < to) {
    const middle = Math.ceil((from + to) / 2)
    if (sizeOf(text.slice(0, middle)) <= maxChars) from = middle
    else to = middle - 1
  }
  // Surrogate pairs stay whole.
  return from > 1 && /[\uD800-\uDBFF]$/.test(text.slice(0, from)) ? from - 1 : from
}
