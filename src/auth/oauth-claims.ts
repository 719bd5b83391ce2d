import { isObject, type Json } from '../json.ts'
import { connectionForm, type Scope, scopes } from './principal.ts'

/** Which claims of a token say what it may do. */
export interface ClaimNames {
  /** Where the scopes are; `scope` and `scp` when undefined. */
  scopeClaim: string | undefined
  /** Values of the claim that stand for scopes of ours, beside the scopes' own names. */
  scopeMap: readonly (readonly [value: string, scope: Scope])[]
  /** Where the connection is; tokens name none when undefined. */
  connectionClaim: string | undefined
}

export function scopesOf(payload: Json, { scopeClaim, scopeMap }: ClaimNames): ReadonlySet<Scope> {
  const claims =
    scopeClaim === undefined ? [payload['scope'], payload['scp']] : [claimAt(payload, scopeClaim)]
  const held = new Set(claims.flatMap(wordsIn))
  const own = scopes.filter((scope) => held.has(scope))
  const mapped = scopeMap.flatMap(([value, scope]) => (held.has(value) ? [scope] : []))
  return new Set([...own, ...mapped])
}

/** The connection of a token: undefined where none is asked for, `missing` where the claim names none. */
export function connectionOf(
  payload: Json,
  { connectionClaim }: ClaimNames,
): { connection: string | undefined } | 'missing' {
  if (connectionClaim === undefined) return { connection: undefined }
  const connection = claimAt(payload, connectionClaim)
  return typeof connection === 'string' && connectionForm.test(connection) ? { connection } : 'missing'
}

/** A claim by its whole name, which may be a URL, or by a path of names such as `realm_access.roles`. */
function claimAt(payload: Json, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name]
  return name
    .split('.')
    .reduce<unknown>((value, part) => (isObject(value) ? value[part] : undefined), payload)
}

function wordsIn(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ')
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : []
}
