import { ToolError } from '../../../errors.ts'
import { isObject, nestsDeeper } from '../../../json.ts'
import type { ProxyRequest } from '../../../membrane/app-call.ts'
import * as argv from '../../../membrane/argv.ts'
import type { Capabilities } from '../../../membrane/capabilities.ts'
import type { ProcessResult } from '../../../membrane/process.ts'
import type { Answer } from './probe.ts'
import { bodyOf, formOf, read, recordsIn } from './reading.ts'

/** Runs a command that may write: once it was started, it ends by its deadline alone. */
export type RunWrite = (args: readonly string[], signal: AbortSignal) => Promise<ProcessResult>

/** Of 100 notes each. */
export const mostPages = 10

export type Attempt = Answer | ToolError

export const isAnswer = (made: Attempt): made is Answer => !(made instanceof ToolError)

export async function attempt(run: () => Promise<ProcessResult>, args: readonly string[]): Promise<Attempt> {
  try {
    return { argv: args, result: await run() }
  } catch (error) {
    if (error instanceof ToolError) return error
    throw error
  }
}

export type Send = (
  method: 'GET' | 'DELETE',
  path: string,
  signal: AbortSignal,
  query?: ProxyRequest['query'],
) => Promise<Attempt>

export const sender =
  (run: RunWrite, connectionId: string, capabilities: Capabilities): Send =>
  (method, path, signal, query = []) => {
    const request = { method, path, query, pathParams: {}, headers: [] }
    const args = argv.request(connectionId, request, capabilities)
    return attempt(() => run(args, signal), args)
  }

export interface Listed {
  /** The ids of the notes that hold the mark. */
  ids: string[]
  /** Whether every page that was asked for could be read. */
  isReadable: boolean
  /** Whether there may be more pages. */
  hasMore: boolean
  last: Attempt
}

/** Looks for the mark in the notes of a conversation, page by page. */
export async function listNotes(
  mark: string,
  conversation: string,
  send: Send,
  signal: AbortSignal,
): Promise<Listed> {
  const ids = new Set<string>()
  const seen = new Set<string>()
  for (let page = 1; ; page++) {
    const query: ProxyRequest['query'] = [
      ['page', String(page)],
      ['pageSize', '100'],
    ]
    const last = await send('GET', `/v1/conversations/${conversation}/notes`, signal, query)
    const isReadable = isAnswer(last) && read(last, formOf(last.argv)).document !== undefined
    for (const id of notesWith(mark, last)) ids.add(id)
    const body = isAnswer(last) ? bodyOf(last) : undefined
    const others = recordsIn(body).filter(({ id }) => !seen.has(String(id)))
    for (const { id } of others) seen.add(String(id))
    const links = isObject(body) && isObject(body['links']) ? body['links'] : { next: true }
    const hasMore = isReadable && others.length > 0 && Boolean(links['next'])
    if (!hasMore || page === mostPages) return { ids: [...ids], isReadable, hasMore, last }
  }
}

/** Whether a read of each note is answered with 404. */
export async function areMissing(ids: readonly string[], send: Send, signal: AbortSignal): Promise<boolean> {
  for (const id of ids) {
    const made = await send('GET', `/v1/notes/${id}`, signal)
    if (!isAnswer(made) || read(made, formOf(made.argv)).error?.status !== 404) return false
  }
  return true
}

/** The ids of the notes that hold a text. */
export function notesWith(mark: string, made: Attempt): string[] {
  const notes = isAnswer(made) ? recordsIn(bodyOf(made)) : []
  return notes
    .filter(({ attributes }) => isObject(attributes) && !nestsDeeper(attributes, 200))
    .filter(({ attributes }) => JSON.stringify(attributes).includes(mark))
    .map(({ id }) => String(id))
    .filter((id) => /^\w[\w-]{0,63}$/.test(id))
}
