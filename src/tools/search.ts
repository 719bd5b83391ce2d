import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { type SearchType, searchTypes } from '../kustomer/search-filters.ts'
import { type Search, searchBody } from '../kustomer/search-query.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { toToolOutput } from '../response/tool-output.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { createCustomAttributes } from './custom-attributes.ts'
import { resolving } from './resolve-references.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** A search ends here (Kustomer's search documentation). */
const maxPages = 100

const channels = [
  'email',
  'sms',
  'chat',
  'voice',
  'phone',
  'facebook',
  'instagram',
  'whatsapp',
  'twitter-dm',
  'form',
] as const

const text = () => z.string().min(1).optional()
const filters = () => ({
  text: text().describe('Whole words.'),
  status: z.enum(['open', 'snoozed', 'done']).optional(),
  assignee: text(),
  unassigned: z.boolean().optional(),
  team: text(),
  tag: text(),
  queue: text(),
  customer: text(),
  company: text(),
  email: text(),
  phone: text().describe('With +.'),
  externalId: text(),
  channel: z.enum(channels).optional(),
  direction: z.enum(['in', 'out']).optional(),
  priority: z.number().int().optional().describe('1 (lowest) to 5.'),
  minPriority: z.number().int().optional(),
  satisfaction: z.number().optional(),
  slaBreached: z.boolean().optional(),
  createdAfter: text().describe('GMT day or ISO time.'),
  createdBefore: text(),
  updatedAfter: text(),
  updatedBefore: text(),
})

/** The filters that take an id. */
const references = {
  assignee: { kind: 'user' },
  team: { kind: 'team' },
  tag: { kind: 'tag' },
  queue: { kind: 'queue' },
  customer: { kind: 'customer' },
  company: { kind: 'company' },
} as const

const input = () =>
  z.strictObject({
    type: z.enum(searchTypes),
    ...filters(),
    custom: z
      .object({ orderNumberStr: z.string().optional() })
      .catchall(z.union([z.string(), z.number(), z.boolean()]))
      .optional()
      .describe('Custom attributes.'),
    sort: text().describe('Such as -updatedAt.'),
    page: z.number().int().min(1).optional(),
    pageSize: z.number().int().min(1).max(500).default(25),
  })

const limits =
  'A search covers what was changed in the last two years, takes a moment to know what was just written, and matches whole words.'
const atTheEnd = `A search ends after ${maxPages} pages. For the rest, narrow it with createdBefore or updatedBefore.`

/** What `text` is searched in. */
const searched: Readonly<Record<SearchType, string>> = {
  conversation: 'subjects, previews, messages and notes',
  customer: 'names, addresses, numbers and external ids',
  message: 'the text of messages',
  company: 'names, domains, addresses and external ids',
  note: 'the text of notes',
}
/** The types that have custom attributes. */
const customTypes: readonly SearchType[] = ['conversation', 'customer', 'company', 'message']

export type RunSearch = (
  query: Search,
  page: { page: number; pageSize: number },
  signal: AbortSignal,
) => Promise<ToolOutput>

/** Creates a search that goes on in custom attributes where a text stands in no other field. */
export function createSearch(context: ToolContext): RunSearch {
  const customAttributes = createCustomAttributes(context)

  async function send(query: Search, page: number, pageSize: number, signal: AbortSignal) {
    const request = classifyRequest({
      method: 'POST',
      path: '/v1/customers/search',
      query: [
        ['page', String(page)],
        ['pageSize', String(pageSize)],
      ],
      body: { json: searchBody(query) },
    })
    const response = await sendRequest(context, request, signal)
    return toToolOutput(response)
  }

  /** Text that no other field has may stand in a custom attribute, whose names have to be read first. */
  async function searchCustomText(query: Search, page: number, pageSize: number, signal: AbortSignal) {
    const names = await customAttributes.textNames(query.type, signal)
    const where = `Searched ${searched[query.type]}`
    if (names === undefined)
      return nothingFound(`${where}; custom attributes could not be listed: give one with custom.`)
    if (names.length === 0) return nothingFound(`${where}.`)
    const output = await send({ ...query, textAttributes: names }, page, pageSize, signal)
    return isEmpty(output) ? nothingFound(`${where}, and the custom attributes ${names.join(', ')}.`) : output
  }

  return async (query, { page, pageSize }, signal) => {
    if (page > maxPages) throw new ToolError('invalid-input', `\`page\`: ${atTheEnd}`)
    const { type, filters: given } = query
    const output = await send(query, page, pageSize, signal)
    if (isEmpty(output) && given.text !== undefined && customTypes.includes(type))
      return searchCustomText(query, page, pageSize, signal)
    if (page === 1 && isEmpty(output))
      return nothingFound(given.text === undefined ? '' : `Searched ${searched[type]}.`)
    return page === maxPages && output.page?.next !== undefined
      ? { ...output, notices: [...(output.notices ?? []), atTheEnd] }
      : output
  }
}

/** Searches records of one type by named filters. */
export function search(context: ToolContext): Tool {
  const run = createSearch(context)
  return defineTool({
    name: 'search',
    group: 'workflow',
    title: 'Search',
    description:
      'Finds tickets (conversations), customers and other records by filters that must all match: inbox, queue, open, unassigned, waiting longest, text, phone.',
    input,
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    searchHint: 'find open tickets, inbox, who waits longest, customers by name or phone',
    alwaysLoad: true,
    selectsFields: true,
    resolve: resolving(context, references),
    run: ({ type, custom, sort, page = 1, pageSize, ...given }, signal) =>
      run({ type, filters: given, custom, sort }, { page, pageSize }, signal),
  })
}

const isEmpty = ({ data }: ToolOutput) => Array.isArray(data) && data.length === 0

const nothingFound = (where: string): ToolOutput => ({
  data: [],
  notices: [['Nothing was found.', where, limits].filter(Boolean).join(' ')],
})
