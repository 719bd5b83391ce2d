import { createHash, randomBytes } from 'node:crypto'
import { ToolError } from '../errors.ts'
import type { RiskLevel } from '../kustomer/risk.ts'
import type { CallIdentity } from '../tools/tool.ts'

export type ConfirmMode = 'none' | 'customer-visible' | 'writes'

/** Tokens for calls that were shown to a person or an agent and not carried out yet. */
export interface Confirmations {
  /** Returns a new token, bound to exactly this call, that `redeem` takes once and for a short time. */
  issue(call: CallIdentity): string
  redeem(call: CallIdentity, token: string): boolean
}

const lifetimeMs = 5 * 60_000
const maxPending = 200

/** Takes the mode and what a call would do, and returns whether it needs a confirming step. */
export function needsConfirmation(mode: ConfirmMode, effect: RiskLevel): boolean {
  if (mode === 'none' || effect === 'read') return false
  return mode === 'writes' || effect === 'customer-visible' || effect === 'destructive'
}

/** Returns a fresh set of tokens; they live in memory alone, so that a restart makes every one of them void. */
export function createConfirmations(now: () => number = Date.now): Confirmations {
  const pending = new Map<string, { digest: string; expires: number }>()
  return {
    issue(call) {
      const token = randomBytes(9).toString('base64url')
      pending.set(token, { digest: digestOf(call), expires: now() + lifetimeMs })
      for (const [old, { expires }] of pending)
        if (expires < now() || pending.size > maxPending) pending.delete(old)
      return token
    },
    redeem(call, token) {
      const known = pending.get(token)
      if (known === undefined || known.expires < now() || known.digest !== digestOf(call)) return false
      return pending.delete(token)
    },
  }
}

/** Deeper than any record of Kustomer nests; what nests until the stack ends must not end a call unexplained. */
const maxDepth = 200

/**
 * Takes a call and returns a digest that is the same for the same arguments in any order of their names.
 * Throws Failure `invalid-input` for arguments that nest too deeply.
 */
export function digestOf({ tool, args }: CallIdentity): string {
  return createHash('sha256')
    .update(JSON.stringify([tool, sorted(args)]))
    .digest('hex')
}

function sorted(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth)
    throw new ToolError('invalid-input', `The arguments nest deeper than ${maxDepth} levels.`)
  if (Array.isArray(value)) return value.map((item) => sorted(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member, depth + 1)]),
  )
}
