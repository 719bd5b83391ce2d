import * as z from 'zod'
import { ToolError } from '../errors.ts'
import { checkId } from '../kustomer/argument-checks.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { classifyRequest, readWritten, sendRequest } from './app-request.ts'
import { addressesIn, draftOf, laterTime, noticesOfDraft } from './drafts.ts'
import { idempotencyKeyOf } from './idempotency-key.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

const input = () =>
  z.strictObject({
    id: z.string(),
    body: z.string().min(1).optional(),
    to: z.string().min(1).optional(),
    subject: z.string().optional(),
    sendAt: z.string().optional().describe('ISO time, or none.'),
    delete: z.boolean().optional(),
  })
type Input = z.output<ReturnType<typeof input>>

const name = 'update-draft'
const path = '/v1/drafts/{id}'

/** Changes or deletes a draft that was not sent. */
export function updateDraft(context: ToolContext): Tool {
  return defineTool({
    name,
    group: 'workflow',
    title: 'Update Draft',
    description: 'Changes or deletes an unsent draft.',
    input,
    annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
    endpoint: { method: 'PUT', path, risk: 'customer-visible', deletes: true },
    async prepare(given, signal) {
      const request = requestOf(given)
      const connectionId = await context.connections.resolve(signal)
      return {
        risk: request.risk,
        connectionId,
        target: request.target,
        idempotencyKey: idempotencyKeyOf(name, given),
        async execute(limit): Promise<ToolOutput> {
          const response = await sendRequest(context, request, limit, connectionId)
          if (given.delete === true) return { data: { type: 'draft', id: given.id, deleted: true } }
          const draft = draftOf(readWritten(response, 'draft'))
          return { data: draft, notices: noticesOfDraft(draft) }
        },
      }
    },
  })
}

function requestOf({ id, delete: isDeletion = false, body, to, subject, sendAt }: Input) {
  const json = {
    body,
    // The channel of a draft is fixed, and only email has addresses as objects.
    to: to !== undefined && /[^@\s]+@/.test(to) ? addressesIn(to) : to,
    subject,
    ...scheduleOf(sendAt),
  }
  const isChange = Object.values(json).some((value) => value !== undefined)
  if (isDeletion && isChange)
    throw new ToolError('invalid-input', '`delete`: a draft is deleted or changed, not both.')
  if (!isDeletion && !isChange)
    throw new ToolError('invalid-input', 'Give what to change: body, to, subject, sendAt; or delete.')
  const pathParams = { id: checkId('id', id) }
  return isDeletion
    ? classifyRequest({ method: 'DELETE', path, pathParams })
    : classifyRequest({ method: 'PUT', path, pathParams, body: { json } })
}

/** Null takes a draft off the schedule (Kustomer's documentation). */
function scheduleOf(sendAt: string | undefined) {
  if (sendAt === undefined) return {}
  return /^\s*none\s*$/i.test(sendAt)
    ? { sendAt: null, scheduled: false }
    : { sendAt: laterTime(sendAt), scheduled: true }
}
