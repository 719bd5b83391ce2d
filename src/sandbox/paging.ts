import { type Arguments, flag } from './arguments.ts'
import { wrongInput } from './outcome.ts'

/** The page that `--limit` (100 by default) and `--cursor` ask for, in Membrane's form. */
export function pageOf<T>(items: readonly T[], args: Arguments): { items: T[]; cursor?: string } {
  const limit = Number(flag(args, 'limit') ?? 100)
  const start = Number(flag(args, 'cursor') ?? 0)
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw wrongInput('Invalid input: limit must be a whole number from 1 to 1000')
  if (!Number.isInteger(start) || start < 0) throw wrongInput('Invalid input: cursor')
  const end = start + limit
  return { items: items.slice(start, end), ...(end < items.length ? { cursor: String(end) } : {}) }
}
