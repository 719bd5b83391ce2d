import { cutIndex, sizeOf, type Truncation, truncate } from './truncate.ts'

/** One page of a truncated answer. `label` says which part it is. */
export interface ResultPage {
  data: unknown
  label: string
}

/** A piece of what was cut; `from` and `to` count from 1. */
interface Part {
  path: string
  from: number
  to: number
  of: number
  records?: unknown[]
  members?: Record<string, unknown>
  text?: string
}

/** Characters of a part beside its content and its path, at most. */
const overhead = 120

/** Yields all that was cut, in order and nothing twice, in pages of at most `room` characters of JSON text. */
export function* pagesOf(cuts: readonly Truncation[], room: number): Generator<ResultPage> {
  let parts: Part[] = []
  let left = room - 2
  for (const cut of cuts) {
    for (const part of splitPart(cut, room)) {
      const size = sizeOf(part) + 1
      if (parts.length > 0 && (size > left || isBare(part) || parts.some(isBare))) {
        yield pageOf(parts)
        parts = []
        left = room - 2
      }
      parts.push(part)
      left -= size
    }
  }
  if (parts.length > 0) yield pageOf(parts)
}

/** Records at the top of the answer stand in `data` by themselves. */
const isBare = ({ path, records }: Part) => path === '' && records !== undefined

function pageOf(parts: Part[]): ResultPage {
  const [first] = parts
  const label = parts
    .slice(0, 5)
    .map(({ path, from, to, of, records, members }) => {
      const unit = records ? 'records' : members ? 'members' : 'characters'
      return `${path === '' ? '' : `${path}: `}${unit} ${from} to ${to} of ${of}`
    })
    .join('; ')
  return { data: first !== undefined && isBare(first) ? first.records : parts, label }
}

function* splitPart({ path, unit, shown, of, rest }: Truncation, room: number): Generator<Part> {
  const most = room - overhead - sizeOf(path)
  if (typeof rest === 'string') {
    for (let start = 0; start < rest.length; ) {
      const end = start + Math.max(1, cutIndex(rest.slice(start, start + most), most))
      yield { path, from: shown + start + 1, to: shown + end, of, text: rest.slice(start, end) }
      start = end
    }
    return
  }
  const contentOf = (items: readonly unknown[]) =>
    unit === 'members'
      ? { members: Object.fromEntries(items as [string, unknown][]) }
      : { records: [...items] }
  let [start, left] = [0, most]
  const chunk = (end: number): Part => {
    const part = { path, from: shown + start + 1, to: shown + end, of, ...contentOf(rest.slice(start, end)) }
    start = end
    left = most
    return part
  }
  for (const [index, item] of rest.entries()) {
    const size = sizeOf(item, most) + 1
    if (size > left && index > start) yield chunk(index)
    if (size <= left) {
      left -= size
      continue
    }
    const [name, value] = unit === 'members' ? (item as [string, unknown]) : [shown + index, item]
    const fitted = truncate(value, {
      maxChars: most - sizeOf(name) - 8,
      recordLimit: most,
      path: path === '' ? `${name}` : `${path}/${name}`,
    })
    const content = contentOf([unit === 'members' ? [name, fitted.shown] : fitted.shown])
    yield { path, from: shown + index + 1, to: shown + index + 1, of, ...content }
    start = index + 1
    left = most
    for (const inner of fitted.cuts) yield* splitPart(inner, room)
  }
  if (start < rest.length) yield chunk(rest.length)
}
