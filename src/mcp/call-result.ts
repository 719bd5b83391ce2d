import type { CallToolResult, Tool as McpTool } from '@modelcontextprotocol/sdk/types.js'
import type { CallResult } from '../dispatch/dispatcher.ts'
import { type Envelope, envelopeSchema, formatForAgent } from '../response/envelope.ts'
import type { ToolListing } from '../tools/tool.ts'

export type ResultFormat = 'both' | 'text' | 'structured'

/** The first revision of the protocol that has structured content. */
const structuredSince = '2025-06-18'

/** Where the envelope is put. Older revisions than 2025-06-18 have no structured content. */
export const resultFormatFor = (configured: ResultFormat, protocolVersion: string): ResultFormat =>
  protocolVersion < structuredSince ? 'text' : configured

/** A tool as MCP lists it: an output schema promises structured content. */
export const toMcpTool = (
  { name, title, description, inputSchema, annotations, searchHint, alwaysLoad }: ToolListing,
  format: ResultFormat,
): McpTool => ({
  name,
  title,
  description,
  inputSchema,
  ...(format === 'text' ? {} : { outputSchema: envelopeSchema as unknown as McpTool['outputSchema'] }),
  annotations,
  ...(searchHint === undefined ? {} : { _meta: deferredLoadingMeta(searchHint, alwaysLoad) }),
})

/** Hints for clients that load tools when they are needed (Claude Code's names). */
const deferredLoadingMeta = (searchHint: string, alwaysLoad = false) => ({
  'anthropic/searchHint': searchHint,
  ...(alwaysLoad ? { 'anthropic/alwaysLoad': true } : {}),
})

export function toMcpResult(result: CallResult, format: ResultFormat): CallToolResult {
  if ('error' in result)
    return { content: [{ type: 'text', text: formatForAgent(result.error) }], isError: true }
  const { envelope } = result
  const text = format === 'structured' ? summaryOf(envelope) : JSON.stringify(envelope)
  return {
    content: [{ type: 'text', text }],
    ...(format === 'text' ? {} : { structuredContent: { ...envelope } }),
  }
}

/** The text of a result whose data is in structured content alone. */
function summaryOf({ data, ...others }: Envelope): string {
  const kind = Array.isArray(data)
    ? `${data.length} records`
    : typeof data === 'object' && data !== null
      ? 'one object'
      : 'one value'
  return JSON.stringify({ structuredContent: `The answer, ${kind}, is in structuredContent.`, ...others })
}
