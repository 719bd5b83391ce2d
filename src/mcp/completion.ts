import type { CompleteResult } from '@modelcontextprotocol/sdk/types.js'

/** The values that begin with what was typed. */
export function completionOf(values: readonly string[], typed: string): CompleteResult['completion'] {
  const start = typed.trim().toLowerCase()
  const fitting = values.filter((value) => value.toLowerCase().startsWith(start))
  return { values: fitting, total: fitting.length, hasMore: false }
}
