import { connectKustomer } from './connect-kustomer.ts'
import { connectionStatus } from './connection-status.ts'
import { conversationThread } from './conversation-thread.ts'
import { createDraft } from './create-draft.ts'
import { customerConversations } from './customer-conversations.ts'
import { runAnyAction, searchActions } from './discovery.ts'
import { findAnswers } from './find-answers.ts'
import { listDrafts } from './list-drafts.ts'
import { mergeCustomers } from './merge-customers.ts'
import { proxyRequest } from './proxy-request.ts'
import { readResult } from './read-result.ts'
import { search } from './search.ts'
import type { Tool, ToolContext } from './tool.ts'
import { updateDraft } from './update-draft.ts'

export interface ToolOptions {
  /** The connection that the configuration names. */
  connection: string | undefined
  proxy: 'full' | 'read'
  sandbox: boolean
}

/** Makes the hand-written tools, in their fixed order. Adding one is one line here and its file. */
export const handWrittenTools = (
  context: ToolContext,
  { connection, proxy, sandbox }: ToolOptions,
): Tool[] => [
  proxyRequest(context, proxy),
  searchActions(context),
  runAnyAction(context),
  connectionStatus(context, connection, sandbox),
  connectKustomer(context, connection),
  search(context),
  conversationThread(context),
  customerConversations(context),
  createDraft(context),
  listDrafts(context),
  updateDraft(context),
  findAnswers(context),
  mergeCustomers(context),
  readResult(context),
]
