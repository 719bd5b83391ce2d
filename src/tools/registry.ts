import { actionTool } from './action.ts'
import { handWrittenTools, type ToolOptions } from './hand-written.ts'
import { listings } from './listings.macro.ts'
import type { Tool, ToolContext, ToolListing } from './tool.ts'

/** All tools, allowed or not, in their fixed order. */
export interface ToolRegistry {
  all(): readonly Tool[]
  get(name: string): Tool | undefined
}

/** Creates the registry. The tools of actions are made anew when the catalog has changed. */
export function createRegistry(context: ToolContext, options: ToolOptions): ToolRegistry {
  const handWritten = handWrittenTools(context, options).map((tool, index): Tool => {
    const listing = listings[options.proxy][index] as ToolListing
    return { ...listing, endpoint: tool.endpoint, prepare: tool.prepare }
  })
  let source: unknown
  let tools = new Map<string, Tool>()
  const current = () => {
    const actions = context.catalog.builtIn()
    if (actions !== source) {
      source = actions
      const all = [...actions.map((action) => actionTool(action, context)), ...handWritten]
      tools = new Map(all.map((tool) => [tool.name, tool]))
    }
    return tools
  }
  return { all: () => [...current().values()], get: (name) => current().get(name) }
}
