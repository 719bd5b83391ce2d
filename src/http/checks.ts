import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { createMiddleware } from 'hono/factory'
import { identity } from '../auth/identity.ts'
import { createAdmission } from './admission.ts'
import { isAllowedHost, isAllowedOrigin } from './allow-lists.ts'
import type { HttpEnvironment, RouteOptions } from './http-environment.ts'
import { refusal } from './refusals.ts'
import { refuseToken } from './refused-tokens.ts'

type Check = MiddlewareHandler<HttpEnvironment>
/** A check that looks at the request and lets it go on, or answers it. */
const check = (
  look: (c: Parameters<Check>[0]) => Promise<Response | undefined> | Response | undefined,
): Check =>
  createMiddleware(async (c, next) => {
    const refused = await look(c)
    if (refused !== undefined) return refused
    await next()
    return undefined
  })

/** Beyond what browsers send by themselves. */
const corsHeaders = {
  allowMethods: ['POST'],
  allowHeaders: [
    'Content-Type',
    'Accept',
    'Authorization',
    'MCP-Protocol-Version',
    'Mcp-Method',
    'Mcp-Name',
    'Mcp-Session-Id',
    'traceparent',
    'tracestate',
  ],
  exposeHeaders: ['WWW-Authenticate', 'Mcp-Session-Id'],
  maxAge: 600,
}

/** What a request has to pass before its body is parsed, in this order: the cheap checks and the token come first. */
export function checksBeforeParsing({
  config,
  limits,
  authenticate,
  challenge,
  drain,
  log,
}: RouteOptions): Check[] {
  const { allowedHost, allowedOrigin } = config
  const { maxBodyBytes, requestsPerPrincipal } = limits
  const admission = createAdmission(requestsPerPrincipal)
  const tooLarge = () => {
    const response = refusal(413, `The body has more than ${maxBodyBytes} bytes.`)
    response.headers.set('Connection', 'close')
    return response
  }
  return [
    check((c) =>
      isAllowedHost(c.req.header('host') ?? '', allowedHost)
        ? undefined
        : refusal(403, 'This server is not called by this name. See --allowed-host.'),
    ),
    check((c) => {
      const origin = c.req.header('origin')
      return origin === undefined || isAllowedOrigin(origin, allowedOrigin)
        ? undefined
        : refusal(403, 'Pages of this origin may not use this server. See --allowed-origin.')
    }),
    ...(allowedOrigin.length > 0 ? [cors({ origin: allowedOrigin, ...corsHeaders })] : []),
    check(({ req: { method } }) => {
      if (method === 'POST') return undefined
      if (method === 'OPTIONS') return new Response(null, { status: 204, headers: { Allow: 'POST' } })
      return refusal(405, 'Only POST is served: there is no stream to open and no session to end.', {
        headers: { Allow: 'POST' },
      })
    }),
    check(() =>
      drain.isRefusing
        ? refusal(503, 'This server is ending.', { headers: { 'Retry-After': '1', Connection: 'close' } })
        : undefined,
    ),
    check((c) => (Number(c.req.header('content-length') ?? 0) > maxBodyBytes ? tooLarge() : undefined)),
    check(async (c) => {
      const asking = await authenticate((name) => c.req.header(name)).catch((error: Error) => {
        log.error({ event: 'tokens', error: error.message })
        return undefined
      })
      if (asking === undefined)
        return refusal(503, 'The tokens of this server cannot be read.', { headers: { 'Retry-After': '10' } })
      if (typeof asking === 'string') {
        log.info({ event: 'unauthorized', why: asking })
        return refuseToken(asking, challenge)
      }
      c.set('principal', asking)
      return undefined
    }),
    createMiddleware(async (c, next) => {
      const leave = admission.enter(identity(c.get('principal'), config).cacheScope)
      if (leave === undefined)
        return refusal(
          429,
          'Too many requests of yours are running or waiting. Wait for one of them to end.',
          {
            headers: { 'Retry-After': '1' },
          },
        )
      c.env.outgoing.once('close', leave)
      await next()
      return undefined
    }),
    check((c) =>
      /^application\/json(?:\s*;|\s*$)/i.test(c.req.header('content-type') ?? '')
        ? undefined
        : refusal(415, 'The Content-Type has to be application/json.'),
    ),
    // Of a body without a declared length: it is counted while it is read.
    bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge }),
  ]
}
