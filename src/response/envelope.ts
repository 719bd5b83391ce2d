import { errorAdvice, type ToolError } from '../errors.ts'
import { stripHidden } from '../text/invisible.ts'
import { sanitize } from '../text/redact.ts'

/** Position in a list. `next` is a page number, or a path where the API pages by cursor. */
export interface Page {
  page?: number
  pageSize?: number
  next?: number | string
  total?: number
}

/** What a tool returns, before it is formatted. */
export interface ToolOutput {
  data: unknown
  /** `data` with every member that the records have: what `fields` picks from. */
  unabridged?: unknown
  page?: Page
  notices?: string[]
  /** The members to keep of each record, where the caller named some. */
  fields?: readonly string[]
  /** Whether `data` is passed on as it is: it is our own, or a schema, and not records of the app. */
  exact?: boolean
  /** A link that a person has to open, already checked: it stands in `data` as it is, with the token it may carry. */
  link?: { url: string; warning?: string; hint?: string }
}

export interface Envelope {
  data: unknown
  page?: Page
  notices?: string[]
}

/** Permissive, since Kustomer's records are not ours, and short, since every tool lists it. */
export const envelopeSchema = {
  type: 'object',
  properties: {
    data: {},
    page: { type: 'object' },
    notices: { type: 'array', items: { type: 'string' } },
  },
  required: ['data'],
} as const

export type ErrorFormatter = (error: ToolError) => string

/** Formats an error for an agent: the reason, what happened, what to do next, and the facts. */
export const formatForAgent: ErrorFormatter = ({ reason, message, data, advice = errorAdvice[reason] }) => {
  const facts = data === undefined ? '' : `\n${JSON.stringify(sanitize(data))}`
  return `${reason}: ${stripHidden(message)} ${advice}${facts}`
}
