import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  ErrorCode,
  LATEST_PROTOCOL_VERSION,
  ListToolsRequestSchema,
  type RequestId,
  type ServerNotification,
  type ServerRequest,
  SUPPORTED_PROTOCOL_VERSIONS,
} from '@modelcontextprotocol/sdk/types.js'
import type { Principal } from '../auth/principal.ts'
import type { CallResult, Dispatcher } from '../dispatch/dispatcher.ts'
import { allowedTools, type Policy } from '../dispatch/policy.ts'
import type { Logger } from '../logger.ts'
import { singleLine } from '../text/quote.ts'
import { suggest } from '../text/suggest.ts'
import type { ToolRegistry } from '../tools/registry.ts'
import type { Tool, ToolListing } from '../tools/tool.ts'
import { type ResultFormat, resultFormatFor, toMcpResult, toMcpTool } from './call-result.ts'
import { clientElicitation } from './client-elicitation.ts'
import { acceptAnyForm } from './form-validator.ts'
import { instructionsFor } from './instructions.ts'
import { registerLazyHandlers } from './lazy-handlers.ts'
import { protocolError } from './protocol-error.ts'

/** What the server serves. */
export interface ServerOptions {
  version: string
  tools: ToolRegistry
  policy: Policy
  /** Who is asking, for as long as the transport is open. */
  principal: Principal
  listings(principal: Principal): Promise<ToolListing[]>
  dispatch: Dispatcher['dispatch']
  config: { sandbox: boolean; resultFormat: ResultFormat }
  log: Logger
  /** Called once the client has said that it is initialized. */
  onReady?: () => void
  /** The revision of a client that is served one request alone, without initialization or later notifications. */
  statelessVersion?: string | undefined
}

export interface ConnectedServer {
  notifyToolsChanged(): void
  /** Rejects when the transport was closed by an error, such as a message over 10 MiB. */
  closed: Promise<never>
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

/** Clients end a call that is silent for long, unless they hear of its progress. */
const progressMs = 5000

/** Serves the tools over MCP on a transport. Rejects when the transport cannot start. */
export async function connectServer(options: ServerOptions, transport: Transport): Promise<ConnectedServer> {
  const { tools, policy, dispatch, principal, log, statelessVersion } = options
  const server = new Server(
    { name: 'kustomer', title: 'Kustomer', version: options.version },
    {
      capabilities: {
        tools: { listChanged: statelessVersion === undefined },
        resources: {},
        prompts: {},
        completions: {},
      },
      instructions: instructionsFor(options.config.sandbox),
      jsonSchemaValidator: acceptAnyForm,
    },
  )
  const listed = () => allowedTools(tools, policy, principal)
  const session = observeSession(transport, statelessVersion)
  const format = () => resultFormatFor(options.config.resultFormat, session.protocolVersion())
  const call = (tool: Tool, args: Record<string, unknown>, signal: AbortSignal): Promise<CallResult> => {
    const declared = server.getClientCapabilities()?.elicitation
    return dispatch(tool, args, {
      principal,
      signal,
      elicitation: declared && clientElicitation(server, declared),
    })
  }

  server.setRequestHandler(ListToolsRequestSchema, async () => ({
    tools: (await options.listings(principal)).map((listing) => toMcpTool(listing, format())),
  }))
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const tool = tools.get(params.name)
    if (tool === undefined) {
      log.info({ event: 'unknown tool', outcome: 'error' })
      throw protocolError(ErrorCode.InvalidParams, unknownTool(params.name, listed()))
    }
    const signal = session.signalFor(extra.requestId, extra.signal)
    const stopProgress = startProgress(extra)
    try {
      return toMcpResult(await call(tool, params.arguments ?? {}, signal), format())
    } finally {
      stopProgress()
    }
  })
  registerLazyHandlers(server, { listed, call })
  server.oninitialized = () => options.onReady?.()
  server.onerror = (error) => log.warn({ event: 'protocol', error: kindOf(error) })
  const closed = new Promise<never>((_resolve, reject) => {
    server.onclose = () => reject(new Error('The client sent a message that is too large to be read.'))
  })
  closed.catch(() => undefined)
  await server.connect(transport)
  return {
    closed,
    notifyToolsChanged: () =>
      void server
        .sendToolListChanged()
        .catch((error: Error) => log.debug({ event: 'notify', error: error.message })),
  }
}

/** The kind of a protocol error. What follows its first words is the message itself, with all that is in it. */
const kindOf = ({ name, message }: Error) => (name === 'Error' ? message.split(':')[0] : name)

function unknownTool(name: string, listed: readonly Tool[]): string {
  const meant = suggest(
    name,
    listed.map((tool) => tool.name),
  )
  const hint = meant === undefined ? 'tools/list names all that there are.' : `Did you mean ${meant}?`
  return `There is no tool ${JSON.stringify(singleLine(name, 64))}. ${hint}`
}

/** Sends progress every few seconds to a client that asked for it, until the function that it returns is called. */
function startProgress({ _meta, sendNotification }: Extra): () => void {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return () => undefined
  let progress = 0
  const timer = setInterval(() => {
    progress++
    const params = { progressToken, progress, message: 'Waiting for the Membrane CLI' }
    sendNotification({ method: 'notifications/progress', params }).catch(() => undefined)
  }, progressMs)
  return () => clearInterval(timer)
}

/** What the SDK does not tell of a session. */
export interface Session {
  /** The negotiated revision of the protocol. */
  protocolVersion(): string
  /** The signal of a request. It aborts with the SDK's, and on a cancellation after the response was sent. */
  signalFor(id: RequestId, signal: AbortSignal): AbortSignal
}

/** Requests that are remembered after their response. A cancellation that crossed it is among the next messages. */
const maxRemembered = 500

/** Observes a transport. Call it before a server is connected: the SDK keeps a handler that is set already. */
export function observeSession(transport: Transport, version = LATEST_PROTOCOL_VERSION): Session {
  const controllers = new Map<RequestId, AbortController>()
  let requested = version
  transport.onmessage = (message) => {
    if (!('method' in message)) return
    const { method, params } = message
    if (method === 'initialize') requested = String(params?.['protocolVersion'])
    if (method === 'notifications/cancelled') controllers.get(params?.['requestId'] as RequestId)?.abort()
  }
  return {
    protocolVersion: () =>
      SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : LATEST_PROTOCOL_VERSION,
    signalFor(id, signal) {
      const controller = new AbortController()
      controllers.set(id, controller)
      const [oldest] = controllers.keys()
      if (controllers.size > maxRemembered && oldest !== undefined) controllers.delete(oldest)
      signal.addEventListener('abort', () => controller.abort(signal.reason), { once: true })
      return controller.signal
    },
  }
}
