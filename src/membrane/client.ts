import { withDeadline } from '../async/deadline.ts'
import { ToolError } from '../errors.ts'
import { type AppResponse, unwrapResponse } from './app-response.ts'
import * as argv from './argv.ts'
import type { Capabilities } from './capabilities.ts'
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
import { parseResult } from './parse-result.ts'
import type { ProcessResult } from './process.ts'
import type { Budget, RequestKind } from './rate-limit.ts'
import { isTransient, withRetry } from './retry.ts'

/** What can be asked of the Membrane CLI. Every method rejects with a Failure and with nothing else. */
export interface Membrane {
  getInfo(signal: AbortSignal): Promise<CliInfo>
  listConnections(signal: AbortSignal): Promise<Connection[]>
  getConnection(id: string, signal: AbortSignal, waitSeconds?: number): Promise<Connection>
  /** Finds or creates the connection to an app by its URL; safe to repeat. Answers with what the CLI printed. */
  ensureConnection(appUrl: string, signal: AbortSignal): Promise<ProcessResult>
  connect(
    target: { connectorId: string } | { connectionId: string },
    signal: AbortSignal,
  ): Promise<ProcessResult>
  searchConnectors(
    query: string,
    signal: AbortSignal,
  ): Promise<{ id: string; key?: string | null | undefined }[]>
  /** Every action of a connection, as far as the CLI gives them. */
  listActions(connectionId: string, signal: AbortSignal): Promise<Action[]>
  /** The actions that fit an intent best, at most `limit`. */
  findActions(connectionId: string, intent: string, limit: number, signal: AbortSignal): Promise<Action[]>
  getAction(idOrKey: string, signal: AbortSignal): Promise<Action>
  runAction(
    run: { connectionId: string; actionId: string; input: object; write: boolean },
    signal: AbortSignal,
  ): Promise<AppResponse>
  request(connectionId: string, request: argv.ClassifiedRequest, signal: AbortSignal): Promise<AppResponse>
  /** Starts a sign-in that a person finishes in a browser. Answers with what the CLI printed. */
  login(signal: AbortSignal): Promise<ProcessResult>
  completeLogin(code: string, signal: AbortSignal): Promise<void>
}

/** A sign-in may keep the process waiting for a person; by then its URL has long been printed. */
const handOverMs = 15_000
const pageSize = 200
/** The most that the service gives at once (vendor documentation). */
const maxLimit = 1000
const maxPages = 20

/** Takes the CLI and the budget of requests, and returns the client that everything in this program asks it through. */
export function createMembrane({ exec, getInfo, invalidate }: Cli, budget: Budget): Membrane {
  const query = (args: readonly string[], signal: AbortSignal) =>
    withRetry(async () => parseResult(await exec(args, signal), { write: false, answer: 'json' }), signal)

  /**
   * Asks with the preferred verb, and with `act` where that is safe: from then on when the CLI did not know the verb and
   * so did nothing; for this one read when the relay answered 503, which it is reported to do on a healthy connection.
   */
  async function callApp(
    verb: 'run' | 'proxy',
    build: (can: Capabilities) => readonly string[],
    { signal, write, kind = 'request' }: { signal: AbortSignal; write: boolean; kind?: RequestKind },
  ): Promise<AppResponse> {
    const can = await getInfo(signal)
    const attempt = (using: Capabilities, isLast = false) => {
      const once = async () => {
        await budget.spend(kind)
        const document = parseResult(await exec(build(using), signal), { write, answer: 'json' })
        return unwrapResponse(using[verb] === 'request' ? document : outputOf(document), write)
      }
      // Where there is another way to ask, 503 is a reason to take it and not to wait.
      return write || isLast
        ? once()
        : withRetry(once, signal, (error) => isTransient(error) && !(can.act && isUnavailable(error)))
    }
    try {
      return await attempt(can)
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      const unavailable = verb === 'proxy' && !write && isUnavailable(error)
      if (can.act && can[verb] !== 'act' && (error.notSent || unavailable)) {
        if (error.notSent) can[verb] = 'act'
        return attempt({ ...can, [verb]: 'act' }, true)
      }
      if (error.reason === 'cli-unsupported') await invalidate()
      throw error
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

  return {
    getInfo,
    async listConnections(signal) {
      const { connectionCursor } = await getInfo(signal)
      return allPages(
        async (cursor) => readPage(await query(argv.listConnections(cursor), signal), connectionSchema),
        connectionCursor,
      )
    },
    async getConnection(id, signal, waitSeconds) {
      const { connectionWait } = await getInfo(signal)
      return readDocument(
        await query(argv.getConnection(id, connectionWait ? waitSeconds : undefined), signal),
        connectionSchema,
      )
    },
    ensureConnection: (appUrl, signal) => runInteractive(argv.ensureConnection(appUrl), signal),
    connect: (target, signal) => runInteractive(argv.connect(target), signal),
    async searchConnectors(text, signal) {
      const { items } = readPage(await query(argv.searchConnectors(text), signal), connectorSchema)
      return items.map(({ element }) => element)
    },
    async listActions(connectionId, signal) {
      const can = await getInfo(signal)
      const limit = can.actionCursor ? pageSize : maxLimit
      const load = async (cursor?: string) =>
        readPage(await query(argv.listActions(connectionId, { limit, cursor }, can), signal), actionSchema)
      return allPages(load, can.actionCursor)
    },
    async findActions(connectionId, intent, limit, signal) {
      const args = argv.listActions(connectionId, { intent, limit }, await getInfo(signal))
      return readPage(await query(args, signal), actionSchema).items.slice(0, limit)
    },
    async getAction(idOrKey, signal) {
      return readDocument(await query(argv.getAction(idOrKey), signal), actionSchema)
    },
    runAction: ({ connectionId, actionId, input, write }, signal) =>
      callApp('run', (can) => argv.runAction(connectionId, actionId, input, can), { signal, write }),
    request: (connectionId, request, signal) =>
      callApp('proxy', (can) => argv.request(connectionId, request, can), { ...request, signal }),
    async login(signal) {
      const can = await getInfo(signal)
      return runInteractive(argv.login(can), signal)
    },
    async completeLogin(code, signal) {
      parseResult(await exec(argv.completeLogin(code), signal), { write: false, answer: 'text' })
    },
  }

  /** Runs a command that may wait for a person, and returns what it printed by the time a person has to act. */
  function runInteractive(args: readonly string[], signal: AbortSignal): Promise<ProcessResult> {
    return withDeadline(handOverMs, (limited) => exec(args, limited), signal)
  }
}

const isUnavailable = (error: unknown) => error instanceof ToolError && error.status === 503

/** `output` is absent where the action gave nothing back; a document without any known member is taken as it is. */
function outputOf(document: object): unknown {
  if ('output' in document) return document.output
  return 'actionRunId' in document || Object.keys(document).length === 0 ? undefined : document
}
