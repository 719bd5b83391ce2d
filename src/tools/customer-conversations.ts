import * as z from 'zod'
import { checkId } from '../kustomer/argument-checks.ts'
import { toToolOutput } from '../response/tool-output.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { resolving } from './resolve-references.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Pages through the conversations of one customer. */
export function customerConversations(context: ToolContext): Tool {
  return defineTool({
    name: 'list-customer-conversations',
    group: 'workflow',
    title: 'List Customer Conversations',
    description: 'Tickets (conversations) of one customer, page by page; search filters them.',
    input: () =>
      z.strictObject({
        id: z.string().describe('Customer id.'),
        page: z.number().int().min(1).optional(),
        pageSize: z.number().int().min(1).max(100).default(25),
      }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    selectsFields: true,
    resolve: resolving(context, { id: { kind: 'customer' } }),
    async run({ id, page = 1, pageSize }, signal) {
      const request = classifyRequest({
        method: 'GET',
        path: '/v1/customers/{id}/conversations',
        pathParams: { id: checkId('id', id) },
        query: [
          ['page', String(page)],
          ['pageSize', String(pageSize)],
        ],
      })
      const reply = await sendRequest(context, request, signal)
      return toToolOutput(reply)
    },
  })
}
