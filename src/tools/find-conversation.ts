import { ToolError } from '../errors.ts'
import { isObject, type Json } from '../json.ts'
import { type ApiRecord, readRecords } from '../kustomer/json-api.ts'
import { quoteUntrusted } from '../text/quote.ts'
import { createSearch } from './search.ts'
import type { ToolContext } from './tool.ts'

const maxCandidates = 10

/**
 * Creates a search for the one conversation of a customer, with a text, or both. Rejects with a ToolError, `not-found` where
 * there is none, and `invalid-input` with the candidates where there are several.
 */
export function createConversationFinder(context: ToolContext) {
  const search = createSearch(context)
  return async (
    filters: { customer?: string | undefined; text?: string | undefined },
    signal: AbortSignal,
  ): Promise<string> => {
    if (filters.customer === undefined && filters.text === undefined)
      throw new ToolError('invalid-input', 'Give `id`, or `customer` or `text` to find the conversation by.')
    const page = { page: 1, pageSize: maxCandidates }
    const output = await search({ type: 'conversation', filters, sort: '-updatedAt' }, page, signal)
    // Where an answer says more than its records, they stand in `data`.
    const { data, ...more } = isObject(output.data) ? output.data : { data: output.data }
    const [only, ...others] = readRecords({ data: Array.isArray(data) ? data : [] })
    if (more['timed_out'] === true || (output.page as Json | undefined)?.['timed_out'] === true)
      throw new ToolError(
        'invalid-input',
        'The search ran out of time, so conversations may be missing. Give the `id`, or a narrower text.',
        { data: { candidates: [only ?? [], ...others].flat().map(candidate) } },
      )
    if (only === undefined) throw new ToolError('not-found', 'No conversation was found. Nothing was read.')
    if (others.length === 0) return only.id
    throw new ToolError(
      'invalid-input',
      'Several conversations match. Call again with the `id` of the one that is meant.',
      { data: { candidates: [only, ...others].map(candidate) } },
    )
  }
}

const candidate = ({ id, attributes }: ApiRecord) => ({
  id,
  name: typeof attributes['name'] === 'string' ? quoteUntrusted(attributes['name'], 120) : undefined,
  status: attributes['status'],
  updatedAt: attributes['updatedAt'],
})
