import { createHash } from 'node:crypto'
import {
  decodeJwt,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose'
import { LRUCache } from 'lru-cache'
import { type ClaimNames, connectionOf, scopesOf } from './oauth-claims.ts'
import { createOauthKeys, type KeyOptions, KeysUnavailableError } from './oauth-keys.ts'
import type { Principal } from './principal.ts'
import { withoutSlash } from './safe-url.ts'

export interface VerifierOptions extends ClaimNames, KeyOptions {
  issuer: string
  /** Whom a token may be made for. One of them is enough. */
  audiences: readonly string[]
}

/** Why a JWT is refused, in the words of the challenge and of the log. */
export type OauthRefusal =
  | 'malformed'
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-algorithm'
  | 'wrong-signature'
  | 'expired'
  | 'not-yet-valid'
  | 'incomplete'
  | 'no-scope'
  | 'no-connection'
  | 'keys-unavailable'

export type VerifyOauth = (token: string) => Promise<Principal | OauthRefusal>

/** None with a shared secret: a public key is no secret. */
const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA']
const clockToleranceSeconds = 30
const cachedMs = 60_000
const mostCached = 1000

/** With and without one slash at the end, where it is a URL. */
const spellings = (text: string): string[] =>
  URL.canParse(text) ? [withoutSlash(text), `${withoutSlash(text)}/`] : [text]

/** Makes principals from the access tokens of one issuer. What was verified holds for a minute, and never past its expiry. */
export function createOauthVerifier(options: VerifierOptions): VerifyOauth {
  const { now, onFailure } = options
  const issuer = spellings(options.issuer)
  const audience = options.audiences.flatMap(spellings)
  const keys = createOauthKeys(options)
  const verified = new LRUCache<string, { principal: Principal; until: number }>({ max: mostCached })

  async function verify(token: string, digest: string): Promise<Principal | OauthRefusal> {
    // A token of another issuer loads no keys.
    if (!issuer.includes(String(decodeJwt(token).iss))) return 'wrong-issuer'
    const payload = await payloadOf(token, keys, {
      issuer,
      audience,
      algorithms,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: clockToleranceSeconds,
      currentDate: new Date(now()),
    })
    const { sub: subject, exp = 0 } = payload
    if (typeof subject !== 'string' || subject === '') return 'incomplete'
    const scopes = scopesOf(payload, options)
    if (scopes.size === 0) return 'no-scope'
    const named = connectionOf(payload, options)
    if (named === 'missing') return 'no-connection'
    const principal = { issuer: options.issuer, subject, scopes, ...named, tokenId: digest.slice(0, 12) }
    verified.set(digest, { principal, until: Math.min(exp * 1000, now() + cachedMs) })
    return principal
  }

  return async (token) => {
    const digest = createHash('sha256').update(token).digest('hex')
    const known = verified.get(digest)
    if (known !== undefined && now() < known.until) return known.principal
    return verify(token, digest).catch((error: Error) => {
      const refusal = refusalOf(error)
      if (refusal !== undefined) return refusal
      onFailure(error)
      return 'wrong-signature'
    })
  }
}

/** Verifies a token. One that does not name its key is tried with each key that fits. */
async function payloadOf(
  token: string,
  keys: JWTVerifyGetKey,
  options: JWTVerifyOptions,
): Promise<JWTPayload> {
  try {
    return (await jwtVerify(token, keys, options)).payload
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
    for await (const key of error) {
      const result = await jwtVerify(token, key, options).catch((failure: Error) => {
        if (!(failure instanceof errors.JWSSignatureVerificationFailed)) throw failure
      })
      if (result !== undefined) return result.payload
    }
    throw new errors.JWSSignatureVerificationFailed()
  }
}

const refusalOfClaim: Readonly<Record<string, OauthRefusal>> = {
  iss: 'wrong-issuer',
  aud: 'wrong-audience',
  nbf: 'not-yet-valid',
}

/** Undefined for what no token should cause, such as a key of the issuer that cannot be used. */
function refusalOf(error: Error): OauthRefusal | undefined {
  if (error instanceof KeysUnavailableError) return 'keys-unavailable'
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed)
    return error.reason === 'check_failed' ? (refusalOfClaim[error.claim] ?? 'incomplete') : 'incomplete'
  if (error instanceof errors.JOSEAlgNotAllowed) return 'wrong-algorithm'
  if (error instanceof errors.JWKSNoMatchingKey) return 'wrong-signature'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'wrong-signature'
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) return 'malformed'
  if (error instanceof errors.JOSENotSupported) return 'malformed'
  return undefined
}
