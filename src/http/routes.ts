import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { answer } from './answer.ts'
import { checksBeforeParsing } from './checks.ts'
import type { HttpEnvironment, RouteOptions } from './http-environment.ts'
import { refusal } from './refusals.ts'

/** `/mcp`, `/healthz` and `/readyz`; all else is not there. */
export function createRoutes(options: RouteOptions): Hono<HttpEnvironment> {
  const { version, identities, isReady, challenge, resource, drain, log } = options
  const routes = new Hono<HttpEnvironment>({ strict: false })
  routes.use(async (c, next) => {
    const start = performance.now()
    const { outgoing } = c.env
    drain.open.add(outgoing)
    outgoing.once('close', () => drain.open.delete(outgoing))
    await next()
    const { status } = c.res
    const fields = { event: 'http', method: c.req.method, status, ms: Math.round(performance.now() - start) }
    if (status < 400) log.debug(fields)
    else log.info(fields)
  })
  routes.get('/healthz', (c) => c.text('ok\n'))
  routes.get('/readyz', async (c) => {
    const isServing =
      !drain.isAnnounced &&
      (await isReady().then(
        () => true,
        () => false,
      ))
    return isServing ? c.text('ready\n') : c.text('not ready\n', 503)
  })
  for (const path of resource?.paths ?? []) {
    // It names no secret, and clients in browsers read it before they have a token.
    routes.use(path, cors({ origin: '*', allowMethods: ['GET'], allowHeaders: ['MCP-Protocol-Version'] }))
    routes.get(path, (c) => c.json(resource?.document ?? {}, 200, { 'Cache-Control': 'public, max-age=300' }))
  }
  routes.use('/mcp', ...checksBeforeParsing(options))
  routes.post('/mcp', (c) => {
    const principal = c.get('principal')
    return answer(c, { app: identities.appOf(principal), principal, version, challenge, log })
  })
  routes.notFound((c) => c.body(null, 404))
  routes.onError((error, c) => {
    // The client went away, or what it sent never ended.
    if (c.env.outgoing.destroyed || c.env.incoming.errored !== null)
      return refusal(400, 'The request was cut off.')
    log.error({ event: 'internal error', stack: error.stack })
    return refusal(500, 'Internal error in this server. See its log.')
  })
  return routes
}
