import { writeFile } from 'node:fs/promises'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect as connectSocket } from 'node:net'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { Scope } from '../../src/auth/principal.ts'
import { createStaticTokens } from '../../src/auth/static-tokens.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { HttpLimits } from '../../src/http/http-limits.ts'
import { startHttpServer } from '../../src/http/http-server.ts'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { type Json, memoryLog, temporaryFolder } from '../support/app.ts'
import { connection, liveActions } from '../support/samples.ts'
import { sandboxRunner } from '../support/sandbox-runner.ts'
import { type Plan, scriptedRunner } from '../support/scripted-runner.ts'

export interface HttpOptions {
  /** Options by their names in a config file. */
  given?: Record<string, unknown>
  plan?: Plan
  /** Runs the CLI in place of the scripted one. */
  runner?: ProcessRunner
  limits?: Partial<HttpLimits>
  host?: string
}

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  /** The body where it is JSON. */
  json: Json
}

interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string | string[]>
  body?: string
}

const usable: Plan = { connections: [connection], actions: liveActions }

/** A server in this process on a port of its own. The CLI is scripted, unless the sandbox is asked for. */
export async function startHttp({
  given = {},
  plan = usable,
  runner,
  limits,
  host = '127.0.0.1',
}: HttpOptions = {}) {
  const folder = await temporaryFolder()
  const stateDir = join(folder, 'state')
  await writeFile(join(folder, 'sandbox.js'), '')
  const config = await loadConfig({ stateDir, cli: process.execPath, ...given }, {})
  const scripted = scriptedRunner(plan)
  const log = memoryLog()
  const server = await startHttpServer({
    config,
    address: { host, port: 0 },
    version: '0.0.0',
    deps: {
      runner: runner ?? (config.sandbox ? sandboxRunner({ folder: join(stateDir, 'sandbox') }) : scripted),
      log,
      env: { PATH: process.env['PATH'], HOME: folder },
      bundleDir: folder,
    },
    ...(limits === undefined ? {} : { limits }),
  })
  onTestFinished(() => server.stop())
  const { port } = new URL(server.url)
  const tokens = createStaticTokens(stateDir)
  return {
    server,
    url: server.url,
    port: Number(port),
    stateDir,
    log,
    scripted,
    tokens,
    /** Makes a token and returns the header that shows it. */
    async bearer(subject: string, scopes: Scope[] = ['kustomer:write'], connection?: string) {
      const { token, id } = await tokens.create({ subject, scopes, connection })
      return { authorization: `Bearer ${token}`, id }
    },
    send: (sent: Sent = {}) => send(Number(port), sent),
    /** Posts a JSON-RPC request. */
    rpc: (method: string, params: object = {}, authorization?: string) =>
      send(Number(port), {
        headers: authorization === undefined ? {} : { authorization },
        body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      }),
    /** Calls a tool. */
    async call(name: string, args: object = {}, authorization?: string) {
      const { status, json } = await send(Number(port), {
        headers: authorization === undefined ? {} : { authorization },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'tools/call',
          params: { name, arguments: args },
        }),
      })
      const text: string = json?.result?.content?.[0]?.text ?? ''
      const isError: boolean = json?.result?.isError === true
      return { status, isError, text, data: isError || text === '' ? undefined : JSON.parse(text).data }
    },
    /** Writes bytes to a socket, and resolves with what came back when it was closed. */
    raw: (...parts: string[]) => raw(Number(port), parts),
  }
}

function send(port: number, { method = 'POST', path = '/mcp', headers = {}, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      port,
      host: '127.0.0.1',
      method,
      path,
      agent: false,
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...headers,
      },
    })
    request.on('error', reject)
    request.on('response', (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: jsonOf(text) }),
      )
    })
    request.end(body)
  })
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function raw(port: number, parts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(text))
    for (const part of parts) socket.write(part)
  })
}
