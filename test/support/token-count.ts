import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import type { ListedTool } from './model-apis.ts'

export interface TokenRow {
  tool: string
  /** What a model reads of it: name, description and input schema. */
  read: number
  /** The entry of the tool list as it is sent, with title, hints and output schema. */
  sent: number
}

/** Counts what each listed tool costs, in o200k tokens of its compact JSON. */
export function tokensOf(tools: readonly ListedTool[]): TokenRow[] {
  return tools.map((tool) => {
    const { name, description, inputSchema } = tool
    return { tool: name, read: count({ name, description, inputSchema }), sent: count(tool) }
  })
}

export const total = (rows: readonly TokenRow[], column: 'read' | 'sent'): number =>
  rows.reduce((sum, row) => sum + row[column], 0)

const count = (value: object) => countTokens(JSON.stringify(value))
