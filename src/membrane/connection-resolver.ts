import * as z from 'zod'
import { raceAbort, withDeadline } from '../async/deadline.ts'
import { memoizeAsync } from '../async/memoize.ts'
import { type Reason, ToolError } from '../errors.ts'
import type { Cache } from '../store/cache.ts'
import { isMembraneId } from './argv.ts'
import type { Membrane } from './client.ts'
import { chooseConnection } from './connection.ts'

export interface ConnectionResolver {
  /** `resolve`, then `use`. */
  withConnection<T>(signal: AbortSignal, task: (connectionId: string) => Promise<T>): Promise<T>
  /** Looks the id up once and caches it on disk. */
  resolve(signal: AbortSignal): Promise<string>
  /** Runs a task on the connection. A failure that a changed connection explains clears the cache. */
  use<T>(task: () => Promise<T>): Promise<T>
  /** The id that `withConnection` would use without asking the CLI, if there is one. */
  cachedId(): Promise<string | undefined>
  select(connectionId: string): Promise<void>
  forget(): Promise<void>
}

const connectionLost: ReadonlySet<Reason> = new Set(['not-connected', 'connection-needs-attention'])
const lookUpMs = 60_000

interface ConnectionResolverOptions {
  membrane: Membrane
  cache: Cache
  configured: string | undefined
  /** Keeps what is cached for one CLI apart from what is cached for another. */
  scope: string
}

/** Asks the CLI nothing before the first `withConnection`. */
export function createConnectionResolver({
  membrane,
  cache,
  configured,
  scope,
}: ConnectionResolverOptions): ConnectionResolver {
  const cacheKey = `${scope}|${configured ?? ''}`

  async function cachedId(): Promise<string | undefined> {
    if (configured !== undefined && isMembraneId(configured)) return configured
    return cache.read('connection', cacheKey, z.string())
  }

  const connection = memoizeAsync(async () => {
    const id = await cachedId()
    if (id !== undefined) return id
    const chosen = chooseConnection(await withDeadline(lookUpMs, membrane.listConnections), configured)
    await cache.write('connection', cacheKey, chosen.id)
    return chosen.id
  })

  async function forget() {
    connection.forget()
    await cache.remove('connection', cacheKey)
  }

  const resolve = (signal: AbortSignal) => raceAbort(connection.get(), signal)

  async function use<T>(task: () => Promise<T>): Promise<T> {
    try {
      return await task()
    } catch (error) {
      if (error instanceof ToolError && connectionLost.has(error.reason)) await forget()
      throw error
    }
  }

  return {
    resolve,
    use,
    cachedId,
    async select(connectionId) {
      await cache.write('connection', cacheKey, connectionId)
      connection.forget()
    },
    forget,
    async withConnection(signal, task) {
      const id = await resolve(signal)
      return use(() => task(id))
    },
  }
}
