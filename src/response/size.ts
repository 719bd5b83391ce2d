import { isObject } from '../json.ts'

/** Takes a JSON value and returns the length of its JSON text in characters; past `limit` it stops counting. */
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

/** Takes text and returns the place where its beginning, as JSON text, has at most `room` characters. */
export function cutIndex(text: string, room: number): number {
  let [from, to] = [0, Math.min(text.length, room)]
  while (from < to) {
    const middle = Math.ceil((from + to) / 2)
    if (sizeOf(text.slice(0, middle)) <= room) from = middle
    else to = middle - 1
  }
  // Characters outside the basic plane are two units long and stay whole.
  return from > 1 && /[\uD800-\uDBFF]$/.test(text.slice(0, from)) ? from - 1 : from
}
