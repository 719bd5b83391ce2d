import { advice, type Failure } from '../failure.ts'
import { sanitise } from '../text.ts'

/** Where a list stands. `next` is the next page's number, or the path of the next page where pages have none. */
export interface Page {
  page?: number
  pageSize?: number
  next?: number | string
  total?: number
}

/** What a tool answers with. */
export interface Answer {
  data: unknown
  page?: Page
  notices?: string[]
}

/** The result of a call in MCP's form, without importing MCP. */
export interface CallResult {
  [member: string]: unknown
  content: { type: 'text'; text: string }[]
  structuredContent?: Record<string, unknown>
  isError?: boolean
}

/** The schema of every successful result; permissive, because what Kustomer returns is not ours to promise. */
export const envelopeSchema = {
  type: 'object',
  properties: {
    data: { description: 'What the action or the API returned.' },
    page: { type: 'object', description: 'Only on lists: page, pageSize, next, total.' },
    notices: { type: 'array', items: { type: 'string' } },
  },
  required: ['data'],
} as const

/** Takes a tool's answer and returns the envelope, cleaned and redacted, as text and as structured content. */
export function success({ data, page, notices = [] }: Answer): CallResult {
  const envelope = {
    data: sanitise(data) ?? null,
    ...(page === undefined ? {} : { page }),
    ...(notices.length > 0 ? { notices } : {}),
  }
  return { content: [{ type: 'text', text: JSON.stringify(envelope) }], structuredContent: envelope }
}

/** Takes a Failure and returns what the agent reads: the reason, what happened, what to do, and the facts of it. */
export function failed({ reason, message, data }: Failure): CallResult {
  const facts = data === undefined ? '' : `\n${JSON.stringify(sanitise(data))}`
  return {
    content: [{ type: 'text', text: `${reason}: ${message} ${advice[reason]}${facts}` }],
    isError: true,
  }
}
