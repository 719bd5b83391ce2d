import { hasScope, type Principal, type Scope } from '../auth/principal.ts'
import { ToolError } from '../errors.ts'
import { type Endpoint, isEquivalentWrite } from '../kustomer/endpoint.ts'
import { decodeAllForms } from '../kustomer/risk.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { PreparedCall, Tool } from '../tools/tool.ts'
import { tokenName } from './confirmation.ts'
import type { Call, JudgedCall } from './pipeline.ts'

export interface PolicyOptions {
  readOnly: boolean
  /** Names of tools or groups; everything when absent. */
  tools: readonly string[] | undefined
  excludeTools: readonly string[]
  proxy: 'full' | 'read' | 'off'
}

export type Governed = Pick<Tool, 'name' | 'group'> & {
  annotations: Pick<Tool['annotations'], 'readOnlyHint'>
}

/** Decides which tools may be used: for the list of tools and for each call alike. */
export interface Policy {
  readOnly: boolean
  /** Why a principal may not use a tool, or undefined when it may. Scopes narrow what the options allow. */
  refusal(tool: Governed, principal: Principal): string | undefined
}

export function createPolicy({ readOnly, tools, excludeTools, proxy }: PolicyOptions): Policy {
  return {
    readOnly,
    refusal(tool, principal) {
      const isNamed = (list: readonly string[]) => list.includes(tool.name) || list.includes(tool.group)
      if (isNamed(excludeTools)) return 'is left out by --exclude-tools'
      if (tools !== undefined && !isNamed(tools)) return 'is not among --tools'
      if (tool.group === 'proxy' && proxy === 'off') return 'is switched off by --proxy'
      if (readOnly && !tool.annotations.readOnlyHint) return 'may write, and this server is --read-only'
      const scope = scopeOf(tool)
      if (!hasScope(principal, scope)) return `needs the scope ${scope}, which this sign-in does not have`
      return undefined
    },
  }
}

/** The scope that a tool needs. */
export const scopeOf = ({ group, annotations }: Governed): Scope =>
  annotations.readOnlyHint ? 'kustomer:read' : group === 'connection' ? 'kustomer:connect' : 'kustomer:write'

export const allowedTools = (registry: ToolRegistry, policy: Policy, principal: Principal): Tool[] =>
  registry.all().filter((tool) => policy.refusal(tool, principal) === undefined)

export const proxyMode = ({ readOnly, proxy }: PolicyOptions) =>
  readOnly || proxy === 'read' ? 'read' : 'full'

/** Names in `--tools` and `--exclude-tools` that are neither a tool nor a group. */
export function unknownNames(
  { tools = [], excludeTools }: PolicyOptions,
  all: readonly Governed[],
): string[] {
  const known = new Set<string>(all.flatMap(({ name, group }) => [name, group]))
  return [...tools, ...excludeTools].filter((name) => !known.has(name))
}

/** Arguments that hosts add to every tool for their own use. */
const hostArguments: readonly string[] = ['wait_for_previous']

/** Prepares a call of a tool that may be used, and refuses what it would do, by whatever way, where the policy excludes it. */
export async function judge(call: Call, policy: Policy, registry: ToolRegistry): Promise<JudgedCall> {
  const { tool, signal, principal } = call
  assertToolAllowed(policy, tool, principal)
  const own = Object.entries(call.args).filter(
    ([name]) => name in tool.inputSchema.properties || !(name === tokenName || hostArguments.includes(name)),
  )
  const args = Object.fromEntries(own)
  const prepared = await tool.prepare(args, signal)
  const substitute = prepared.actsAs === undefined ? undefined : registry.get(prepared.actsAs)
  if (substitute !== undefined) assertToolAllowed(policy, substitute, principal)
  if (prepared.risk !== 'read') {
    if (policy.readOnly)
      throw new ToolError(
        'refused-by-policy',
        `This call would write (${prepared.risk}), and this server is --read-only.`,
      )
    if (tool.group !== 'connection' && !hasScope(principal, 'kustomer:write'))
      throw new ToolError(
        'refused-by-policy',
        `This call would write (${prepared.risk}), which needs the scope kustomer:write.`,
      )
    if (!writesAsListed(substitute ?? tool, prepared))
      assertEquivalentToolAllowed(prepared, principal, policy, registry)
  }
  const token = call.args[tokenName]
  return {
    ...call,
    args,
    prepared,
    token: typeof token === 'string' ? token : undefined,
    alwaysConfirm: registry.all().some(({ endpoint }) => asksAlways(endpoint, prepared)),
  }
}

function assertToolAllowed(policy: Policy, tool: Governed, principal: Principal): void {
  const why = policy.refusal(tool, principal)
  if (why !== undefined) throw new ToolError('refused-by-policy', `The tool ${tool.name} ${why}.`)
}

/** Whether a call makes the request that its tool is listed with. A live action may declare another one. */
const writesAsListed = ({ endpoint }: Tool, { target }: PreparedCall) =>
  endpoint !== undefined &&
  endpoint.risk !== 'read' &&
  (target === undefined || isEquivalentWrite(endpoint, target))

/** Holds for every way to make the request, such as the proxy, and for an action that says by its name what it requests. */
function asksAlways(endpoint: Endpoint | undefined, { actionName, target }: PreparedCall): boolean {
  if (endpoint?.alwaysConfirm !== true) return false
  if (target === undefined) return actionName !== undefined && /merg/i.test(actionName)
  const [last] = endpoint.path.split('/').slice(-1)
  return (
    target.method !== 'GET' &&
    decodeAllForms(target.path).some((form) =>
      form
        .toLowerCase()
        .split(/[/;?#]/)
        .some((segment) => segment.trim() === last),
    )
  )
}

/** A write by the proxy or by any action must not do what an excluded tool does. */
function assertEquivalentToolAllowed(
  { target }: PreparedCall,
  principal: Principal,
  policy: Policy,
  registry: ToolRegistry,
): void {
  for (const tool of registry.all()) {
    const { endpoint } = tool
    if (endpoint === undefined || endpoint.risk === 'read') continue
    const why = policy.refusal(tool, principal)
    if (why === undefined) continue
    if (target === undefined)
      throw new ToolError(
        'refused-by-policy',
        `This action does not say which request it makes, so it may do what ${tool.name} does, which ${why}.`,
      )
    if (isEquivalentWrite(endpoint, target))
      throw new ToolError('refused-by-policy', `This does what ${tool.name} does, which ${why}.`)
  }
}
