import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Principal } from './principal.ts'

/** Whose Kustomer a principal works in, and where what is remembered of it is kept. */
export interface Identity {
  /** Equal for the same subject on the same connection, whichever token it shows. */
  cacheScope: string
  /** The connection of its calls; undefined for the only usable one. */
  connection: string | undefined
  /** Whether the principal may know of this connection alone. */
  isBound: boolean
  /** Its part of the state folder. */
  stateDir: string
}

interface Served {
  connection: string | undefined
  stateDir: string
}

/** The local principal has the state folder that a server on stdin and stdout has too. */
export function identity(
  { issuer, subject, connection }: Principal,
  { connection: configured, stateDir }: Served,
): Identity {
  const own = { connection: connection ?? configured, isBound: connection !== undefined }
  if (issuer === 'local') return { ...own, cacheScope: 'local', stateDir }
  // Nothing of a claim becomes a name of a folder.
  const cacheScope = createHash('sha256')
    .update(JSON.stringify([issuer, subject, own.connection]))
    .digest('hex')
    .slice(0, 32)
  return { ...own, cacheScope, stateDir: join(stateDir, 'principals', cacheScope) }
}
