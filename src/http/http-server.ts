import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { getRequestListener } from '@hono/node-server'
import type { App, AppDependencies } from '../app/app.ts'
import { locateConfigured } from '../app/configured-cli.ts'
import { settleWithin } from '../async/deadline.ts'
import { localPrincipal } from '../auth/principal.ts'
import { isLoopback } from '../auth/safe-url.ts'
import { createStaticTokens } from '../auth/static-tokens.ts'
import { type Address, hostAndPort } from '../config/http-address.ts'
import { type Config, flagOf } from '../config/options.ts'
import { UsageError } from '../errors.ts'
import type { Logger } from '../logger.ts'
import { nameOf } from './allow-lists.ts'
import { authenticateBy } from './authenticate.ts'
import type { Drain } from './http-environment.ts'
import { type HttpLimits, httpLimits } from './http-limits.ts'
import { createIdentities } from './identities.ts'
import { createOauth } from './oauth.ts'
import { createChallenge } from './refusals.ts'
import { createRoutes } from './routes.ts'

export interface HttpServerOptions {
  config: Config
  address: Address
  version: string
  deps: Omit<AppDependencies, 'account' | 'isBound'>
  limits?: Partial<HttpLimits>
  /** Called with the app of each identity once it is made. */
  onMade?: (app: App, log: Logger) => void
}

export interface HttpServer {
  /** Where it listens. */
  url: string
  /** Refuses new requests after a pause, and resolves when those in progress have ended, at the latest at their deadline. */
  drain(graceMs?: number): Promise<void>
  /** Ends everything now. A started write ends with an unknown outcome. */
  stop(): Promise<void>
}

const checkEveryMs = 1000
/** How long the end waits for calls that are ending. */
const shutdownMs = 1000

/** Starts to listen. Throws UsageError for an address that others reach and that nothing protects. */
export async function startHttpServer({
  config,
  address,
  version,
  deps,
  limits: given = {},
  onMade = () => undefined,
}: HttpServerOptions): Promise<HttpServer> {
  const limits = { ...httpLimits, ...given }
  const tokens = createStaticTokens(config.stateDir, deps.clock)
  const oauth = await createOauth(config, deps.log, deps.clock)
  const isExposed = ![address.host, ...config.allowedHost.map(nameOf)].every(isLoopback)
  const asksForToken = oauth !== undefined || (await tokens.list()).length > 0
  if (isExposed) assertProtected(config, asksForToken)
  const identities = createIdentities(config, deps, { mostKept: limits.identities, onMade })
  // Names of tools that there are not are refused at the start.
  identities.appOf(localPrincipal)
  const drain: Drain = { isAnnounced: false, isRefusing: false, open: new Set() }
  const routes = createRoutes({
    config,
    version,
    limits,
    // Even when all tokens are removed meanwhile.
    authenticate: authenticateBy(
      tokens,
      isExposed || oauth !== undefined ? 'tokens' : config.auth,
      oauth?.verify,
    ),
    challenge: createChallenge(oauth?.resource),
    resource: oauth?.resource,
    identities,
    isReady: () => Promise.all([locateConfigured(config, deps), tokens.list()]),
    drain,
    log: deps.log,
  })
  const server = createServer(
    {
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(checkEveryMs, limits.headersMs, limits.requestMs),
      keepAliveTimeout: limits.keepAliveMs,
    },
    getRequestListener(routes.fetch),
  )
  const { port } = await listen(server, address)

  async function allAnswered() {
    // A call whose client is gone may be a write that runs on.
    await identities.idle()
    await Promise.all([...drain.open].map((response) => once(response, 'close')))
  }

  async function drainRequests(graceMs = limits.drainGraceMs) {
    drain.isAnnounced = true
    await wait(graceMs)
    drain.isRefusing = true
    server.close()
    await settleWithin(config.timeoutMs + shutdownMs, allAnswered)
  }

  async function stop() {
    drain.isAnnounced = true
    drain.isRefusing = true
    server.close()
    await deps.runner.stop()
    await settleWithin(shutdownMs, allAnswered)
    await settleWithin(shutdownMs, identities.close)
    server.closeAllConnections()
  }

  return { url: `http://${hostAndPort({ host: address.host, port })}/mcp`, drain: drainRequests, stop }
}

/** What a web page or a machine elsewhere can reach must know its own name, and must ask for a token. */
function assertProtected({ auth, allowedHost }: Config, asksForToken: boolean): void {
  const needs = `${flagOf('http')}: an address or a name that other machines reach needs`
  if (allowedHost.length === 0)
    throw new UsageError(`${needs} ${flagOf('allowedHost')}: the names it is called by.`)
  if (auth === 'auto' && !asksForToken)
    throw new UsageError(
      `${needs} a token. Make one with: kustomer-mcp tokens create. Or give ${flagOf('auth')} tokens or ${flagOf('oauthIssuer')}.`,
    )
}

async function listen(server: Server, { host, port }: Address): Promise<AddressInfo> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`${flagOf('http')}: cannot listen on ${hostAndPort({ host, port })} (${code}).`)
  }
  return server.address() as AddressInfo
}
