import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { join } from 'node:path'
import type { Principal, Scope } from './principal.ts'
import { createTokenFile, type TokenFile, type TokenRecord } from './token-file.ts'

export interface TokenRequest {
  subject: string
  scopes: readonly Scope[]
  connection?: string | undefined
  /** Days until it expires; it never does when absent. */
  expiresInDays?: number | undefined
}

/** Why a token is refused, in the words of the challenge. */
export type Refusal = 'malformed' | 'unknown' | 'revoked' | 'expired'

export interface StaticTokens {
  list(): Promise<readonly TokenRecord[]>
  /** The token is in the answer and nowhere else. */
  create(request: TokenRequest): Promise<TokenRecord & { token: string }>
  /** Revokes a token for good. Returns false when there is none with the id. */
  revoke(id: string): Promise<boolean>
  verify(token: string): Promise<Principal | Refusal>
}

/** The prefix tells it from a JWT on the same scheme; the secret has 256 bits. */
const form = /^kmcp_([0-9a-f]{12})_[\w-]{43}$/
const dayMs = 86_400_000

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()

/** The bearer tokens that this program made, of which it keeps digests in the state folder. */
export function createStaticTokens(stateDir: string, now: () => number = Date.now): StaticTokens {
  const file: TokenFile = createTokenFile(join(stateDir, 'tokens.json'))
  const time = (ms: number) => new Date(ms).toISOString()

  return {
    list: file.read,
    async create({ subject, scopes, connection, expiresInDays }) {
      const id = randomBytes(6).toString('hex')
      const token = `kmcp_${id}_${randomBytes(32).toString('base64url')}`
      const record: TokenRecord = {
        id,
        sha256: sha256(token).toString('hex'),
        subject,
        scopes: [...scopes],
        connection,
        created: time(now()),
        expires: expiresInDays === undefined ? undefined : time(now() + expiresInDays * dayMs),
      }
      await file.update((tokens) => [...tokens, record])
      return { ...record, token }
    },
    async revoke(id) {
      let isFound = false
      await file.update((tokens) =>
        tokens.map((token) => {
          if (token.id !== id) return token
          isFound = true
          return { ...token, revoked: token.revoked ?? time(now()) }
        }),
      )
      return isFound
    },
    async verify(token) {
      const [, id] = form.exec(token) ?? []
      if (id === undefined) return 'malformed'
      const record = (await file.read()).find((known) => known.id === id)
      if (record === undefined) return 'unknown'
      if (!timingSafeEqual(sha256(token), Buffer.from(record.sha256, 'hex'))) return 'unknown'
      if (record.revoked !== undefined) return 'revoked'
      if (record.expires !== undefined && Date.parse(record.expires) <= now()) return 'expired'
      const { subject, scopes, connection } = record
      return { issuer: 'token', subject, scopes: new Set(scopes), connection, tokenId: id }
    },
  }
}
