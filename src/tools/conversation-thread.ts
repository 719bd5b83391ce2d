import * as z from 'zod'
import { allOrAbort } from '../async/deadline.ts'
import type { Json } from '../json.ts'
import { checkId } from '../kustomer/argument-checks.ts'
import { type ApiRecord, readRecord, relatedId } from '../kustomer/json-api.ts'
import type { Page, ToolOutput } from '../response/envelope.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { attachmentsIn } from './attachments.ts'
import { createConversationFinder } from './find-conversation.ts'
import { maxPages, noticeOf, optional, pageSize, type Records, readAll } from './read-all.ts'
import { resolving } from './resolve-references.ts'
import { authorsOf, inOrder, newestPart, type ThreadPart } from './thread-entries.ts'
import { eventType, idsInEvents, isTelling } from './thread-events.ts'
import { contactOf, idsIn, nameOf, stateOf } from './thread-records.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const noRecords: Records = { records: [], pages: [], isWhole: true }

/** Reads a conversation with everything in it, in one answer. Only the conversation and its messages are essential. */
export function conversationThread(context: ToolContext): Tool {
  const find = createConversationFinder(context)

  const read = async (path: string, id: string, signal: AbortSignal): Promise<ApiRecord> => {
    const request = classifyRequest({ method: 'GET', path, pathParams: { id } })
    return readRecord((await sendRequest(context, request, signal)).body)
  }

  /** No list documents an order, so all of each is read to know which entries are the newest. */
  function readParts(id: string, events: boolean, signal: AbortSignal) {
    const path = '/v1/conversations/{id}'
    const pathParams = { id }
    const query: [string, string][] = [['include', 'attachments']]
    return allOrAbort(signal, (own) => [
      read(path, id, own),
      readAll(context, { path: `${path}/messages`, pathParams, query }, own),
      optional('The notes', own, () => readAll(context, { path: `${path}/notes`, pathParams }, own)),
      events
        ? optional('The events', own, () => readAll(context, { path: `${path}/events`, pathParams }, own))
        : { value: noRecords },
    ])
  }

  /** The customer and the users, in parallel. */
  async function readPeople(conversation: ApiRecord, entries: readonly ApiRecord[], signal: AbortSignal) {
    const customerId = relatedId(conversation, 'customer')
    const inEvents = idsInEvents(entries.filter(({ type }) => type === eventType))
    const users = [...authorsOf(entries), ...idsIn(conversation.attributes['assignedUsers'])]
    const wanted = new Map(inEvents).set('user', new Set([...users, ...(inEvents.get('user') ?? [])]))
    const connectionId = await context.connections.resolve(signal)
    const [customer, known] = await allOrAbort(signal, (own) => [
      customerId === undefined
        ? { value: undefined }
        : optional('The customer', own, () => read('/v1/customers/{id}', customerId, own)),
      context.directory.lookUp(connectionId, wanted, own),
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
      'Reads a ticket (conversation) whole, to answer or summarise it: state, customer, messages, attachments and internal notes by time. Give id, or customer, text or both to find it.',
    input: () =>
      z.strictObject({
        id: z.string().optional(),
        customer: z.string().optional(),
        text: z.string().min(1).optional(),
        limit: z.number().int().min(1).max(200).default(50),
        events: z.boolean().optional().describe('Also who changed what.'),
        before: z.string().optional().describe('Id of an entry, for older ones.'),
      }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    searchHint: 'open or summarise a ticket, its messages and notes',
    alwaysLoad: true,
    selectsFields: true,
    resolve: resolving(context, { id: { kind: 'conversation' }, customer: { kind: 'customer' } }),
    async run(
      { id: given, limit, before, events: withEvents = false, ...filters },
      signal,
    ): Promise<ToolOutput> {
      const id = given === undefined ? await find(filters, signal) : checkId('id', given)
      const [conversation, messages, notes, events] = await readParts(id, withEvents, signal)
      const noted = 'value' in notes ? notes.value : noRecords
      const changed = 'value' in events ? events.value : noRecords
      const telling = changed.records.filter(isTelling)
      const all = inOrder([...messages.records, ...noted.records, ...telling])
      const { customer, name, notices } = await readPeople(conversation, all, signal)
      const part = newestPart(all, { limit, before }, name, attachmentsIn(messages.pages))
      const state = stateOf(conversation, name)
      const contact = customer === undefined ? undefined : contactOf(customer)
      const isWhole = [messages, noted, changed].every((list) => list.isWhole)
      return {
        data: threadOf(state, contact, part),
        unabridged: threadOf(
          { ...conversation.attributes, ...state },
          contact && { ...customer?.attributes, ...contact },
          part,
        ),
        page: pageOf(part, all.length),
        notices: [...noticeOf(notes), ...noticeOf(events), ...notices, ...partNotices(part, isWhole)],
      }
    },
  })
}

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
    : [`Of messages, notes or events there are more than the ${maxPages * pageSize} that were read.`]),
]
