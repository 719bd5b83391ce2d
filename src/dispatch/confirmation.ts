import { randomBytes } from 'node:crypto'
import type { ObjectSchema } from '../catalog/schema.ts'
import { ToolError } from '../errors.ts'
import type { RiskLevel } from '../kustomer/risk.ts'
import type { ToolOutput } from '../response/envelope.ts'
import type { Tool } from '../tools/tool.ts'
import { confirmationQuestion } from './confirmation-question.ts'
import type { JudgedCall, Middleware } from './pipeline.ts'

export type ConfirmMode = 'none' | 'customer-visible' | 'writes'

export const tokenName = 'confirmationToken'

/** Single-use tokens of calls that were shown and not carried out yet. */
export interface Confirmations {
  issue(key: string): string
  /** Whether the token is valid for this call; it is void from then on. */
  redeem(key: string, token: string): boolean
}

const lifetimeMs = 5 * 60_000
const maxPending = 200

/** Creates an empty set of tokens. They live in memory alone, so a restart voids them. */
export function createConfirmations(now: () => number = Date.now): Confirmations {
  const pending = new Map<string, { key: string; expires: number }>()
  return {
    issue(key) {
      const token = randomBytes(9).toString('base64url')
      pending.set(token, { key, expires: now() + lifetimeMs })
      for (const [old, { expires }] of pending)
        if (expires < now() || pending.size > maxPending) pending.delete(old)
      return token
    },
    redeem(key, token) {
      const known = pending.get(token)
      if (known === undefined || known.expires < now() || known.key !== key) return false
      return pending.delete(token)
    },
  }
}

export function needsConfirmation(mode: ConfirmMode, risk: RiskLevel): boolean {
  if (mode === 'none' || risk === 'read') return false
  return mode === 'writes' || risk === 'customer-visible' || risk === 'destructive'
}

/** Asks the person at the client, or answers with a plan and a token where the client cannot ask. */
export const confirm =
  (mode: ConfirmMode, confirmations: Confirmations): Middleware<JudgedCall> =>
  async (call, next) => {
    const { tool, principal, prepared, token, elicitation, signal, alwaysConfirm } = call
    if (!alwaysConfirm && !needsConfirmation(mode, prepared.risk)) return next(call)
    const { issuer, subject } = principal
    const key = JSON.stringify([issuer, subject, tool.name, prepared.connectionId, prepared.idempotencyKey])
    if (token !== undefined && confirmations.redeem(key, token)) return next(call)
    const answer = await elicitation?.confirm(confirmationQuestion(call), signal)
    if (answer === 'accept') return next(call)
    if (answer === 'decline') throw new ToolError('refused-by-policy', 'The person declined this call.')
    if (answer === 'cancel') throw new ToolError('refused-by-policy', closedQuestion)
    return planOf(call, confirmations.issue(key))
  }

const closedQuestion =
  'The person closed the question without an answer, so nothing was done. Ask them in the conversation; when they agree, make the same call again and they are asked once more.'

const planOf = (
  { tool, args, prepared, prepared: { given = args, resolved = [] } }: JudgedCall,
  token: string,
): ToolOutput => ({
  data: {
    state: 'CONFIRMATION_REQUIRED',
    done: false,
    plan: {
      tool: tool.name,
      effect: prepared.risk,
      arguments: given,
      ...(resolved.length > 0 ? { resolved } : {}),
    },
    [tokenName]: token,
    next: `Nothing was done yet. Show the plan to the person; when they agree, make the same call again with ${tokenName}. It is good for five minutes and this call alone.`,
  },
  exact: true,
})

/** Adds the token argument to the listing of a tool whose calls may need one. Signing in changes nothing in Kustomer. */
export function withTokenArgument(
  mode: ConfirmMode,
  { annotations, group, endpoint, inputSchema }: Tool,
): ObjectSchema {
  const isAsked = mode !== 'none' || endpoint?.alwaysConfirm === true
  if (!isAsked || annotations.readOnlyHint || group === 'connection') return inputSchema
  const description = 'Only to confirm: the token of the plan.'
  const properties = { ...inputSchema.properties, [tokenName]: { type: 'string', description } }
  return { ...inputSchema, properties }
}
