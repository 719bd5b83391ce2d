import { Server } from '@modelcontextprotocol/sdk/server/index.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
} from '@modelcontextprotocol/sdk/types.js'
import { withDeadline } from '../deadline.ts'
import { Failure } from '../failure.ts'
import type { Logger } from '../logger.ts'
import { envelopeSchema, failed, success } from '../result/envelope.ts'
import type { Tool } from '../tools/tool.ts'
import { instructions } from './instructions.ts'

export interface ServerOptions {
  version: string
  /** All tools, allowed or not, in their fixed order. */
  tools: () => readonly Tool[]
  /** Why a tool may not be used, if so; asked for the list and again at each call, whatever the host was shown. */
  refusal: (tool: Tool) => string | undefined
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
  const { version, tools, refusal, log } = options
  const server = new Server(
    { name: 'kustomer', title: 'Kustomer', version },
    { capabilities: { tools: { listChanged: true } }, instructions },
  )
  server.setRequestHandler(ListToolsRequestSchema, () => ({
    tools: tools()
      .filter((tool) => refusal(tool) === undefined)
      .map(listing),
  }))
  server.setRequestHandler(CallToolRequestSchema, ({ params }, { signal }) => {
    const tool = tools().find(({ name }) => name === params.name)
    if (tool === undefined) {
      log.info({ event: 'unknown tool', outcome: 'error' })
      throw new McpError(ErrorCode.InvalidParams, `There is no tool ${JSON.stringify(params.name)}`)
    }
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

const listing = ({ name, title, description, inputSchema, annotations }: Tool) => ({
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
  { refusal, timeoutMs, log }: ServerOptions,
): Promise<CallToolResult> {
  const start = performance.now()
  const note = (fields: object) =>
    log.info({ tool: tool.name, ms: Math.round(performance.now() - start), ...fields })
  try {
    const why = refusal(tool)
    if (why !== undefined) throw new Failure('refused-by-policy', `The tool ${tool.name} ${why}.`)
    const result = success(await withDeadline(timeoutMs, (signal) => tool.run(args, signal), hostSignal))
    note({ outcome: 'ok', cliExit: 0 })
    return result
  } catch (error) {
    const failure = error instanceof Failure ? error : mistake(error as Error, tool, log)
    const { reason, exitCode, status } = failure
    note({ outcome: 'error', reason, cliExit: exitCode, status })
    return failed(failure)
  }
}

/** What is no Failure is a mistake of ours, at an unknown place of the call. */
function mistake({ stack }: Error, { annotations }: Tool, log: Logger): Failure {
  log.error({ event: 'mistake', stack })
  return new Failure(
    annotations.readOnlyHint ? 'bad-output' : 'outcome-unknown',
    'This server made a mistake of its own; its log says which.',
  )
}
