import type { AuthenticationFailure } from './authenticate.ts'
import { type Challenge, refusal } from './refusals.ts'

const notOurs = 'This is not a token of this server.'

/** What a client is told of a token for which another one is needed. */
const refusedTokens: Record<
  Exclude<AuthenticationFailure, 'absent' | 'no-scope' | 'keys-unavailable'>,
  string
> = {
  malformed: notOurs,
  unknown: notOurs,
  revoked: 'The token was revoked.',
  expired: 'The token has expired.',
  'not-yet-valid': 'The token is not valid yet.',
  'wrong-issuer': 'The token is of another issuer.',
  'wrong-audience': 'The token was made for another server.',
  'wrong-algorithm': 'The token is signed by an algorithm that is not accepted.',
  'wrong-signature': 'No key of the issuer verifies the token.',
  incomplete: 'The token has no expiry or no subject, or a claim of a wrong type.',
  'no-connection': 'The token names no connection.',
}

/** The answer to a request without a principal. */
export function refuseToken(why: AuthenticationFailure, challenge: Challenge): Response {
  if (why === 'absent') return challenge(401, 'A bearer token is needed.')
  if (why === 'no-scope')
    return challenge(403, 'The token has no scope of this server.', 'insufficient_scope')
  if (why === 'keys-unavailable')
    return refusal(503, 'The keys of the issuer cannot be loaded.', { headers: { 'Retry-After': '5' } })
  return challenge(401, refusedTokens[why], 'invalid_token')
}
