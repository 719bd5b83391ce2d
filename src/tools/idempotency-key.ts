import { createHash } from 'node:crypto'
import { ToolError } from '../errors.ts'

/** Deeper than any record of Kustomer nests. */
const maxDepth = 200

/**
 * Returns the SHA-256 of a call, the same for the same arguments in any order of their names. Throws ToolError
 * `invalid-input` for arguments that nest deeper than 200 levels.
 */
export const idempotencyKeyOf = (tool: string, args: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify([tool, sorted(args, 0)]))
    .digest('hex')

function sorted(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth)
    throw new ToolError('invalid-input', `The arguments nest deeper than ${maxDepth} levels.`)
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member, depth + 1)]),
  )
}
