import * as z from 'zod'
import { raceAbort } from '../async/abort.ts'
import { withDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import { isMembraneId } from '../membrane/argv.ts'
import type { Membrane } from '../membrane/client.ts'
import { type Action, actionSchema } from '../membrane/documents.ts'
import type { Cache } from '../store/cache.ts'
import { quoteUntrusted } from '../text/text.ts'
import { type BuiltInAction, overlay } from './built-in.ts'
import { findAction, isActive, type LiveAction, toLiveAction } from './live-action.ts'
import { type Offer, offerSchema, popularOf } from './offer.ts'
import { snapshotActions } from './snapshot.macro.ts'

export interface CatalogStatus {
  source: 'live' | 'snapshot'
  /** When the live list was read, ISO 8601. */
  fetchedAt?: string
  actions: number
  /** Popular actions that the live list does not have, or not ready. */
  missing: string[]
}

export interface Catalog {
  /** The popular actions in their fixed order. Answers from memory. */
  builtIn(): readonly BuiltInAction[]
  /** Reads from disk what the last live list of a connection came to. */
  load(connectionId: string): Promise<void>
  /** Reads the last live list itself from disk, where only what it came to is known: what is sent follows from it. */
  complete(): Promise<void>
  /** Reads the live list from the CLI, unless what is known is newer than `maxAgeMs`. */
  refresh(connectionId: string, maxAgeMs: number, signal: AbortSignal): Promise<void>
  /** Returns the action with this key or id. Throws Failure `action-not-found`. */
  get(connectionId: string, selector: string, signal: AbortSignal): Promise<LiveAction>
  /** Asks for actions by intent, the best first; at most `limit`. */
  find(connectionId: string, intent: string, limit: number, signal: AbortSignal): Promise<LiveAction[]>
  status(): CatalogStatus
  onChange(listener: () => void): void
}

const storedSchema = z.object({ fetchedAt: z.number(), actions: z.array(actionSchema) })
const refreshMs = 60_000
/** A list that was read this recently is not read again because an action is missing from it. */
const settledMs = 30_000
/** A list that is older than this is read again behind the call that uses it. */
const staleMs = 60 * 60_000

interface CatalogOptions {
  membrane: Membrane
  cache: Cache
  /** Keeps what is cached for one CLI apart from what is cached for another. */
  scope: string
  /** The version of this program. */
  version: string
}

/** Takes the client and the cache and returns the catalog. Until a live list is there, it offers the snapshot. */
export function createCatalog({ membrane, cache, scope, version }: CatalogOptions): Catalog {
  let live: { connectionId: string; actions: LiveAction[] } | undefined
  let offer: (Offer & { connectionId: string }) | undefined
  let offered: readonly BuiltInAction[] = snapshotActions
  let refreshing: { connectionId: string; done: Promise<void> } | undefined
  let completing: { connectionId: string; done: Promise<void> } | undefined
  const found = new Map<string, LiveAction>()
  const listeners: (() => void)[] = []
  const cacheKey = (connectionId: string) => `${scope}|${connectionId}`
  const foundKey = (connectionId: string, selector: string) => `${connectionId}|${selector}`

  function make(connectionId: string, next: Offer) {
    offer = { connectionId, ...next }
    const before = JSON.stringify(offered.map(({ listing }) => listing))
    offered = popularOf(next)
    if (JSON.stringify(offered.map(({ listing }) => listing)) !== before) for (const tell of listeners) tell()
  }

  function adopt(connectionId: string, fetchedAt: number, all: readonly Action[]): Offer {
    const actions = all.filter(isActive).map(toLiveAction)
    live = { connectionId, actions }
    const forms = snapshotActions.map((entry) => {
      const { schema, listing } = overlay(entry, findAction(actions, entry.key))
      return [entry.key, { schema, listing }] as const
    })
    const missing = snapshotActions.map(({ key }) => key).filter((key) => !findAction(actions, key)?.ready)
    const next = { fetchedAt, actions: actions.length, missing, forms: Object.fromEntries(forms) }
    make(connectionId, next)
    return next
  }

  async function load(connectionId: string) {
    const stored = await cache.read('offer', cacheKey(connectionId), offerSchema(version))
    if (stored === undefined) await loadLive(connectionId)
    else make(connectionId, stored)
  }

  async function loadLive(connectionId: string) {
    const stored = await cache.read('actions', cacheKey(connectionId), storedSchema)
    // Another server, or a reading that ended meanwhile, may know more than what was on disk.
    const isOlder = offer?.connectionId === connectionId && (stored?.fetchedAt ?? 0) < offer.fetchedAt
    if (stored !== undefined && !isOlder) adopt(connectionId, stored.fetchedAt, stored.actions)
  }

  const isLoaded = (connectionId: string) => live?.connectionId === connectionId

  /** Once for all who ask, who go on in the order in which they asked. */
  async function complete(connectionId = offer?.connectionId) {
    if (connectionId === undefined || isLoaded(connectionId)) return
    if (completing?.connectionId !== connectionId) completing = { connectionId, done: loadLive(connectionId) }
    await completing.done
  }

  async function readLive(connectionId: string) {
    const actions = await withDeadline(refreshMs, (signal) => membrane.listActions(connectionId, signal))
    const fetchedAt = Date.now()
    found.clear()
    const next = adopt(connectionId, fetchedAt, actions)
    await cache.write('actions', cacheKey(connectionId), { fetchedAt, actions })
    await cache.write('offer', cacheKey(connectionId), { version, ...next })
  }

  /** In milliseconds. A list from the future, as a clock set back makes it, is as good as none. */
  function age(connectionId: string) {
    const ms = offer?.connectionId === connectionId ? Date.now() - offer.fetchedAt : -1
    return ms < 0 ? Number.POSITIVE_INFINITY : ms
  }

  /** One reading serves all who ask for it at the same time; each of them waits no longer than its own signal lets it. */
  async function refresh(connectionId: string, maxAgeMs: number, signal: AbortSignal) {
    if (age(connectionId) < maxAgeMs) return
    if (refreshing?.connectionId !== connectionId) {
      const done = readLive(connectionId).finally(() => {
        if (refreshing?.done === done) refreshing = undefined
      })
      refreshing = { connectionId, done }
    }
    await raceAbort(refreshing.done, signal)
  }

  async function get(connectionId: string, selector: string, signal: AbortSignal) {
    const known = () => (isLoaded(connectionId) ? findAction(live?.actions ?? [], selector) : undefined)
    await complete(connectionId)
    const first = known() ?? found.get(foundKey(connectionId, selector))
    if (first?.ready) {
      // Used as it is, and read anew for the calls after this one. Its failure is theirs to tell.
      if (age(connectionId) > staleMs) refresh(connectionId, staleMs, signal).catch(() => undefined)
      return first
    }
    await refresh(connectionId, isLoaded(connectionId) ? settledMs : 0, signal)
    const action = known() ?? (await lookUp(connectionId, selector, signal)) ?? first
    if (action === undefined) {
      throw new ToolError(
        'action-not-found',
        `The connection has no action with the key or id ${quoteUntrusted(selector, 80)}.`,
      )
    }
    if (action.ready) return action
    throw new ToolError(
      'action-not-found',
      `The action ${action.name} is still being built; it may be ready in a minute.`,
    )
  }

  /** For an action that the plain list leaves out: by its id where the CLI can, else by intent. */
  async function lookUp(connectionId: string, selector: string, signal: AbortSignal) {
    const { actionGet } = await membrane.getInfo(signal)
    // A key is looked for in the connection alone: another app's action may have the same.
    if (!actionGet || !isMembraneId(selector)) {
      const words =
        snapshotActions.find(({ key }) => key === selector)?.title ?? selector.replaceAll('-', ' ')
      return findAction(await find(connectionId, words, 50, signal), selector)
    }
    try {
      const action = await membrane.getAction(selector, signal)
      return isActive(action) ? toLiveAction(action) : undefined
    } catch (error) {
      if (error instanceof ToolError && /not-found|invalid-input/.test(error.reason)) return undefined
      throw error
    }
  }

  async function find(connectionId: string, intent: string, limit: number, signal: AbortSignal) {
    const actions = (await membrane.findActions(connectionId, intent, limit, signal))
      .filter(isActive)
      .map(toLiveAction)
    for (const action of actions) {
      for (const name of [action.id, action.key]) if (name) found.set(foundKey(connectionId, name), action)
    }
    return actions
  }

  return {
    builtIn: () => offered,
    load,
    complete: () => complete(),
    refresh,
    get,
    find,
    status: () => ({
      source: offer === undefined ? 'snapshot' : 'live',
      ...(offer === undefined ? {} : { fetchedAt: new Date(offer.fetchedAt).toISOString() }),
      actions: offer?.actions ?? snapshotActions.length,
      missing: offer?.missing ?? [],
    }),
    onChange: (listener) => void listeners.push(listener),
  }
}
