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

/**
 * The schema of every successful result; permissive, because what Kustomer returns is not ours to promise, and short,
 * because it is sent with every tool.
 */
export const envelopeSchema = {
  type: 'object',
  properties: {
    data: {},
    page: { type: 'object' },
    notices: { type: 'array', items: { type: 'string' } },
  },
  required: ['data'],
} as const

const redacted = 'Some text looked like a credential and is replaced by [redacted]. Do not write it back.'
/** Characters of `data` that are passed on; a host that takes more than this at once is not known. */
const maxCharacters = 1_000_000

/**
 * Takes a tool's answer and returns the envelope, cleaned and redacted, as text and as structured content. Of a list
 * that is too long whole records are left out from its end, of anything else too long all; a notice says so.
 */
export function success({ data, page, notices = [], link }: Answer): CallResult {
  const safe = sanitise(data) ?? null
  const { kept, notice } = fitted(safe)
  const isRedacted = safe !== data && JSON.stringify(kept).includes('[redacted]')
  const all = [...notices, ...(notice === undefined ? [] : [notice]), ...(isRedacted ? [redacted] : [])]
  const envelope = {
    data: link === undefined ? kept : { ...(kept as object), ...link },
    ...(page === undefined ? {} : { page: sanitise(page) }),
    ...(all.length > 0 ? { notices: all } : {}),
  }
  return { content: [{ type: 'text', text: JSON.stringify(envelope) }], structuredContent: envelope }
}

function fitted(data: unknown): { kept: unknown; notice?: string } {
  const size = lengthOf(data)
  if (size <= maxCharacters) return { kept: data }
  const advice = 'Ask for less: a smaller pageSize or a narrower filter.'
  if (!Array.isArray(data))
    return { kept: null, notice: `The answer has ${size} characters, too many to pass on. ${advice}` }
  let room = maxCharacters
  const cut = data.findIndex((record) => {
    room -= lengthOf(record) + 1
    return room < 0
  })
  const kept = data.slice(0, cut)
  return {
    kept,
    notice: `Only the first ${kept.length} of ${data.length} records are here; the others do not fit. ${advice}`,
  }
}

const lengthOf = (value: unknown) => JSON.stringify(value)?.length ?? 0

/** Takes a Failure and returns what the agent reads: the reason, what happened, what to do, and the facts of it. */
export function failed({ reason, message, data }: Failure): CallResult {
  const facts = data === undefined ? '' : `\n${JSON.stringify(sanitise(data))}`
  return {
    content: [{ type: 'text', text: `${reason}: ${message} ${advice[reason]}${facts}` }],
    isError: true,
  }
}
