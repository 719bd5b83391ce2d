import * as z from 'zod'
import { ToolError } from '../errors.ts'
import type { Json } from '../json.ts'
import { readInstant } from '../kustomer/argument-checks.ts'
import { type ApiRecord, relatedId, withoutEmpty } from '../kustomer/json-api.ts'
import { readAll } from './read-all.ts'
import { shortened } from './thread-entries.ts'
import type { ToolContext } from './tool.ts'

/** The drafts of a customer, up to a thousand. Rejects with a ToolError. */
export const readDrafts = (
  context: ToolContext,
  customer: string,
  signal: AbortSignal,
  connectionId?: string,
) =>
  readAll(context, { path: '/v1/customers/{id}/drafts', pathParams: { id: customer } }, signal, connectionId)

/** A draft as an agent reads it, with what is known of it where its record does not say. */
export function draftOf(draft: ApiRecord, known: Json = {}) {
  const { status, channel, to, subject, body, sendAt, createdAt, error } = draft.attributes
  return withoutEmpty({
    type: 'draft',
    id: draft.id,
    status,
    channel: channel ?? known['channel'],
    customer: relatedId(draft, 'customer') ?? known['customer'],
    conversation: relatedId(draft, 'conversation') ?? known['conversation'],
    to,
    subject,
    body: shortened(body),
    sendAt,
    error,
    createdAt,
  })
}

/** What Kustomer does with a past time is not documented: it may send at once. */
export function laterTime(text: string): string {
  const time = readInstant('sendAt', text)
  if (Date.parse(time) > Date.now()) return time
  throw new ToolError('invalid-input', '`sendAt`: give a time that is still to come.')
}

export function addressesIn(text: string): { email: string }[] {
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

/** What there is to know of a draft that was written or found. */
export const noticesOfDraft = ({ sendAt, to }: Record<string, unknown>): string[] => [
  typeof sendAt === 'string'
    ? `Kustomer is to send it at ${sendAt} by itself. Until then update-draft changes or deletes it.`
    : 'A person sends a draft from the conversation in Kustomer. Say that a draft was written, not that the customer was answered; a draft that was sent shows as an out message in get-conversation-thread.',
  ...(to === undefined
    ? ['It names no recipient: the person who sends it has to check to whom it goes.']
    : []),
]
