import type { ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import type { Principal } from '../auth/principal.ts'
import type { ProtectedResource } from '../auth/protected-resource.ts'
import type { Config } from '../config/options.ts'
import type { Logger } from '../logger.ts'
import type { Authenticate } from './authenticate.ts'
import type { HttpLimits } from './http-limits.ts'
import type { Identities } from './identities.ts'
import type { Challenge } from './refusals.ts'

/** What the handlers of a request share. */
export interface HttpEnvironment {
  Bindings: HttpBindings
  Variables: { principal: Principal }
}

/** How far the end of the server has come. */
export interface Drain {
  /** Load balancers are told to send no more. */
  isAnnounced: boolean
  /** New requests are refused. */
  isRefusing: boolean
  /** Responses that have not ended. */
  open: Set<ServerResponse>
}

/** What the routes work with. */
export interface RouteOptions {
  config: Config
  version: string
  limits: HttpLimits
  authenticate: Authenticate
  challenge: Challenge
  /** Undefined where nobody signs in by OAuth. */
  resource: ProtectedResource | undefined
  identities: Identities
  /** Rejects when calls could not be served. Starts no process. */
  isReady: () => Promise<unknown>
  drain: Drain
  log: Logger
}
