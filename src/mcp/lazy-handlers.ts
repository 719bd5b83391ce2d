import type { Server } from '@modelcontextprotocol/sdk/server/index.js'
import {
  CompleteRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { CallResult } from '../response/envelope.ts'
import type { Tool } from '../tools/tool.ts'
import type { Seen } from './seen.ts'

/** What resources, prompts and completion work with. */
export interface HandlerContext {
  /** The tools that may be used, in their fixed order. */
  offered: () => readonly Tool[]
  call: (tool: Tool, args: Record<string, unknown>, signal: AbortSignal) => Promise<CallResult>
  seen: Seen
}

/** Takes the server and serves resources, prompts and completion, whose code is loaded when it is first asked for. */
export function registerLazyHandlers(server: Server, { offered, call, seen }: HandlerContext): void {
  const resources = () => import('./resources.ts')
  const prompts = () => import('./prompts.ts')

  server.setRequestHandler(ListResourcesRequestSchema, async () => ({
    resources: (await resources()).listResources(offered()),
  }))
  server.setRequestHandler(ListResourceTemplatesRequestSchema, async () => ({
    resourceTemplates: (await resources()).listTemplates(offered()),
  }))
  server.setRequestHandler(ReadResourceRequestSchema, async ({ params }, { signal }) =>
    (await resources()).readResource(params.uri, offered(), (tool, args) => call(tool, args, signal)),
  )
  server.setRequestHandler(ListPromptsRequestSchema, async () => ({
    prompts: (await prompts()).listPrompts(offered()),
  }))
  server.setRequestHandler(GetPromptRequestSchema, async ({ params }) =>
    (await prompts()).getPrompt(params.name, params.arguments ?? {}, offered()),
  )
  server.setRequestHandler(CompleteRequestSchema, async ({ params: { ref, argument } }) => {
    const { complete } = await import('./completion.ts')
    const source =
      ref.type === 'ref/resource'
        ? (await resources()).sourceOfTemplate(ref.uri)
        : (await prompts()).sourceOfArgument(ref.name, argument.name)
    return { completion: complete(source, argument.value, seen) }
  })
}
