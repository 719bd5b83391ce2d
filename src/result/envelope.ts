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
  /** A link that a person has to open, already checked: it stands in `data` as it is, with the token it may carry. */
  link?: { url: string; warning?: string }
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

const redacted = 'Some text looked like a credential and is replaced by [redacted]. Do not write it back.'

/** Takes a tool's answer and returns the envelope, cleaned and redacted, as text and as structured content. */
export function success({ data, page, notices = [], link }: Answer): CallResult {
  const safe = sanitise(data) ?? null
  const isChanged = safe !== data && JSON.stringify(safe).includes('[redacted]')
  const all = isChanged ? [...notices, redacted] : notices
  const envelope = {
    data: link === undefined ? safe : { ...(safe as object), ...link },
    ...(page === undefined ? {} : { page: sanitise(page) }),
    ...(all.length > 0 ? { notices: all } : {}),
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
