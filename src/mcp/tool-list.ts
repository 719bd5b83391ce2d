import { envelopeSchema } from '../response/envelope.ts'
import type { Tool } from '../tools/tool.ts'

/** What decides how the tools are listed. */
export interface ToolListOptions {
  /** All tools, allowed or not, in their fixed order. */
  tools: () => readonly Tool[]
  /** Why a tool may not be used, if so: such a tool is not listed. */
  refusal: (tool: Tool) => string | undefined
  /** The tool as it is listed. */
  listed: (tool: Tool) => Tool
  /** Where results are put: an output schema promises structured content. */
  resultFormat: 'both' | 'text' | 'structured'
}

/** Returns the tools that may be used, in their fixed order. */
export const offeredTools = ({ tools, refusal }: ToolListOptions): readonly Tool[] =>
  tools().filter((tool) => refusal(tool) === undefined)

/** Returns the result of `tools/list`. */
export const toolList = (options: ToolListOptions) => ({
  tools: offeredTools(options)
    .map(options.listed)
    .map(({ name, title, description, inputSchema, annotations }) => ({
      name,
      title,
      description,
      inputSchema,
      ...(options.resultFormat === 'text' ? {} : { outputSchema: envelopeSchema as { type: 'object' } }),
      annotations,
    })),
})
