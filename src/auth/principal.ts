/** What a principal may do. `kustomer:write` includes `kustomer:read`. */
export const scopes = ['kustomer:read', 'kustomer:write', 'kustomer:connect'] as const
export type Scope = (typeof scopes)[number]

/** Who is asking. It is made before any protocol code runs, and nothing of a request can change it. */
export interface Principal {
  /** Who vouches for the subject: `local`, `token`, or the URL of an OAuth issuer. */
  issuer: string
  subject: string
  scopes: ReadonlySet<Scope>
  /** The connection that its calls use, in the place of the configured one. */
  connection?: string | undefined
  /** Names the token, and is not the token. */
  tokenId?: string | undefined
}

/** The person at this machine: whoever can start the program may do all that its options allow. */
export const localPrincipal: Principal = { issuer: 'local', subject: 'local', scopes: new Set(scopes) }

export const hasScope = ({ scopes: held }: Principal, scope: Scope): boolean =>
  held.has(scope) || (scope === 'kustomer:read' && held.has('kustomer:write'))

/** The id or key of a connection: nothing that a command line takes for a flag. */
export const connectionForm: RegExp = /^[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,127}$/

/** The scopes to ask for when one is missing. Those held stand there too, because a new token replaces the old one. */
export function scopesToAsk({ scopes: held }: Principal, missing: Scope): Scope[] {
  const asked = new Set([...held, missing])
  return scopes.filter(
    (scope) => asked.has(scope) && (scope !== 'kustomer:read' || !asked.has('kustomer:write')),
  )
}
