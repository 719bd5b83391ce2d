import * as z from 'zod'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Reads on in an answer that was truncated, without asking the CLI. */
export function readResult(context: Pick<ToolContext, 'results'>): Tool {
  return defineTool({
    name: 'read-result',
    group: 'results',
    title: 'Read Result',
    description: 'Read the rest of an answer that was cut. Its notice names the id and the pages.',
    input: () =>
      z.object({
        id: z.string().min(1),
        page: z.number().int().min(1).default(2),
      }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    run: async ({ id, page }) => context.results.read(id, page),
  })
}
