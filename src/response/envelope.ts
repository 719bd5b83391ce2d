import { errorAdvice, type ToolError } from '../errors.ts'
import { sanitize, stripHidden } from '../text/text.ts'

/** Where a list stands. `next` is the next page's number, or the path of the next page where pages have none. */
export interface Page {
  page?: number
  pageSize?: number
  next?: number | string
  total?: number
}

/** What a tool answers with. */
export interface ToolOutput {
  data: unknown
  page?: Page
  notices?: string[]
  /** The members to keep of each record, where the caller named some. */
  fields?: readonly string[]
  /** Whether `data` is passed on as it is: it is our own, or a schema, and not records of the app. */
  exact?: boolean
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

/** What is said of a failure: the reason, what happened, what to do, and the facts of it. */
export type ErrorFormatter = (failure: ToolError) => string

const formatForAgent: ErrorFormatter = ({ reason, message, data }) => {
  const facts = data === undefined ? '' : `\n${JSON.stringify(sanitize(data))}`
  return `${reason}: ${stripHidden(message)} ${errorAdvice[reason]}${facts}`
}

/** Takes a Failure and returns the result of the call, with what an agent reads unless `explain` says it otherwise. */
export const errorResult = (failure: ToolError, explain: ErrorFormatter = formatForAgent): CallResult => ({
  content: [{ type: 'text', text: explain(failure) }],
  isError: true,
})
