import { localPrincipal, type Principal } from '../auth/principal.ts'
import type { Refusal, StaticTokens } from '../auth/static-tokens.ts'
import type { Config } from '../config/options.ts'

/** Why a request has no principal. `absent` is no token at all. */
export type AuthenticationFailure = Refusal | 'absent'

export type Authenticate = (authorization: string | undefined) => Promise<Principal | AuthenticationFailure>

/**
 * Makes a principal from the header `Authorization`. With `auto`, whoever reaches the server is the local principal
 * until the first token was made. Tokens that were revoked count as made: revoking the last one opens nothing.
 */
export const authenticateBy =
  (tokens: StaticTokens, auth: Config['auth']): Authenticate =>
  async (authorization) => {
    const isOpen = auth === 'auto' && (await tokens.list()).length === 0
    if (isOpen) return localPrincipal
    if (authorization === undefined) return 'absent'
    const [, token] = /^Bearer +(\S+)$/i.exec(authorization) ?? []
    return token === undefined ? 'malformed' : tokens.verify(token)
  }
