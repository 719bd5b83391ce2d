import type { Scope } from './principal.ts'
import { withoutSlash } from './safe-url.ts'

/** How clients learn where to sign in (RFC 9728). */
export interface ProtectedResource {
  /** Where the document is served; clients try all of them. */
  paths: readonly string[]
  /** The address of the document, for challenges. */
  metadataUrl: string
  document: object
  /** The scopes to ask for at first. */
  scopes: readonly Scope[]
}

const wellKnown = '/.well-known/oauth-protected-resource'

/** Describes an endpoint by its public URL. The issuer stands there as it was given, because clients compare it. */
export function protectedResource(
  resource: string,
  issuer: string,
  scopes: readonly Scope[],
): ProtectedResource {
  const { origin, pathname } = new URL(resource)
  const own = `${wellKnown}${withoutSlash(pathname)}`
  return {
    // A proxy may take a prefix of the public path away.
    paths: [...new Set([own, `${wellKnown}/mcp`, wellKnown])],
    metadataUrl: `${origin}${own}`,
    document: {
      resource,
      authorization_servers: [issuer],
      scopes_supported: scopes,
      bearer_methods_supported: ['header'],
      resource_name: 'Kustomer',
    },
    scopes,
  }
}
