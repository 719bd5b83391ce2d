import { connectKustomer } from './connect-kustomer.ts'
import { connectionStatus } from './connection-status.ts'
import { conversationThread } from './conversation-thread.ts'
import { createDraft } from './create-draft.ts'
import { customerConversations } from './customer-conversations.ts'
import { discoveryTools } from './discovery.ts'
import { withFieldsArgument } from './fields-argument.ts'
import { proxyRequest } from './proxy-request.ts'
import { readResult } from './read-result.ts'
import { search } from './search.ts'
import type { Tool, ToolContext } from './tool.ts'

export interface ToolsetOptions {
  /** The connection that the configuration names. */
  connection: string | undefined
  proxy: 'full' | 'read'
}

/** Takes what tools work with and returns the tools that are written by hand, in their fixed order. */
export const createTools = (context: ToolContext, { connection, proxy }: ToolsetOptions): Tool[] =>
  [
    proxyRequest(context, proxy),
    ...discoveryTools(context),
    connectionStatus(context, connection),
    connectKustomer(context, connection),
    search(context),
    conversationThread(context),
    customerConversations(context),
    createDraft(context),
    readResult(context),
  ].map((tool) => withFieldsArgument(tool))
