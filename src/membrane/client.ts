import { withDeadline } from '../async/deadline.ts'
import type { AppResponse, ClassifiedRequest } from './app-call.ts'
import { createAppCaller, withRetry } from './app-call.ts'
import * as argv from './argv.ts'
import type { Cli, CliInfo } from './cli.ts'
import {
  type Action,
  actionSchema,
  type Connection,
  connectionSchema,
  connectorSchema,
  type Page,
  readDocument,
  readPage,
} from './documents.ts'
import type { FallbackCounts } from './fallbacks.ts'
import type { RateLimiter } from './limits.ts'
import { parseResult } from './parse-result.ts'
import type { ProcessResult } from './process.ts'

/** What can be asked of the Membrane CLI. Every method rejects with a ToolError and with nothing else. */
export interface Membrane {
  getInfo(signal: AbortSignal): Promise<CliInfo>
  /** How often an answer was understood although it had not the documented form. */
  fallbacks(): Promise<FallbackCounts>
  listConnections(signal: AbortSignal): Promise<Connection[]>
  getConnection(id: string, signal: AbortSignal, waitSeconds?: number): Promise<Connection>
  /** Finds or creates the connection to an app by its URL; safe to repeat. Resolves with what the CLI printed. */
  ensureConnection(appUrl: string, signal: AbortSignal): Promise<ProcessResult>
  connect(
    target: { connectorId: string } | { connectionId: string },
    signal: AbortSignal,
  ): Promise<ProcessResult>
  searchConnectors(
    query: string,
    signal: AbortSignal,
  ): Promise<{ id: string; key?: string | null | undefined }[]>
  listActions(connectionId: string, signal: AbortSignal): Promise<Action[]>
  findActions(connectionId: string, intent: string, limit: number, signal: AbortSignal): Promise<Action[]>
  getAction(idOrKey: string, signal: AbortSignal): Promise<Action>
  runAction(
    run: { connectionId: string; actionId: string; input: object; write: boolean },
    signal: AbortSignal,
  ): Promise<AppResponse>
  request(connectionId: string, request: ClassifiedRequest, signal: AbortSignal): Promise<AppResponse>
  /** Starts a sign-in that the user finishes in a browser. Resolves with what the CLI printed. */
  login(signal: AbortSignal): Promise<ProcessResult>
  completeLogin(code: string, signal: AbortSignal): Promise<void>
}

/** A sign-in may keep the process waiting for the user. By then its URL has long been printed. */
const handOverMs = 15_000
const pageSize = 200
/** The most that the service gives at once (vendor documentation). */
const maxLimit = 1000
const maxPages = 20

export function createMembrane(cli: Cli, limiter: RateLimiter): Membrane {
  const { exec, getInfo, note } = cli
  const callApp = createAppCaller(cli, limiter)

  const query = (args: readonly string[], answer: 'list' | 'record', signal: AbortSignal) =>
    withRetry(async () => parseResult(await exec(args, signal), { write: false, answer }, note), signal)

  /** Runs a command that may wait for the user, and returns what it printed until then. */
  const runInteractive = (args: readonly string[], signal: AbortSignal) =>
    withDeadline(handOverMs, (limited) => exec(args, limited), signal)

  return {
    getInfo,
    fallbacks: cli.fallbacks,
    async listConnections(signal) {
      const { connectionCursor } = await getInfo(signal)
      return allPages(
        async (cursor) =>
          readPage(await query(argv.listConnections(cursor), 'list', signal), connectionSchema, note),
        connectionCursor,
      )
    },
    async getConnection(id, signal, waitSeconds) {
      const { connectionWait } = await getInfo(signal)
      const args = argv.getConnection(id, connectionWait ? waitSeconds : undefined)
      return readDocument(await query(args, 'record', signal), connectionSchema)
    },
    ensureConnection: (appUrl, signal) => runInteractive(argv.ensureConnection(appUrl), signal),
    connect: (target, signal) => runInteractive(argv.connect(target), signal),
    async searchConnectors(text, signal) {
      const { items } = readPage(
        await query(argv.searchConnectors(text), 'list', signal),
        connectorSchema,
        note,
      )
      return items.map(({ element }) => element)
    },
    async listActions(connectionId, signal) {
      const capabilities = await getInfo(signal)
      const limit = capabilities.actionCursor ? pageSize : maxLimit
      const load = async (cursor?: string) => {
        const args = argv.listActions(connectionId, { limit, cursor }, capabilities)
        return readPage(await query(args, 'list', signal), actionSchema, note)
      }
      return allPages(load, capabilities.actionCursor)
    },
    async findActions(connectionId, intent, limit, signal) {
      const args = argv.listActions(connectionId, { intent, limit }, await getInfo(signal))
      return readPage(await query(args, 'list', signal), actionSchema, note).items.slice(0, limit)
    },
    async getAction(idOrKey, signal) {
      return readDocument(await query(argv.getAction(idOrKey), 'record', signal), actionSchema)
    },
    runAction: ({ connectionId, actionId, input, write }, signal) =>
      callApp({
        verb: 'run',
        argv: (capabilities) => argv.runAction(connectionId, actionId, input, capabilities),
        signal,
        write,
      }),
    request: (connectionId, request, signal) =>
      callApp({
        verb: 'proxy',
        argv: (capabilities) => argv.request(connectionId, request, capabilities),
        signal,
        write: request.write,
        kind: request.kind,
      }),
    async login(signal) {
      return runInteractive(argv.login(await getInfo(signal)), signal)
    },
    async completeLogin(code, signal) {
      parseResult(await exec(argv.completeLogin(code), signal), { write: false, answer: 'text' })
    },
  }
}

async function allPages<T>(load: (cursor?: string) => Promise<Page<T>>, follow: boolean): Promise<T[]> {
  const items: T[] = []
  let cursor: string | undefined
  for (let count = 0; count < maxPages; count++) {
    const page = await load(cursor)
    items.push(...page.items)
    if (!follow || page.cursor === undefined || page.cursor === cursor) break
    cursor = page.cursor
  }
  return items
}
