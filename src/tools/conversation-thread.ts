import * as z from 'zod'
import { allOrAbort } from '../async/abort.ts'
import { checkId } from '../kustomer/argument-checks.ts'
import {
  hasNextPage,
  type Resource,
  readRecord,
  readRecords,
  relatedId,
  withoutEmpty,
} from '../kustomer/json-api.ts'
import type { Page } from '../response/envelope.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { createUserNames, nameOf } from './names.ts'
import { authorsOf, inOrder, newestPart, type ThreadPart } from './thread-entries.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** The most that a page of either list holds (Kustomer's pagination documentation). */
const pageSize = 100
const maxPages = 10

/** What was read of a list, and whether there was more. */
interface Records {
  records: Resource[]
  isWhole: boolean
}

/** Returns the tool that reads a conversation with everything in it, in one answer. */
export function conversationThread(context: ToolContext): Tool {
  const names = createUserNames(context)

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
    const records: Resource[] = []
    for (let page = 1; page <= maxPages; page++) {
      const body = await read(path, id, signal, page)
      records.push(...readRecords(body))
      if (!hasNextPage(body)) return { records, isWhole: true }
    }
    return { records, isWhole: false }
  }

  async function readParts(id: string, signal: AbortSignal) {
    const path = '/v1/conversations/{id}'
    const [conversation, messages, notes] = await allOrAbort(signal, (own) => [
      read(path, id, own).then(readRecord),
      readAll(`${path}/messages`, id, own),
      readAll(`${path}/notes`, id, own),
    ])
    return { conversation, messages, notes }
  }

  /** The customer and the users, in parallel; a customer that cannot be read leaves its id. */
  async function readPeople(conversation: Resource, entries: readonly Resource[], signal: AbortSignal) {
    const customerId = relatedId(conversation, 'customer')
    const users = [...new Set([...authorsOf(entries), ...idsIn(conversation.attributes['assignedUsers'])])]
    const [customer, userNames] = await allOrAbort(signal, (own) => [
      customerId === undefined ? undefined : read('/v1/customers/{id}', customerId, own).then(readRecord),
      names.of(users, own),
    ])
    const name = (id: string): unknown =>
      id === customerId && customer !== undefined ? nameOf(customer) : userNames.get(id)
    return { customer, name }
  }

  return defineTool({
    name: 'get-conversation-thread',
    group: 'workflow',
    title: 'Get Conversation Thread',
    description:
      'Reads a conversation in one answer: its state, customer, messages and internal notes in the order of time, authors by name. The newest are kept where it is long.',
    input: z.strictObject({
      id: z.string().describe('Conversation id.'),
      limit: z.number().int().min(1).max(200).default(50),
      before: z.string().optional().describe('Id of an entry, for older ones.'),
    }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run({ id, limit, before }, signal) {
      checkId('id', id)
      const { conversation, messages, notes } = await readParts(id, signal)
      const all = inOrder([...messages.records, ...notes.records])
      const { customer, name } = await readPeople(conversation, all, signal)
      const part = newestPart(all, { limit, before }, name)
      const data = {
        conversation: stateOf(conversation, name),
        ...(customer === undefined ? {} : { customer: contactOf(customer) }),
        entries: part.entries,
      }
      const isWhole = messages.isWhole && notes.isWhole
      return {
        data,
        page: pageOf(part, all.length),
        notices: adviceOf(part, isWhole),
      }
    },
  })
}

const pageOf = ({ entries, older }: ThreadPart, total: number): Page => ({
  pageSize: entries.length,
  ...(older > 0 && entries[0] !== undefined ? { next: entries[0].id } : {}),
  total,
})

const adviceOf = ({ entries, older }: ThreadPart, isWhole: boolean): string[] => [
  ...(older > 0 ? [`${older} older entries are left out: call again with before ${entries[0]?.id}.`] : []),
  ...(isWhole
    ? []
    : [`Of messages or of notes there are more than the ${maxPages * pageSize} that were read.`]),
]

function stateOf(conversation: Resource, name: (id: string) => unknown) {
  const { id, attributes } = conversation
  const { sla, snooze, assignedUsers, assignedTeams, tags, channels, replyChannel, rev } = attributes
  const { name: title, status, priority, createdAt, updatedAt } = attributes
  return withoutEmpty({
    ...{ type: 'conversation', id, name: title, status, priority, channels, replyChannel },
    assignedUsers: idsIn(assignedUsers).map((user) => withoutEmpty({ id: user, name: name(user) })),
    ...{
      assignedTeams,
      tags,
      queue: relatedId(conversation, 'queue'),
      sla,
      snooze,
      createdAt,
      updatedAt,
      rev,
    },
  })
}

function contactOf(customer: Resource) {
  const { emails, phones } = customer.attributes
  return withoutEmpty({
    ...{ type: 'customer', id: customer.id, name: nameOf(customer), emails, phones },
    company: relatedId(customer, 'company'),
  })
}

const idsIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((id): id is string => typeof id === 'string') : []
