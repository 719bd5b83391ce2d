import * as z from 'zod'
import { errorAdvice, ToolError } from '../errors.ts'
import { chooseConnection, isKustomer, toConnectionSummary } from '../membrane/connection.ts'
import { defineTool, type Tool, type ToolContext } from './tool.ts'

/** Says what works and what is missing. */
export function connectionStatus(
  { membrane, catalog }: ToolContext,
  configured: string | undefined,
  sandbox: boolean,
): Tool {
  return defineTool({
    name: 'connection-status',
    group: 'connection',
    title: 'Connection Status',
    description: 'Whether Kustomer is connected, and what to do where not.',
    input: () => z.object({}),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: true },
    async run(_input, signal) {
      const facts: Record<string, unknown> = sandbox ? { sandbox: true } : {}
      try {
        const { path, version, run, proxy } = await membrane.getInfo(signal)
        facts['cli'] = { path, version, runsActionsWith: run, sendsRequestsWith: proxy }
        const connections = await membrane.listConnections(signal)
        facts['signedIn'] = true
        facts['connections'] = connections.filter(isKustomer).map(toConnectionSummary)
        facts['connection'] = toConnectionSummary(chooseConnection(connections, configured))
      } catch (error) {
        if (!(error instanceof ToolError)) throw error
        if (error.reason === 'signed-out') facts['signedIn'] = false
        const { reason, message } = error
        return {
          data: {
            ready: false,
            problem: { reason, message, next: error.advice ?? errorAdvice[reason] },
            ...facts,
            ...error.data,
            catalog: catalog.status(),
          },
          exact: true,
        }
      }
      return { data: { ready: true, ...facts, catalog: catalog.status() }, exact: true }
    },
  })
}
