import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { RequestHandlerExtra } from '@modelcontextprotocol/sdk/shared/protocol.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  ErrorCode,
  ListToolsRequestSchema,
  type ServerNotification,
  type ServerRequest,
} from '@modelcontextprotocol/sdk/types.js'
import type { Caller } from '../call.ts'
import type { Logger } from '../logger.ts'
import { nearest } from '../near-miss.ts'
import { envelopeSchema } from '../result/envelope.ts'
import { oneLine } from '../text.ts'
import type { Tool } from '../tools/tool.ts'
import { followCancellations } from './cancellations.ts'
import { formCheck } from './form-check.ts'
import { instructions } from './instructions.ts'
import { onDemandCapabilities, serveOnDemand } from './on-demand.ts'
import { personAt } from './person.ts'
import { protocolError } from './protocol-error.ts'
import { createSeen } from './seen.ts'

export interface ServerOptions {
  version: string
  /** All tools, allowed or not, in their fixed order. */
  tools: () => readonly Tool[]
  /** Why a tool may not be used, if so: such a tool is not listed. */
  refusal: (tool: Tool) => string | undefined
  /** The tool as it is listed. */
  listed: (tool: Tool) => Tool
  call: Caller
  log: Logger
  /** Where results are put: an output schema promises structured content. */
  resultFormat: 'both' | 'text' | 'structured'
}

export interface RunningServer {
  toolsChanged(): void
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

/** Hosts end a call that is silent for long, unless they hear of its progress. */
const progressMs = 5000

/**
 * Takes the tools and a transport and serves them over MCP. `onReady` is called once the host has said that it is
 * initialized. Rejects only when the transport cannot start.
 */
export async function startServer(
  { version, tools, refusal, listed, call, log, resultFormat }: ServerOptions,
  transport: Transport,
  onReady: () => void,
): Promise<RunningServer> {
  const server = new Server(
    { name: 'kustomer', title: 'Kustomer', version },
    {
      capabilities: { tools: { listChanged: true }, ...onDemandCapabilities },
      instructions,
      jsonSchemaValidator: formCheck,
    },
  )
  const seen = createSeen()
  const offered = () => tools().filter((tool) => refusal(tool) === undefined)
  const run = async (tool: Tool, args: Record<string, unknown>, signal: AbortSignal) => {
    const result = await call(tool, args, personAt(server), signal)
    seen.note(result)
    return result
  }
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: offered().map((tool) => listing(listed(tool), resultFormat)),
  }))
  const follow = followCancellations(transport)
  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const tool = tools().find(({ name }) => name === params.name)
    if (tool === undefined) {
      log.info({ event: 'unknown tool', outcome: 'error' })
      throw protocolError(ErrorCode.InvalidParams, unknownTool(params.name, offered()))
    }
    return withProgress(extra, () => run(tool, params.arguments ?? {}, follow(extra.requestId, extra.signal)))
  })
  serveOnDemand(server, { offered, call: run, seen })
  server.oninitialized = onReady
  server.onerror = (error) => log.warn({ event: 'protocol', error: kindOf(error) })
  await server.connect(transport)
  return {
    toolsChanged: () =>
      void server
        .sendToolListChanged()
        .catch((error: Error) => log.debug({ event: 'notify', error: error.message })),
  }
}

/** What kind of error of the protocol it is. Behind its first words stands the message itself, with all that is in it. */
const kindOf = ({ name, message }: Error) => (name === 'Error' ? message.split(':')[0] : name)

const listing = (
  { name, title, description, inputSchema, annotations }: Tool,
  resultFormat: ServerOptions['resultFormat'],
) => ({
  name,
  title,
  description,
  inputSchema,
  ...(resultFormat === 'text' ? {} : { outputSchema: envelopeSchema as { type: 'object' } }),
  annotations,
})

function unknownTool(name: string, offered: readonly Tool[]): string {
  const meant = nearest(
    name,
    offered.map((tool) => tool.name),
  )
  const hint = meant === undefined ? 'tools/list names all that there are.' : `Did you mean ${meant}?`
  return `There is no tool ${JSON.stringify(oneLine(name, 64))}. ${hint}`
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
