import type { Seen, SeenRecord } from './seen.ts'

/** Where the values of an argument come from: a list, or the records of a type that this session has shown. */
export type Source =
  | { values: readonly string[] }
  | { type: string /** Whether a name will do, or only the id. */; gives: 'name' | 'id' }

export interface Completion {
  values: string[]
  total: number
  hasMore: boolean
}

/** The most that MCP lets a server answer with. */
const maxValues = 100

/**
 * Takes where values come from, what was typed so far and what was shown, and returns the values that fit. Never asks
 * the CLI: what was not shown yet is not offered.
 */
export function complete(source: Source | undefined, typed: string, seen: Seen): Completion {
  const all = [...new Set(source === undefined ? [] : valuesOf(source, typed.trim().toLowerCase(), seen))]
  return { values: all.slice(0, maxValues), total: all.length, hasMore: all.length > maxValues }
}

function valuesOf(source: Source, typed: string, seen: Seen): string[] {
  const begins = (value: string) => value.toLowerCase().startsWith(typed)
  const holds = (value: string | undefined) => value?.toLowerCase().includes(typed) ?? false
  if ('values' in source) return source.values.filter(begins)
  const records = seen.records(source.type)
  if (source.gives === 'id')
    return records
      .filter(({ id, name, email }) => begins(id) || holds(name) || holds(email))
      .map(({ id }) => id)
  const namesakes = countNames(records)
  return records.flatMap(({ id, name, email }) => {
    // A name that two records share says nothing; then the email or the id does.
    const own = name !== undefined && namesakes.get(name) === 1 ? name : undefined
    const names = [own, email].filter((value) => value !== undefined)
    const fitting = [...names.filter(holds), ...(typed !== '' && begins(id) ? [id] : [])]
    if (fitting.length > 0) return fitting.slice(0, typed === '' ? 1 : undefined)
    return holds(name) || typed === '' ? [id] : []
  })
}

function countNames(records: readonly SeenRecord[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { name } of records) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
