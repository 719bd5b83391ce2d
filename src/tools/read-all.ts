import { ToolError } from '../errors.ts'
import { type ApiRecord, hasNextPage, readRecords } from '../kustomer/json-api.ts'
import type { ProxyRequest } from '../membrane/app-call.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import type { ToolContext } from './tool.ts'

/** The most that a page of most lists holds (Kustomer's pagination documentation). */
export const pageSize = 100
export const maxPages = 10

/** What was read of a list. */
export interface Records {
  records: ApiRecord[]
  /** The pages as they came, for what they hold beside the records. */
  pages: unknown[]
  /** Whether the list ended before `maxPages`. */
  isWhole: boolean
}

type ListRequest = Pick<ProxyRequest, 'path'> & Partial<Pick<ProxyRequest, 'pathParams' | 'query'>>

/** Reads a list page by page, ten at most. Rejects with a ToolError. */
export async function readAll(
  context: ToolContext,
  { query = [], ...request }: ListRequest,
  signal: AbortSignal,
  connectionId?: string,
): Promise<Records> {
  const read: Records = { records: [], pages: [], isWhole: false }
  for (let page = 1; page <= maxPages && !read.isWhole; page++) {
    const paging: [string, string][] = [
      ['page', String(page)],
      ['pageSize', String(pageSize)],
    ]
    const sent = classifyRequest({ method: 'GET', ...request, query: [...paging, ...query] })
    const { body } = await sendRequest(context, sent, signal, connectionId)
    read.records.push(...readRecords(body))
    read.pages.push(body)
    read.isWhole = !hasNextPage(body)
  }
  return read
}

/** A part that an answer can do without, or why it is missing. */
export type Optional<T> = { value: T } | { notice: string; error: ToolError }

/** Reads a part whose absence is said in a notice. The end of the call is an error all the same. */
export async function optional<T>(
  what: string,
  signal: AbortSignal,
  task: () => Promise<T>,
): Promise<Optional<T>> {
  try {
    return { value: await task() }
  } catch (error) {
    if (!(error instanceof ToolError) || signal.aborted) throw error
    return { notice: `${what} could not be read (${error.reason}).`, error }
  }
}

export const noticeOf = (part: Optional<unknown>): string[] => ('notice' in part ? [part.notice] : [])
