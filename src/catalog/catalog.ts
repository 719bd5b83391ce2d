import * as z from 'zod'
import { raceAbort, withDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import { isMembraneId } from '../membrane/argv.ts'
import type { Membrane } from '../membrane/client.ts'
import { type Action, actionSchema } from '../membrane/documents.ts'
import type { Cache } from '../store/cache.ts'
import { quoteUntrusted } from '../text/quote.ts'
import { type BuiltInAction, overlay } from './built-in.ts'
import { findAction, isActive, type LiveAction, toLiveAction } from './live-action.ts'
import { isRanked, rankActions } from './rank-actions.ts'
import { snapshotActions } from './snapshot.macro.ts'

export interface CatalogStatus {
  source: 'live' | 'snapshot'
  /** ISO 8601. */
  fetchedAt?: string
  actions: number
  /** Built-in actions that are missing from the live list or not ready. */
  missing: string[]
}

export interface Catalog {
  /** In fixed order; another array after each change. */
  builtIn(): readonly BuiltInAction[]
  /** Reads the cached list of a connection. */
  load(connectionId: string): Promise<void>
  /** Reads the live list unless it is newer than `maxAgeMs`. */
  refresh(connectionId: string, maxAgeMs: number, signal: AbortSignal): Promise<void>
  /** Finds an action by key or id. Throws ToolError `action-not-found`. */
  get(connectionId: string, selector: string, signal: AbortSignal): Promise<LiveAction>
  /** Searches by intent, best match first. */
  find(connectionId: string, intent: string, limit: number, signal: AbortSignal): Promise<LiveAction[]>
  status(): CatalogStatus
  onChange(listener: () => void): void
}

interface CatalogOptions {
  membrane: Membrane
  cache: Cache
  /** Separates the lists of different CLIs. */
  scope: string
  now?: () => number
}

interface LiveList {
  connectionId: string
  /** Milliseconds since 1970. */
  fetchedAt: number
  actions: readonly LiveAction[]
}

const storedSchema = z.object({ fetchedAt: z.int().min(0).max(8.64e15), actions: z.array(actionSchema) })
const refreshTimeoutMs = 60_000
/** A list this fresh is not read again for a missing action. */
const settledMs = 30_000
/** An older list is refreshed in the background. */
const staleMs = 60 * 60_000

const textOfListings = (actions: readonly BuiltInAction[]) =>
  JSON.stringify(actions.map(({ listing }) => listing))

/** Starts with the built-in snapshot and never waits for the CLI to list its actions. */
export function createCatalog({ membrane, cache, scope, now = Date.now }: CatalogOptions): Catalog {
  let live: LiveList | undefined
  let builtIn = snapshotActions
  let refreshing: { connectionId: string; done: Promise<void> } | undefined
  /** Search results, which the live list may lack. */
  const searchResults = new Map<string, LiveAction>()
  const listeners: (() => void)[] = []
  const cacheKey = (connectionId: string) => `${scope}|${connectionId}`
  const searchKey = (connectionId: string, selector: string) => `${connectionId}|${selector}`
  const listOf = (connectionId: string) => (live?.connectionId === connectionId ? live : undefined)

  function publish(connectionId: string, fetchedAt: number, all: readonly Action[]) {
    const actions = all.filter(isActive).map(toLiveAction)
    live = { connectionId, fetchedAt, actions }
    const before = builtIn
    builtIn = snapshotActions.map((entry) => overlay(entry, findAction(actions, entry.key)))
    if (listeners.length > 0 && textOfListings(before) !== textOfListings(builtIn))
      for (const listener of listeners) listener()
  }

  async function load(connectionId: string) {
    const stored = await cache.read('actions', cacheKey(connectionId), storedSchema)
    // A concurrent refresh is newer than the disk.
    const isNewer = (stored?.fetchedAt ?? 0) > (listOf(connectionId)?.fetchedAt ?? -1)
    if (stored !== undefined && isNewer) publish(connectionId, stored.fetchedAt, stored.actions)
  }

  async function fetchList(connectionId: string) {
    const actions = await withDeadline(refreshTimeoutMs, (signal) =>
      membrane.listActions(connectionId, signal),
    )
    const fetchedAt = now()
    searchResults.clear()
    publish(connectionId, fetchedAt, actions)
    await cache.write('actions', cacheKey(connectionId), { fetchedAt, actions })
  }

  /** In milliseconds; infinite for a list from the future, as after a clock change. */
  function age(connectionId: string) {
    const list = listOf(connectionId)
    const ms = list === undefined ? -1 : now() - list.fetchedAt
    return ms < 0 ? Number.POSITIVE_INFINITY : ms
  }

  /** Single flight: callers share one read, and each waits no longer than its signal. */
  async function refresh(connectionId: string, maxAgeMs: number, signal: AbortSignal) {
    if (age(connectionId) < maxAgeMs) return
    if (refreshing?.connectionId !== connectionId) {
      const done = fetchList(connectionId).finally(() => {
        if (refreshing?.done === done) refreshing = undefined
      })
      refreshing = { connectionId, done }
    }
    await raceAbort(refreshing.done, signal)
  }

  async function get(connectionId: string, selector: string, signal: AbortSignal) {
    const known = () => findAction(listOf(connectionId)?.actions ?? [], selector)
    const first = known() ?? searchResults.get(searchKey(connectionId, selector))
    if (first?.ready) {
      // Stale-while-revalidate. An error of the refresh surfaces on a later call.
      if (age(connectionId) > staleMs) refresh(connectionId, staleMs, signal).catch(() => undefined)
      return first
    }
    await refresh(connectionId, settledMs, signal)
    const action = known() ?? (await lookUp(connectionId, selector, signal)) ?? first
    if (action?.ready) return action
    // The action's own name is untrusted, so the caller's selector is shown.
    const message =
      action === undefined
        ? `The connection has no action with the key or id ${quoteUntrusted(selector, 80)}.`
        : `The action ${quoteUntrusted(selector, 80)} is still being built; it may be ready in a minute.`
    throw new ToolError('action-not-found', message)
  }

  async function lookUp(connectionId: string, selector: string, signal: AbortSignal) {
    const { actionGet } = await membrane.getInfo(signal)
    // `action get` by key could find another app's action.
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
    const found = await membrane.findActions(connectionId, intent, limit, signal)
    const results = found.filter(isActive).map(toLiveAction)
    const all = listOf(connectionId)?.actions ?? []
    // A CLI that ignores the intent returns the plain list.
    const actions = isRanked(results, all)
      ? results
      : rankActions(all.length > 0 ? all : results, intent).slice(0, limit)
    for (const action of results)
      for (const name of [action.id, action.key])
        if (name) searchResults.set(searchKey(connectionId, name), action)
    return actions
  }

  function status(): CatalogStatus {
    if (live === undefined) return { source: 'snapshot', actions: snapshotActions.length, missing: [] }
    const { actions, fetchedAt } = live
    return {
      source: 'live',
      fetchedAt: new Date(fetchedAt).toISOString(),
      actions: actions.length,
      missing: snapshotActions.map(({ key }) => key).filter((key) => !findAction(actions, key)?.ready),
    }
  }

  return {
    builtIn: () => builtIn,
    load,
    refresh,
    get,
    find,
    status,
    onChange: (listener) => void listeners.push(listener),
  }
}
