import * as z from 'zod'
import { allOrAbort } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import type { Json } from '../json.ts'
import { checkId } from '../kustomer/argument-checks.ts'
import { type ApiRecord, hasNextPage, readRecord, readRecords, relatedId } from '../kustomer/json-api.ts'
import type { Page, ToolOutput } from '../response/envelope.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { createConversationFinder } from './find-conversation.ts'
import { resolving } from './resolve-references.ts'
import { authorsOf, inOrder, newestPart, type ThreadPart } from './thread-entries.ts'
import { contactOf, idsIn, nameOf, stateOf } from './thread-records.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** The most that a page of either list holds (Kustomer's pagination documentation). */
const pageSize = 100
const maxPages = 10

/** What was read of a list. */
interface Records {
  records: ApiRecord[]
  /** Whether the list ended before `maxPages`. */
  isWhole: boolean
}

/** A part that a thread can do without, or the notice that says why it is missing. */
type Optional<T> = { value: T } | { notice: string }

/** Reads a conversation with everything in it, in one answer. Only the conversation and its messages are essential. */
export function conversationThread(context: ToolContext): Tool {
  const find = createConversationFinder(context)

  const read = async (path: string, id: string, signal: AbortSignal, page?: number): Promise<unknown> => {
    const query: [string, string][] =
      page === undefined
        ? []
        : [
            ['page', String(page)],
            ['pageSize', String(pageSize)],
          ]
    const request = classifyRequest({ method: 'GET', path, pathParams: { id }, query })
    return (await sendRequest(context, request, signal)).body
  }

  /** Neither list documents an order, so all of it is read to know which entries are the newest. */
  async function readAll(path: string, id: string, signal: AbortSignal): Promise<Records> {
    const records: ApiRecord[] = []
    for (let page = 1; page <= maxPages; page++) {
      const body = await read(path, id, signal, page)
      records.push(...readRecords(body))
      if (!hasNextPage(body)) return { records, isWhole: true }
    }
    return { records, isWhole: false }
  }

  function readParts(id: string, signal: AbortSignal) {
    const path = '/v1/conversations/{id}'
    return allOrAbort(signal, (own) => [
      read(path, id, own).then(readRecord),
      readAll(`${path}/messages`, id, own),
      optional('The notes', own, () => readAll(`${path}/notes`, id, own)),
    ])
  }

  /** The customer and the users, in parallel. */
  async function readPeople(conversation: ApiRecord, entries: readonly ApiRecord[], signal: AbortSignal) {
    const customerId = relatedId(conversation, 'customer')
    const users = new Set([...authorsOf(entries), ...idsIn(conversation.attributes['assignedUsers'])])
    const connectionId = await context.connections.resolve(signal)
    const [customer, known] = await allOrAbort(signal, (own) => [
      customerId === undefined
        ? { value: undefined }
        : optional('The customer', own, () => read('/v1/customers/{id}', customerId, own).then(readRecord)),
      context.directory.lookUp(connectionId, new Map([['user', users]]), own),
    ])
    const contact = 'value' in customer ? customer.value : undefined
    const name = (id: string): unknown => {
      if (id === customerId && contact !== undefined) return nameOf(contact)
      return known.get(id)?.name
    }
    return { customer: contact, name, notices: noticeOf(customer) }
  }

  return defineTool({
    name: 'get-conversation-thread',
    group: 'workflow',
    title: 'Get Conversation Thread',
    description:
      'Reads a ticket (conversation) whole, to answer or summarise it: state, customer, messages and internal notes by time, authors by name. The newest are kept where it is long. Give id, or customer, text or both to find it.',
    input: () =>
      z.strictObject({
        id: z.string().optional(),
        customer: z.string().optional(),
        text: z.string().min(1).optional(),
        limit: z.number().int().min(1).max(200).default(50),
        before: z.string().optional().describe('Id of an entry, for older ones.'),
      }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    searchHint: 'read, open or summarise a ticket, its messages and notes',
    alwaysLoad: true,
    selectsFields: true,
    resolve: resolving(context, { id: { kind: 'conversation' }, customer: { kind: 'customer' } }),
    async run({ id: given, limit, before, ...filters }, signal): Promise<ToolOutput> {
      const id = given === undefined ? await find(filters, signal) : checkId('id', given)
      const [conversation, messages, notes] = await readParts(id, signal)
      const noteRecords = 'value' in notes ? notes.value : { records: [], isWhole: true }
      const all = inOrder([...messages.records, ...noteRecords.records])
      const { customer, name, notices } = await readPeople(conversation, all, signal)
      const part = newestPart(all, { limit, before }, name)
      const state = stateOf(conversation, name)
      const contact = customer === undefined ? undefined : contactOf(customer)
      const isWhole = messages.isWhole && noteRecords.isWhole
      return {
        data: threadOf(state, contact, part),
        unabridged: threadOf(
          { ...conversation.attributes, ...state },
          contact && { ...customer?.attributes, ...contact },
          part,
        ),
        page: pageOf(part, all.length),
        notices: [...noticeOf(notes), ...notices, ...partNotices(part, isWhole)],
      }
    },
  })
}

/** Reads a part whose absence is said in a notice. The end of the call is an error all the same. */
async function optional<T>(what: string, signal: AbortSignal, task: () => Promise<T>): Promise<Optional<T>> {
  try {
    return { value: await task() }
  } catch (error) {
    if (!(error instanceof ToolError) || signal.aborted) throw error
    return { notice: `${what} could not be read (${error.reason}).` }
  }
}

const noticeOf = (part: Optional<unknown>): string[] => ('notice' in part ? [part.notice] : [])

const threadOf = (conversation: Json, customer: Json | undefined, { entries }: ThreadPart) => ({
  conversation,
  ...(customer === undefined ? {} : { customer }),
  entries,
})

const pageOf = ({ entries, older }: ThreadPart, total: number): Page => ({
  pageSize: entries.length,
  ...(older > 0 && entries[0] !== undefined ? { next: entries[0].id } : {}),
  total,
})

const partNotices = ({ entries, older }: ThreadPart, isWhole: boolean): string[] => [
  ...(older > 0 ? [`${older} older entries are left out: call again with before ${entries[0]?.id}.`] : []),
  ...(isWhole
    ? []
    : [`Of messages or of notes there are more than the ${maxPages * pageSize} that were read.`]),
]
