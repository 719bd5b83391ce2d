import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { CallResult } from '../dispatch/dispatcher.ts'
import type { Tool } from '../tools/tool.ts'
import { completionOf } from './completion.ts'

/** What resources and prompts work with. */
export interface HandlerContext {
  /** The tools that may be used, in their fixed order. */
  listed: () => readonly Tool[]
  call: (tool: Tool, args: Record<string, unknown>, signal: AbortSignal) => Promise<CallResult>
}

/** Registers resources, prompts and completion. Their code is loaded at the first request for it. */
export function registerLazyHandlers(server: Server, { listed, call }: HandlerContext): void {
  const resources = () => import('./resources.ts')
  const prompts = () => import('./prompts.ts')

  server.setRequestHandler(ListResourcesRequestSchema, async () => ({
    resources: (await resources()).listResources(listed()),
  }))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: (await resources()).listTemplates(listed()),
  }))
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }, { signal }) =>
    (await resources()).readResource(params.uri, listed(), (tool, args) => call(tool, args, signal)),
  )
  server.setRequestHandler(ListPromptsRequestSchema, async () => ({
    prompts: (await prompts()).listPrompts(listed()),
  }))
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }) =>
    (await prompts()).getPrompt(params.name, params.arguments ?? {}, listed()),
  )
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    const values =
      ref.type === 'ref/prompt' ? (await prompts()).valuesOfArgument(ref.name, argument.name) : []
    return { completion: completionOf(values, argument.value) }
  })
}
