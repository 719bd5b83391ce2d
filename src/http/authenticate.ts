import type { OauthRefusal, VerifyOauth } from '../auth/oauth-verifier.ts'
import { localPrincipal, type Principal } from '../auth/principal.ts'
import type { Refusal, StaticTokens } from '../auth/static-tokens.ts'
import type { Config } from '../config/options.ts'

/** Why a request has no principal. `absent` is no token at all. */
export type AuthenticationFailure = Refusal | OauthRefusal | 'absent'

export type Authenticate = (
  header: (name: string) => string | undefined,
) => Promise<Principal | AuthenticationFailure>

/** What proxies add: who is behind one is not at this machine. */
const forwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via']

/**
 * Makes a principal from the headers of a request. With `auto`, whoever is at this machine is the local principal until
 * the first token was made. Tokens that were revoked count as made: revoking the last one opens nothing.
 */
export const authenticateBy =
  (tokens: StaticTokens, auth: Config['auth'], verifyOauth?: VerifyOauth): Authenticate =>
  async (header) => {
    const isLocal = auth === 'auto' && !forwarded.some((name) => header(name) !== undefined)
    if (isLocal && (await tokens.list()).length === 0) return localPrincipal
    const authorization = header('authorization')
    if (authorization === undefined) return 'absent'
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    if (token === undefined) return 'malformed'
    const isStatic = verifyOauth === undefined || token.startsWith('kmcp_')
    return isStatic ? tokens.verify(token) : verifyOauth(token)
  }
