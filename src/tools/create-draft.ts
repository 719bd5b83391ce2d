import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { checkId, readInstant } from '../kustomer/argument-checks.ts'
import { type ApiRecord, readRecord, relatedId, withoutEmpty } from '../kustomer/json-api.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { classifyRequest, sendRequest } from './app-request.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { resolving } from './resolve-references.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const channels = [...(['email', 'sms', 'chat', 'whatsapp', 'facebook', 'instagram', 'twitter-dm'] as const)]

const input = () =>
  z.strictObject({
    customer: z.string().describe('Customer id.'),
    conversation: z.string().optional().describe('Id.'),
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

/** Writes a reply to a customer as a draft. */
export function createDraft(context: ToolContext): Tool {
  return defineTool({
    name,
    group: 'workflow',
    title: 'Create Draft',
    description:
      'Reply to a customer by email, chat or SMS: writes the answer as a draft, for a person to check and send. That Kustomer holds every draft back is not documented: treat it as visible to the customer and report its status.',
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
          const response = await sendRequest(context, request, limit, connectionId)
          return answerOfDraft(readDraft(response.body), given)
        },
      }
    },
  })
}

/** A response means that the request was carried out, whatever it looks like. */
function readDraft(body: unknown): ApiRecord {
  try {
    return readRecord(body)
  } catch {
    const message =
      'Kustomer took the draft and answered without its record. Whether it was made is not known.'
    throw new ToolError('outcome-unknown', message)
  }
}

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

/** What Kustomer does with a past time is not documented: it may send at once. */
function laterTime(text: string): string {
  const time = readInstant('sendAt', text)
  if (Date.parse(time) > Date.now()) return time
  throw new ToolError('invalid-input', '`sendAt`: give a time that is still to come.')
}

function addressesIn(text: string): { email: string }[] {
  const addresses = text.split(',').map((part) => part.trim())
  const isWrong = addresses.some((address) => !z.email().safeParse(address).success)
  if (isWrong) {
    throw new ToolError(
      'invalid-input',
      '`to`: give email addresses alone, such as ada@example.com, several with commas between them.',
    )
  }
  return addresses.map((email) => ({ email }))
}

function answerOfDraft(draft: ApiRecord, given: Input): ToolOutput {
  const { status, channel, to, subject, sendAt, createdAt } = draft.attributes
  const data = withoutEmpty({
    type: 'draft',
    id: draft.id,
    status,
    channel: channel ?? given.channel,
    customer: relatedId(draft, 'customer') ?? given.customer,
    conversation: relatedId(draft, 'conversation') ?? given.conversation,
    to,
    subject,
    sendAt,
    createdAt,
  })
  return { data, notices: noticesOfDraft(data['sendAt'], data['to'] !== undefined) }
}

const noticesOfDraft = (sendAt: unknown, hasRecipient: boolean): string[] => [
  typeof sendAt === 'string'
    ? `Kustomer is to send it at ${sendAt} by itself. Until then it can be changed or deleted with /v1/drafts/{id}.`
    : 'A person sends a draft from the conversation in Kustomer. Say that a draft was written, not that the customer was answered; a draft that was sent shows as an out message in get-conversation-thread.',
  ...(hasRecipient ? [] : ['It names no recipient: the person who sends it has to check to whom it goes.']),
]
