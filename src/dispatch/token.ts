import type { Tool } from '../tools/tool.ts'
import type { ConfirmMode } from './confirmation.ts'

/** The argument that confirms a call. */
export const tokenName = 'confirmationToken'

/** Takes the mode and returns how a tool is listed: with the argument for the token where a call may need one. */
export const listedWith =
  (confirm: ConfirmMode) =>
  (tool: Tool): Tool =>
    confirm !== 'none' && mayNeedToken(tool) ? withToken(tool) : tool

/** Signing in changes nothing in Kustomer. */
const mayNeedToken = ({ annotations, group }: Tool) => !annotations.readOnlyHint && group !== 'connection'

function withToken(tool: Tool): Tool {
  const description = 'Only to confirm: the token of the plan that the same call gave before.'
  const properties = { ...tool.inputSchema.properties, [tokenName]: { type: 'string', description } }
  return { ...tool, inputSchema: { ...tool.inputSchema, properties } }
}
