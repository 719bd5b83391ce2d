import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js'
import { isPastDeadline, withDeadline } from '../deadline.ts'
import { Failure } from '../failure.ts'
import type { Logger } from '../logger.ts'
import { type Answer, envelopeSchema, failed, success } from '../result/envelope.ts'
import type { Tool } from '../tools/tool.ts'
import { instructions } from './instructions.ts'

export interface ServerOptions {
  version: string
  /** All tools, allowed or not, in their fixed order. */
  tools: () => readonly Tool[]
  /** Whether a host is shown a tool. */
  isOffered: (tool: Tool) => boolean
  /** Throws a Failure when a call is not allowed; asked at each call, whatever the host was shown. */
  enforce: (tool: Tool) => void
  timeoutMs: number
  log: Logger
}

export interface RunningServer {
  toolsChanged(): void
}

/**
 * Takes the tools and a transport and serves them over MCP. `onReady` is called once the host has said that it is
 * initialized. Rejects only when the transport cannot start.
 */
export async function startServer(
  options: ServerOptions,
  transport: Transport,
  onReady: () => void,
): Promise<RunningServer> {
  const { version, tools, isOffered, log } = options
  const server = new Server(
    { name: 'kustomer', title: 'Kustomer', version },
    { capabilities: { tools: { listChanged: true } }, instructions },
  )
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: tools().filter(isOffered).map(describe) }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) => {
    const tool = tools().find(({ name }) => name === params.name)
    if (tool === undefined)
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${JSON.stringify(params.name)}`)
    return call(tool, params.arguments ?? {}, signal, options)
  })
  server.oninitialized = onReady
  server.onerror = (error) => log.warn({ event: 'protocol', error: error.message })
  await server.connect(transport)
  return {
    toolsChanged: () =>
      void server
        .sendToolListChanged()
        .catch((error: Error) => log.debug({ event: 'notify', error: error.message })),
  }
}

const describe = ({ name, title, description, inputSchema, annotations }: Tool) => ({
  name,
  title,
  description,
  inputSchema,
  outputSchema: envelopeSchema as { type: 'object' },
  annotations,
})

/** The one place where a call becomes a result, an error becomes `isError`, and a line goes to the log. */
async function call(
  tool: Tool,
  args: Record<string, unknown>,
  hostSignal: AbortSignal,
  { enforce, timeoutMs, log }: ServerOptions,
): Promise<CallToolResult> {
  const start = performance.now()
  const line = () => ({ tool: tool.name, ms: Math.round(performance.now() - start) })
  try {
    enforce(tool)
    const answer = await withDeadline(timeoutMs, (signal) => started(tool, args, signal), hostSignal)
    log.info({ ...line(), outcome: 'ok', cliExit: 0 })
    return success(answer)
  } catch (error) {
    if (!(error instanceof Failure)) {
      log.error({ ...line(), outcome: 'bug', stack: (error as Error).stack })
      return failed(new Failure('bad-output', 'This server made a mistake of its own; its log says which.'))
    }
    const { reason, exitCode, status } = error
    log.info({ ...line(), outcome: 'error', reason, cliExit: exitCode, status })
    return failed(error)
  }
}

/** Runs a tool; an end that came before the CLI was asked to do anything rejects with the reason of its signal. */
async function started(tool: Tool, args: Record<string, unknown>, signal: AbortSignal): Promise<Answer> {
  try {
    return await tool.run(args, signal)
  } catch (error) {
    if (!signal.aborted || error !== signal.reason) throw error
    if (!isPastDeadline(signal))
      throw new Failure('cancelled', 'The call was cancelled before anything was sent.')
    throw new Failure('timeout', 'The call was still waiting for its turn at its deadline. Nothing was sent.')
  }
}
