import * as z from 'zod'
import type { Cache } from '../cache.ts'
import { withDeadline } from '../deadline.ts'
import { Failure, type Reason } from '../failure.ts'
import { shared, unlessAborted } from '../shared-promise.ts'
import { isMembraneId } from './argv.ts'
import type { Membrane } from './client.ts'
import { chooseConnection } from './connection.ts'

/** The connection that this server works with. */
export interface Workspace {
  /**
   * Runs a task with the connection's id, which is looked up once and kept on disk. When the task fails in a way
   * that a changed connection explains, the id is forgotten, so that the next call looks again.
   */
  use<T>(signal: AbortSignal, task: (connectionId: string) => Promise<T>): Promise<T>
  /** The id that `use` would take without asking the CLI, if there is one. */
  known(): Promise<string | undefined>
  /** Takes the id of a connection that a person picked: `use` takes it from now on, also after a restart. */
  choose(connectionId: string): Promise<void>
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
export function createWorkspace({ membrane, cache, configured, scope }: WorkspaceOptions): Workspace {
  const cacheKey = `${scope}|${configured ?? ''}`

  async function known(): Promise<string | undefined> {
    if (configured !== undefined && isMembraneId(configured)) return configured
    return cache.read('connection', cacheKey, z.string())
  }

  const connection = shared(async () => {
    const id = await known()
    if (id !== undefined) return id
    const chosen = chooseConnection(await withDeadline(lookUpMs, membrane.listConnections), configured)
    await cache.write('connection', cacheKey, chosen.id)
    return chosen.id
  })

  async function forget() {
    connection.forget()
    await cache.remove('connection', cacheKey)
  }

  return {
    known,
    async choose(connectionId) {
      await cache.write('connection', cacheKey, connectionId)
      connection.forget()
    },
    forget,
    async use(signal, task) {
      const id = await unlessAborted(connection.get(), signal)
      try {
        return await task(id)
      } catch (error) {
        if (error instanceof Failure && connectionLost.has(error.reason)) await forget()
        throw error
      }
    },
  }
}
