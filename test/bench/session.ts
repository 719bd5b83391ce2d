import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'

/** The environment that every program gets: what changes node's own start is left out for all alike. */
export function plainEnvironment(home: string): NodeJS.ProcessEnv {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, NODE_COMPILE_CACHE: ___, ...env } = process.env
  return { ...env, HOME: home }
}

export interface Session {
  /** Sends a request and resolves with its result, or rejects with the error that the server answered. */
  request(method: string, params?: object): Promise<Record<string, unknown>>
  notify(method: string): void
  /** Milliseconds since the process was started. */
  age(): number
  /** Peak resident memory in MB, as Linux counts it; undefined elsewhere. */
  peak(): Promise<number | undefined>
  /** Closes stdin and resolves with the milliseconds until the process is gone. */
  end(): Promise<number>
}

interface Waiting {
  resolve(result: Record<string, unknown>): void
  reject(error: Error): void
}

const patienceMs = 60_000
const clientInfo = { name: 'bench', version: '1.0.0' }

/** Starts a node program that serves MCP on stdin and stdout, and speaks to it with as little as possible between. */
export function startSession(args: readonly string[], env: NodeJS.ProcessEnv): Session {
  const start = performance.now()
  const child = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = new Map<number, Waiting>()
  let lastId = 0
  const failAll = (error: Error) => {
    for (const { reject } of waiting.values()) reject(error)
  }
  child.stdin.on('error', () => undefined)
  child.once('exit', (code) => failAll(new Error(`ended with exit code ${code}`)))
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return
    const { id, result, error } = JSON.parse(line)
    const asked = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) asked?.resolve(result)
    else asked?.reject(new Error(error.message))
  })
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  return {
    request: (method, params = {}) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        const timer = setTimeout(() => {
          child.kill('SIGKILL')
          reject(new Error(`no answer to ${method} in ${patienceMs / 1000} s`))
        }, patienceMs)
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            clearTimeout(timer)
            settle(value)
          }
        waiting.set(id, { resolve: settled(resolve), reject: settled(reject) })
        send({ id, method, params })
      }),
    notify: (method) => void send({ method }),
    age: () => performance.now() - start,
    async peak() {
      const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
      const kilobytes = /VmHWM:\s+(\d+)/.exec(status)?.[1]
      return kilobytes === undefined ? undefined : Number(kilobytes) / 1024
    },
    async end() {
      const closed = performance.now()
      const exited = once(child, 'exit')
      child.stdin.end()
      const timer = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await exited
      clearTimeout(timer)
      return performance.now() - closed
    },
  }
}

/** Goes through the start of a session as a host does. */
export async function initialize({ request, notify }: Session): Promise<void> {
  await request('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo })
  notify('notifications/initialized')
}
