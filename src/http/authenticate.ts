import type { OauthRefusal, VerifyOauth } from '../auth/oauth-verifier.ts'
import { localPrincipal, type Principal } from '../auth/principal.ts'
import type { Refusal, StaticTokens } from '../auth/static-tokens.ts'
import type { Config } from '../config/options.ts'

/** Why a request has no principal. `absent` is no token at all. */
export type AuthenticationFailure = Refusal | OauthRefusal | 'absent'

export type Authenticate = (authorization: string | undefined) => Promise<Principal | AuthenticationFailure>

/**
 * Makes a principal from the header `Authorization`. With `auto` and no issuer, whoever reaches the server is the local
 * principal until the first token was made. Tokens that were revoked count as made: revoking the last one opens nothing.
 */
export const authenticateBy =
  (tokens: StaticTokens, auth: Config['auth'], verifyOauth?: VerifyOauth): Authenticate =>
  async (authorization) => {
    const isOpen = auth === 'auto' && verifyOauth === undefined && (await tokens.list()).length === 0
    if (isOpen) return localPrincipal
    if (authorization === undefined) return 'absent'
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    if (token === undefined) return 'malformed'
    const isStatic = verifyOauth === undefined || token.startsWith('kmcp_')
    return isStatic ? tokens.verify(token) : verifyOauth(token)
  }
