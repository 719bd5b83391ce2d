import type { Context } from 'hono'
import type { App } from '../app/app.ts'
import { raceAbort } from '../async/deadline.ts'
import { hasScope, type Principal, type Scope, scopesToAsk } from '../auth/principal.ts'
import { scopeOf } from '../dispatch/policy.ts'
import { isObject, type Json, parseJson } from '../json.ts'
import type { Logger } from '../logger.ts'
import { answerRequest } from '../mcp/http-request.ts'
import { normalizeMessage } from '../mcp/normalize-message.ts'
import { supportedVersions, versionOfRequest } from '../mcp/protocol-version.ts'
import type { HttpEnvironment } from './http-environment.ts'
import { type Challenge, refusal, rpcCodes } from './refusals.ts'

interface AnswerOptions {
  app: App
  principal: Principal
  version: string
  challenge: Challenge
  log: Logger
}

/** Answers the one message in the body of a POST. Notifications and responses need no server: there is no session. */
export async function answer(c: Context<HttpEnvironment>, options: AnswerOptions): Promise<Response> {
  const parsed = parseJson((await c.req.text()).replace(/^\uFEFF/, ''))
  if (parsed === undefined) return refusal(400, 'The body is not JSON.', { code: rpcCodes.parse })
  const normalized = normalizeMessage(parsed)
  if (normalized === undefined) {
    const isResponse = isObject(parsed) && ('result' in parsed || 'error' in parsed)
    return isResponse ? accepted() : notAMessage()
  }
  if ('responses' in normalized) {
    const [first] = normalized.responses
    return first === undefined || Array.isArray(parsed)
      ? notAMessage()
      : Response.json(first, { status: 400 })
  }
  const { message } = normalized
  if (message['id'] === undefined) return accepted()
  return answerMessage(c, message, options)
}

const accepted = () => new Response(null, { status: 202 })
const notAMessage = () =>
  refusal(400, 'The body is not one request or notification of MCP. Batches are not supported.', {
    code: rpcCodes.invalidRequest,
  })

async function answerMessage(
  c: Context<HttpEnvironment>,
  message: Json,
  { app, principal, version: serverVersion, challenge, log }: AnswerOptions,
): Promise<Response> {
  const { id, method } = message
  const params = isObject(message['params']) ? message['params'] : {}
  const meta = isObject(params['_meta']) ? params['_meta'] : {}
  const version =
    method === 'initialize'
      ? supportedVersions[0]
      : versionOfRequest(c.req.header('mcp-protocol-version'), meta[versionInMeta])
  if (version === undefined)
    return refusal(
      400,
      `This revision of MCP is not supported. Supported: ${supportedVersions.join(', ')}.`,
      {
        id,
      },
    )
  const missing = method === 'tools/call' ? missingScope(app, principal, params['name']) : undefined
  if (missing !== undefined)
    return challenge(
      403,
      `This tool needs the scope ${missing}.`,
      'insufficient_scope',
      scopesToAsk(principal, missing),
    )
  const signal = untilClosed(c)
  const streams = wantsStream(c.req.header('accept'), meta['progressToken'] !== undefined)
  const request = { message, version, streams, signal }
  return raceAbort(answerRequest({ ...app, principal, version: serverVersion, log }, request), signal)
}

/** Where a body of the revision 2026-07-28 names it. */
const versionInMeta = 'io.modelcontextprotocol/protocolVersion'

function missingScope(app: App, principal: Principal, name: unknown): Scope | undefined {
  const tool = app.tools.get(String(name))
  if (tool === undefined) return undefined
  const scope = scopeOf(tool)
  return hasScope(principal, scope) ? undefined : scope
}

/** A stream for who wants to hear of the progress, and for who takes nothing else. */
function wantsStream(accept = '*/*', hasProgressToken: boolean): boolean {
  const takesJson = /application\/(?:json|\*)|\*\/\*/i.test(accept)
  return /text\/event-stream/i.test(accept) && (hasProgressToken || !takesJson)
}

/** Aborts when the client goes away before the whole answer was handed to it. */
function untilClosed({ env: { outgoing } }: Context<HttpEnvironment>): AbortSignal {
  const controller = new AbortController()
  const closed = () => outgoing.writableFinished || controller.abort(new Error('The client is gone.'))
  if (outgoing.closed) closed()
  else outgoing.once('close', closed)
  return controller.signal
}
