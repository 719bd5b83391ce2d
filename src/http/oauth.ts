import type { VerifyOauth } from '../auth/oauth-verifier.ts'
import { scopes } from '../auth/principal.ts'
import { type ProtectedResource, protectedResource } from '../auth/protected-resource.ts'
import { oauthSettings } from '../config/oauth-settings.ts'
import { type Config, flagOf } from '../config/options.ts'
import { UsageError } from '../errors.ts'
import type { Logger } from '../logger.ts'

export interface Oauth {
  verify: VerifyOauth
  resource: ProtectedResource
}

/**
 * Who signs in by OAuth, and how clients learn of it; undefined without an issuer. The issuer is asked at the first token.
 * Rejects with UsageError for options that do not go together, and for a key file that is none.
 */
export async function createOauth(
  config: Config,
  log: Logger,
  now: () => number = Date.now,
): Promise<Oauth | undefined> {
  const settings = oauthSettings(config)
  if (settings === undefined) return undefined
  const { issuer, publicUrl } = settings
  const { oauthJwksFile: file, oauthAudience, oauthScopeClaim, oauthScopeMap, oauthConnectionClaim } = config
  const [{ createOauthVerifier }, { fetchIssuerKeys, readKeysFile }] = await Promise.all([
    import('../auth/oauth-verifier.ts'),
    import('../auth/oauth-documents.ts'),
  ])
  if (file !== undefined)
    await readKeysFile(file).catch(({ message }: Error) => {
      throw new UsageError(`${flagOf('oauthJwksFile')}: ${message}`)
    })
  const verify = createOauthVerifier({
    issuer,
    audiences: oauthAudience.length > 0 ? oauthAudience : [publicUrl],
    scopeClaim: oauthScopeClaim,
    scopeMap: oauthScopeMap,
    connectionClaim: oauthConnectionClaim,
    load: () => (file === undefined ? fetchIssuerKeys(issuer) : readKeysFile(file)),
    now,
    onFailure: ({ message }) => log.warn({ event: 'issuer', error: message }),
  })
  const advertised = config.oauthAdvertise === 'all' ? scopes : ['kustomer:read' as const]
  return { verify, resource: protectedResource(publicUrl, issuer, advertised) }
}
