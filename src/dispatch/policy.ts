export interface PolicyOptions {
  readOnly: boolean
  /** Names of tools or groups; everything when absent. */
  tools: readonly string[] | undefined
  excludeTools: readonly string[]
  proxy: 'full' | 'read' | 'off'
}

/** What the policy needs to know of a tool. */
export interface Governed {
  name: string
  group: string
  annotations: { readOnlyHint: boolean }
}

/**
 * Takes the options and a tool and returns why the tool may not be used, or undefined. The list of tools and each
 * call ask this same question, so that a tool that is hidden cannot be called either.
 */
export function refusal(
  { readOnly, tools, excludeTools, proxy }: PolicyOptions,
  tool: Governed,
): string | undefined {
  const named = (list: readonly string[]) => list.includes(tool.name) || list.includes(tool.group)
  if (named(excludeTools)) return 'is left out by --exclude-tools'
  if (tools !== undefined && !named(tools)) return 'is not among --tools'
  if (tool.group === 'proxy' && proxy === 'off') return 'is switched off by --proxy'
  if (readOnly && !tool.annotations.readOnlyHint) return 'may write, and this server is --read-only'
  return undefined
}

/** Returns what the proxy may do when it may be used at all. */
export const proxyMode = ({ readOnly, proxy }: PolicyOptions) =>
  readOnly || proxy === 'read' ? 'read' : 'full'

/** Returns the names in `--tools` and `--exclude-tools` that are neither a tool nor a group. */
export function unknownNames(
  { tools = [], excludeTools }: PolicyOptions,
  all: readonly Governed[],
): string[] {
  const known = new Set(all.flatMap(({ name, group }) => [name, group]))
  return [...tools, ...excludeTools].filter((name) => !known.has(name))
}
