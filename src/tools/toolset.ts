import { memoizeAsync } from '../async/memoize.ts'
import { actionTool } from './action.ts'
import { listings } from './listings.macro.ts'
import type { ToolsetOptions } from './registry.ts'
import type { Tool, ToolContext, ToolListing } from './tool.ts'

/**
 * Takes what tools work with and returns a function that gives all tools in their fixed order. Those of the actions
 * are made anew from the catalog each time, since their schemas may have changed; the others are listed from what was
 * built before, and their code is loaded at the first call of one.
 */
export function createToolset(context: ToolContext, options: ToolsetOptions): () => Tool[] {
  const code = memoizeAsync(async () => (await import('./registry.ts')).createTools(context, options))
  const handWritten = listings[options.proxy].map((listing) => {
    const load = async () => (await code.get()).find(({ name }) => name === listing.name) as Tool
    return { ...listing, ...deferred(load) }
  })
  return () => [...context.catalog.builtIn().map((action) => actionTool(action, context)), ...handWritten]
}

/** What a tool does, each function of it loading the tool first. */
const deferred = (load: () => Promise<Tool>): Omit<Tool, keyof ToolListing> => ({
  effect: async (...given) => (await load()).effect(...given),
  identity: async (...given) => (await load()).identity(...given),
  run: async (...given) => (await load()).run(...given),
})
