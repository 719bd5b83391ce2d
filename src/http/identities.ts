import { LRUCache } from 'lru-cache'
import { type App, type AppDependencies, createApp } from '../app/app.ts'
import { createAccount } from '../app/shared-account.ts'
import { identity } from '../auth/identity.ts'
import type { Principal } from '../auth/principal.ts'
import type { Config } from '../config/options.ts'
import type { Logger } from '../logger.ts'
import { createFairQueue } from '../membrane/fair-queue.ts'

export interface Identities {
  /** The app of whoever is asking. Equal identities have one app; different ones share no cache, record or folder. */
  appOf(principal: Principal): App
  /** Resolves when no call is in progress. */
  idle(): Promise<void>
  /** Forgets the outcomes that were delivered. */
  close(): Promise<void>
}

/** Makes an app for each identity, all on one process queue and one budget of requests. */
export function createIdentities(
  config: Config,
  deps: Omit<AppDependencies, 'account' | 'isBound'>,
  { mostKept, onMade }: { mostKept: number; onMade: (app: App, log: Logger) => void },
): Identities {
  const account = createAccount(config)
  const queue = createFairQueue(account.gate, config.maxConcurrency)
  const halfOfAll = Math.max(2, Math.ceil(config.maxConcurrency / 2))
  const apps = new LRUCache<string, App>({
    max: mostKept,
    dispose: (app) => void end(app),
  })
  /** Apps that were dropped while they had calls. */
  const ending = new Set<Promise<void>>()

  function end(app: App): Promise<void> {
    const ended = app.idle().then(app.close)
    ending.add(ended)
    void ended.finally(() => ending.delete(ended))
    return ended
  }

  function make(principal: Principal): App {
    const { cacheScope, connection, isBound, stateDir } = identity(principal, config)
    const each = principal.issuer === 'local' ? config.maxConcurrency : halfOfAll
    const log = withPrincipal(deps.log, cacheScope)
    const app = createApp(
      { ...config, connection, stateDir },
      { ...deps, log, account: { ...account, gate: queue.of(cacheScope, each) }, isBound, sharesReads: true },
    )
    onMade(app, log)
    return app
  }

  return {
    appOf(principal) {
      const { cacheScope } = identity(principal, config)
      const known = apps.get(cacheScope)
      if (known !== undefined) return known
      const app = make(principal)
      apps.set(cacheScope, app)
      return app
    },
    idle: async () => void (await Promise.all([...[...apps.values()].map((app) => app.idle()), ...ending])),
    close: async () => void (await Promise.all([...apps.values()].map((app) => app.close()))),
  }
}

/** The log of one identity, named by its digest and not by its subject. */
const withPrincipal = (log: Logger, principal: string): Logger => ({
  debug: (fields) => log.debug({ principal, ...fields }),
  info: (fields) => log.info({ principal, ...fields }),
  warn: (fields) => log.warn({ principal, ...fields }),
  error: (fields) => log.error({ principal, ...fields }),
  flush: log.flush,
})
