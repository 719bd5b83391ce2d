import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { searchBody, searchTypes } from '../kustomer/search-query.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { toToolOutput } from '../response/tool-output.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** A search ends here (Kustomer's search documentation). */
const maxPages = 100

const text = () => z.string().min(1).optional()
const filters = {
  text: text().describe('Whole words.'),
  status: z.enum(['open', 'snoozed', 'done']).optional(),
  assignee: text(),
  unassigned: z.boolean().optional(),
  team: text(),
  tag: text(),
  customer: text(),
  email: text(),
  phone: text().describe('With +.'),
  channel: text(),
  direction: z.enum(['in', 'out']).optional(),
  priority: z.number().int().optional().describe('1 to 5, the highest.'),
  minPriority: z.number().int().optional(),
  slaBreached: z.boolean().optional(),
  createdAfter: text().describe('Day or ISO time.'),
  createdBefore: text(),
  updatedAfter: text(),
  updatedBefore: text(),
}

const input = z.strictObject({
  type: z.enum(searchTypes),
  ...filters,
  sort: text().describe('Such as -updatedAt, priority.'),
  page: z.number().int().min(1).optional(),
  pageSize: z.number().int().min(1).max(500).default(25),
})

const noneFound =
  'Nothing was found. The search covers what was changed in the last two years, takes a moment to know what was just written, and matches whole words.'
const atTheEnd = `A search ends after ${maxPages} pages. For the rest, narrow it with createdBefore or updatedBefore.`

/** Returns the tool that searches records of one type by named filters. */
export function search(context: ToolContext): Tool {
  return defineTool({
    name: 'search',
    group: 'workflow',
    title: 'Search',
    description: 'Finds records that match every filter given. assignee, team, tag, customer: ids.',
    input,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    selectsFields: true,
    async run({ type, sort, page = 1, pageSize, ...given }, signal) {
      if (page > maxPages) throw new ToolError('invalid-input', `\`page\`: ${atTheEnd}`)
      const request = classifyRequest({
        method: 'POST',
        path: '/v1/customers/search',
        query: [
          ['page', String(page)],
          ['pageSize', String(pageSize)],
        ],
        body: { json: searchBody(type, given, sort) },
      })
      const reply = await sendRequest(context, request, signal)
      return withAdvice(toToolOutput(reply.body, reply.status), page)
    },
  })
}

function withAdvice(answer: ToolOutput, page: number): ToolOutput {
  const isEmpty = Array.isArray(answer.data) && answer.data.length === 0 && page === 1
  const isLast = page === maxPages && answer.page?.next !== undefined
  const advice = [...(isEmpty ? [noneFound] : []), ...(isLast ? [atTheEnd] : [])]
  return advice.length === 0 ? answer : { ...answer, notices: [...(answer.notices ?? []), ...advice] }
}
