import { fetchIssuerKeys } from '../../src/auth/oauth-documents.ts'
import { createOauthVerifier, type VerifierOptions } from '../../src/auth/oauth-verifier.ts'
import { type Claims, claimsAt, type Issuer, type IssuerKey, signToken, startIssuer } from './oauth-issuer.ts'

export const resource = 'https://mcp.example.com/mcp'

/** A verifier of the tokens of a local issuer, with a clock that the test moves. */
export async function setUpVerifier(options: Partial<VerifierOptions> = {}, issuer?: Issuer) {
  const local = issuer ?? (await startIssuer())
  const clock = { ms: Date.parse('2026-11-25T12:00:00Z') }
  const failures: string[] = []
  const verify = createOauthVerifier({
    issuer: local.url,
    audiences: [resource],
    scopeClaim: undefined,
    scopeMap: [],
    connectionClaim: undefined,
    load: () => fetchIssuerKeys(local.url),
    now: () => clock.ms,
    onFailure: ({ message }) => void failures.push(message),
    ...options,
  })
  const claims = (changed: Claims = {}) => ({ ...claimsAt(clock.ms, local.url, resource), ...changed })
  return {
    issuer: local,
    clock,
    failures,
    verify,
    claims,
    seconds: () => Math.floor(clock.ms / 1000),
    /** A token that is accepted, but for what is changed. */
    token: (changed: Claims = {}, key: IssuerKey = local.key, header: object = {}) =>
      signToken(key, claims(changed), header),
  }
}

export type VerifierSetup = Awaited<ReturnType<typeof setUpVerifier>>
