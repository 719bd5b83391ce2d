import * as z from 'zod'
import { withDeadline } from '../async/deadline.ts'
import { memoizeAsync, raceAbort } from '../async/memoize.ts'
import { type Reason, ToolError } from '../errors.ts'
import type { Cache } from '../store/cache.ts'
import { isMembraneId } from './argv.ts'
import type { Membrane } from './client.ts'
import { chooseConnection } from './connection.ts'

/** The connection that this server works with. */
export interface ConnectionResolver {
  /**
   * Runs a task with the connection's id, which is looked up once and kept on disk. When the task fails in a way
   * that a changed connection explains, the id is forgotten, so that the next call looks again.
   */
  withConnection<T>(signal: AbortSignal, task: (connectionId: string) => Promise<T>): Promise<T>
  /** Returns the connection's id, which is looked up once and kept on disk. */
  resolve(signal: AbortSignal): Promise<string>
  /**
   * Runs a task on a connection. A failure that a changed connection explains drops the cached id, so that the next
   * call looks it up again.
   */
  use<T>(task: () => Promise<T>): Promise<T>
  /** The id that `use` would take without asking the CLI, if there is one. */
  cachedId(): Promise<string | undefined>
  /** Takes the id of a connection that a person picked: `use` takes it from now on, also after a restart. */
  select(connectionId: string): Promise<void>
  forget(): Promise<void>
}

const connectionLost: ReadonlySet<Reason> = new Set(['not-connected', 'connection-needs-attention'])
const lookUpMs = 60_000

interface WorkspaceOptions {
  membrane: Membrane
  cache: Cache
  /** The connection that the configuration names. */
  configured: string | undefined
  /** Keeps what is cached for one CLI apart from what is cached for another. */
  scope: string
}

/** Takes the client and what is configured, and returns the workspace. Asks nothing before the first `use`. */
export function createConnectionResolver({
  membrane,
  cache,
  configured,
  scope,
}: WorkspaceOptions): ConnectionResolver {
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
    cachedId,
    async select(connectionId) {
      await cache.write('connection', cacheKey, connectionId)
      connection.forget()
    },
    forget,
    resolve,
    use,
    async withConnection(signal, task) {
      const id = await resolve(signal)
      return use(() => task(id))
    },
  }
}
