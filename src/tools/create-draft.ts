import * as z from 'zod'
import { withDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { checkId } from '../kustomer/argument-checks.ts'
import { type ApiRecord, relatedId } from '../kustomer/json-api.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { classifyRequest, readWritten, sendRequest } from './app-request.ts'
import { addressesIn, draftOf, laterTime, noticesOfDraft, readDrafts } from './drafts.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { noticeOf, optional } from './read-all.ts'
import { resolving } from './resolve-references.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const channels = [...(['email', 'sms', 'chat', 'whatsapp', 'facebook', 'instagram', 'twitter-dm'] as const)]

const input = () =>
  z.strictObject({
    customer: z.string(),
    conversation: z.string().optional(),
    channel: z.enum(channels),
    body: z.string().min(1),
    to: z.string().min(1).optional().describe('Address or number.'),
    subject: z.string().optional().describe('Email only.'),
    app: z.string().min(1).optional().describe('For WhatsApp.'),
    sendAt: z.string().optional().describe('ISO time, only when asked for: Kustomer then sends it.'),
  })
type Input = z.output<ReturnType<typeof input>>

const name = 'create-draft'
const endpoint = { method: 'POST', path: '/v1/customers/{id}/drafts' } as const
/** A draft does not wait longer than this for the list of those that exist. */
const readLimitMs = 5000

/** Writes a reply to a customer as a draft. One that exists already is not written again. */
export function createDraft(context: ToolContext): Tool {
  /** The last call for each customer: two at once could both find that there is no such draft yet. */
  const writing = new Map<string, Promise<unknown>>()

  async function write(request: ReturnType<typeof requestOf>, given: Input, id: string, signal: AbortSignal) {
    const existing = await optional('Whether the same draft exists', signal, () =>
      withDeadline(readLimitMs, (limited) => readDrafts(context, given.customer, limited, id), signal),
    )
    const same =
      'value' in existing ? existing.value.records.find((draft) => isSame(draft, given)) : undefined
    if (same !== undefined) return answerOf(same, given, heldBack)
    const response = await sendRequest(context, request, signal, id)
    return answerOf(readWritten(response, 'draft'), given, ...noticeOf(existing))
  }

  return defineTool({
    name,
    group: 'workflow',
    title: 'Create Draft',
    description:
      'Reply to a customer: writes the answer as a draft, for a person to check and send. Kustomer may not hold every draft back: treat it as visible to the customer and report its status.',
    input,
    annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    searchHint: 'reply, answer, respond, write to or email a customer',
    alwaysLoad: true,
    resolve: resolving(context, { customer: { kind: 'customer' }, conversation: { kind: 'conversation' } }),
    endpoint: { method: endpoint.method, path: '/v1/drafts', risk: 'customer-visible' },
    async prepare(given, signal) {
      const request = requestOf(given)
      const connectionId = await context.connections.resolve(signal)
      return {
        risk: request.risk,
        connectionId,
        target: request.target,
        idempotencyKey: idempotencyKeyOf(name, given),
        async execute(limit) {
          const key = `${connectionId}|${given.customer}`
          const before = writing.get(key)
          const own = (async () => {
            await before?.catch(() => undefined)
            limit.throwIfAborted()
            return write(request, given, connectionId, limit)
          })()
          writing.set(key, own)
          try {
            return await own
          } finally {
            if (writing.get(key) === own) writing.delete(key)
          }
        },
      }
    },
  })
}

const heldBack =
  'Nothing was written: this draft exists already and was not sent. Change or delete it with update-draft.'

/** Whether a draft that was not sent says the same in the same place, to the same people. */
function isSame(draft: ApiRecord, { channel, body, conversation, to, subject, sendAt }: Input): boolean {
  const { attributes } = draft
  return (
    attributes['status'] !== 'sent' &&
    attributes['channel'] === channel &&
    relatedId(draft, 'conversation') === conversation &&
    typeof attributes['body'] === 'string' &&
    plain(attributes['body']) === plain(body) &&
    (to === undefined || recipients(attributes['to']) === recipients(to.split(','))) &&
    (subject === undefined || attributes['subject'] === subject) &&
    (sendAt === undefined || Date.parse(String(attributes['sendAt'])) === Date.parse(sendAt))
  )
}

/** Addresses or numbers in one text, in any order. */
const recipients = (to: unknown): string =>
  [to ?? []]
    .flat()
    .map((one) =>
      String(isObject(one) ? one['email'] : one)
        .trim()
        .toLowerCase(),
    )
    .sort()
    .join(',')

const plain = (text: string) => text.replace(/\s+/g, ' ').trim()

/** POST /v1/customers/{id}/drafts. Kustomer schedules only what has both `sendAt` and `scheduled` (its documentation). */
function requestOf({ customer, conversation, channel, body, to, subject, app, sendAt }: Input) {
  const id = checkId('customer', customer)
  if (conversation !== undefined) checkId('conversation', conversation)
  if (subject !== undefined && channel !== 'email')
    throw new ToolError('invalid-input', `\`subject\`: a draft on ${channel} has none; leave it out.`)
  const json = {
    channel,
    body,
    conversation,
    to: to === undefined || channel !== 'email' ? to : addressesIn(to),
    subject,
    app,
    sendAt: sendAt === undefined ? undefined : laterTime(sendAt),
    scheduled: sendAt === undefined ? undefined : true,
  }
  return classifyRequest({
    method: endpoint.method,
    path: endpoint.path,
    pathParams: { id },
    body: { json },
  })
}

function answerOf(record: ApiRecord, given: Input, ...notices: string[]): ToolOutput {
  const { customer, conversation, channel } = given
  // The caller knows what the draft says.
  const { body: _, ...draft } = draftOf(record, { customer, conversation, channel })
  return { data: draft, notices: [...notices, ...noticesOfDraft(draft)] }
}
