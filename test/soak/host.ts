import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Json } from '../support/server.ts'

/** How a call ended: `ok`, the reason of its error, that it was held back, or that the host heard nothing of it. */
export interface Outcome {
  reason: string
  structured?: Json
}

export interface Call {
  outcome: Promise<Outcome>
  /** Tells the server that nobody waits for the answer any more. */
  cancel(): void
}

export type Departure = 'closes stdin' | 'crashes' | 'sends SIGTERM'

/** A host of MCP servers: it starts one, talks to it over its pipes, and leaves in one of the ways in which hosts do. */
export interface Host {
  pid: number
  call(name: string, args: object): Call
  /** Resolves when the server has ended. */
  leave(how: Departure): Promise<void>
}

/** No call lasts that long: the server's own deadline is far shorter. */
const silentMs = 60_000

/** Starts a server, and calls back when it ends without being asked to. */
export async function startHost(
  args: readonly string[],
  env: Record<string, string>,
  onCrash: () => void,
): Promise<Host> {
  const server = spawn(process.execPath, args, { env, stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = new Map<number, (outcome: Outcome) => void>()
  let leaving = false
  server.stdin.on('error', () => undefined)
  server.on('close', () => {
    if (!leaving) onCrash()
    for (const end of waiting.values()) end({ reason: 'host left' })
  })
  createInterface({ input: server.stdout }).on('line', (line) => {
    const { id, result, error } = JSON.parse(line)
    waiting.get(id)?.(error === undefined ? outcomeOf(result) : { reason: 'protocol error' })
  })
  const send = (message: object) =>
    void server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

  let lastId = 0
  function request(method: string, params: object): Call {
    const id = ++lastId
    const outcome = new Promise<Outcome>((resolve) => {
      const timer = setTimeout(() => resolve({ reason: 'silent' }), silentMs)
      waiting.set(id, (known) => {
        clearTimeout(timer)
        waiting.delete(id)
        resolve(known)
      })
      if (leaving) waiting.get(id)?.({ reason: 'host left' })
    })
    send({ id, method, params })
    const cancel = () => {
      send({ method: 'notifications/cancelled', params: { requestId: id } })
      waiting.get(id)?.({ reason: 'host cancelled' })
    }
    return { outcome, cancel }
  }

  await request('initialize', {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'soak', version: '1' },
  }).outcome
  send({ method: 'notifications/initialized' })
  return {
    pid: server.pid as number,
    call: (name, callArgs) => request('tools/call', { name, arguments: callArgs }),
    async leave(how) {
      leaving = true
      const ended = once(server, 'close')
      if (how === 'sends SIGTERM') server.kill('SIGTERM')
      if (how === 'closes stdin') server.stdin.end()
      if (how === 'crashes') {
        // What the system does to the pipes of a process that was killed outright.
        server.stdin.destroy()
        server.stdout.destroy()
      }
      await ended
    },
  }
}

/** The result of `initialize` has no content. */
function outcomeOf({ isError, content }: Json): Outcome {
  if (content === undefined) return { reason: 'ok' }
  const text: string = content[0].text
  if (!isError) return { reason: 'ok', structured: JSON.parse(text) }
  return { reason: text.includes('not sent again') ? 'held back' : (text.split(':')[0] ?? '') }
}
