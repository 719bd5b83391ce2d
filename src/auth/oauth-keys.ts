import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose'

/** The keys cannot be had now, which is no fault of the token. */
export class KeysUnavailableError extends Error {}

/** After this, keys are loaded anew before the next token is verified. */
const maxAgeMs = 600_000
/** Between two loads because of a key that is not in the set: tokens with made-up keys cause no more. */
const cooldownMs = 30_000
/** Between two loads of which the first failed. */
const retryMs = 5000

export interface KeyOptions {
  load: () => Promise<JSONWebKeySet>
  now: () => number
  onFailure: (error: Error) => void
}

/**
 * Finds the key of a token in a set that is loaded at the first token. While it cannot be loaded anew, the last one holds.
 * Rejects with KeysUnavailableError when the key may be in a set that could not be loaded.
 */
export function createOauthKeys({ load, now, onFailure }: KeyOptions): JWTVerifyGetKey {
  let known: { find: JWTVerifyGetKey; loadedAt: number } | undefined
  let failedAt: number | undefined
  let loading: Promise<void> | undefined

  const refresh = () => {
    loading ??= loadNow().finally(() => {
      loading = undefined
    })
    return loading
  }

  async function loadNow() {
    try {
      known = { find: createLocalJWKSet(await load()), loadedAt: now() }
      failedAt = undefined
    } catch (error) {
      failedAt = now()
      onFailure(error as Error)
    }
  }

  const isOlderThan = (ms: number) => known === undefined || now() - known.loadedAt >= ms
  const mayLoad = () => failedAt === undefined || now() - failedAt >= retryMs

  function lastKnown() {
    if (known === undefined) throw new KeysUnavailableError('The keys of the issuer cannot be loaded.')
    return known
  }

  return async (header, token) => {
    if (isOlderThan(maxAgeMs) && mayLoad()) await refresh()
    try {
      return await lastKnown().find(header, token)
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
      if (isOlderThan(cooldownMs) && mayLoad()) await refresh()
      if (failedAt !== undefined) throw new KeysUnavailableError('The issuer may have new keys.')
      return lastKnown().find(header, token)
    }
  }
}
