import type { Writable } from 'node:stream'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  ErrorCode,
  type JSONRPCMessage,
  ListToolsRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js'
import type { Caller } from '../dispatch/dispatcher.ts'
import type { Logger } from '../logger.ts'
import { suggest } from '../text/suggest.ts'
import { singleLine } from '../text/text.ts'
import type { Tool } from '../tools/tool.ts'
import { followCancellations } from './cancellations.ts'
import { clientElicitation } from './client-elicitation.ts'
import { registerLazyHandlers } from './lazy-handlers.ts'
import { protocolError } from './protocol-error.ts'
import { createServer } from './sdk-server.ts'
import { createSeen } from './seen.ts'
import { offeredTools, type ToolListOptions, toolList } from './tool-list.ts'

export interface ServerOptions extends ToolListOptions {
  version: string
  call: Caller
  log: Logger
}

/** What the server takes over from the opening. */
interface Handover {
  /** What writes to stdout. */
  output: Writable
  /** The id under which an `initialize` that was answered is read once more, if there was one. */
  greeted: string | undefined
}

export interface RunningServer {
  toolsChanged(): void
  /** Rejects when the SDK has stopped reading, as it does when a message is larger than 10 MiB. */
  closed: Promise<never>
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

/** Hosts end a call that is silent for long, unless they hear of its progress. */
const progressMs = 5000

/**
 * Takes the tools and what the opening left, and serves them over MCP on stdio. `onReady` is called once the host has
 * said that it is initialized. Rejects only when the transport cannot start.
 */
export async function startServer(
  options: ServerOptions,
  { output, greeted }: Handover,
  onReady: () => void,
): Promise<RunningServer> {
  const { version, tools, call, log } = options
  const server = createServer(version)
  const transport = new StdioServerTransport(process.stdin, output)
  const seen = createSeen()
  const offered = () => offeredTools(options)
  const run = async (tool: Tool, args: Record<string, unknown>, signal: AbortSignal) => {
    const result = await call(tool, args, clientElicitation(server), signal)
    seen.note(result)
    return result
  }
  server.setRequestHandler(ListToolsRequestSchema, () => toolList(options))
  const follow = followCancellations(transport)
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const tool = tools().find(({ name }) => name === params.name)
    if (tool === undefined) {
      log.info({ event: 'unknown tool', outcome: 'error' })
      throw protocolError(ErrorCode.InvalidParams, unknownTool(params.name, offered()))
    }
    return withProgress(extra, () => run(tool, params.arguments ?? {}, follow(extra.requestId, extra.signal)))
  })
  registerLazyHandlers(server, { offered, call: run, seen })
  server.oninitialized = onReady
  const closed = new Promise<never>((_resolve, reject) => {
    server.onclose = () => reject(new Error('The host sent a message that is too large to be read.'))
  })
  server.onerror = (error) => log.warn({ event: 'protocol', error: kindOf(error) })
  holdBack(transport, greeted)
  await server.connect(transport)
  process.stdin.resume()
  return {
    closed,
    toolsChanged: () =>
      void server
        .sendToolListChanged()
        .catch((error: Error) => log.debug({ event: 'notify', error: error.message })),
  }
}

/** What kind of error of the protocol it is. Behind its first words stands the message itself, with all that is in it. */
const kindOf = ({ name, message }: Error) => (name === 'Error' ? message.split(':')[0] : name)

/** Keeps the answer to what the host did not ask from being sent. */
function holdBack(transport: Transport, answered: string | undefined) {
  const send = transport.send.bind(transport)
  const isDouble = (message: JSONRPCMessage) => !('method' in message) && message.id === answered
  transport.send = async (message, ...given) => {
    if (answered === undefined || !isDouble(message)) return send(message, ...given)
    transport.send = send
  }
}

function unknownTool(name: string, offered: readonly Tool[]): string {
  const meant = suggest(
    name,
    offered.map((tool) => tool.name),
  )
  const hint = meant === undefined ? 'tools/list names all that there are.' : `Did you mean ${meant}?`
  return `There is no tool ${JSON.stringify(singleLine(name, 64))}. ${hint}`
}

/** Tells a host that asked for it, every few seconds, that the call still runs. */
async function withProgress<T>({ _meta, sendNotification }: Extra, task: () => Promise<T>): Promise<T> {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return task()
  let progress = 0
  const timer = setInterval(() => {
    progress++
    const params = { progressToken, progress, message: 'Waiting for the Membrane CLI' }
    sendNotification({ method: 'notifications/progress', params }).catch(() => undefined)
  }, progressMs)
  return task().finally(() => clearInterval(timer))
}
