import type { Readable, Writable } from 'node:stream'
import { isObject, type Json } from '../json.ts'
import { initializeResults } from './initialize.prebuilt.ts'

/** What a host gets to hear, and what is done for it, before the SDK is loaded. */
interface OpeningAnswers {
  /** Returns the result of `tools/list`. */
  list: () => unknown
  /** Called once the host has said that it is initialized. */
  onReady: () => void
}

export interface Opening {
  /**
   * Resolves when the server has to take over, with the id of the `initialize` that has been answered, if one was.
   * The input is paused then. What is read from it next is that `initialize`, and all that was not answered here.
   */
  over: Promise<unknown>
  /** Makes the server take over now. */
  end(): void
}

/** A line that is longer is nothing that is answered here. */
const maxBytes = 64 * 1024

/**
 * Answers what every host asks first, `initialize` and `tools/list`, from what was built in, and leaves the rest, and
 * what has an unusual form, to the server: to load the SDK would take a third of the start.
 */
export function openSession(input: Readable, output: Writable, { list, onReady }: OpeningAnswers): Opening {
  let unread: Buffer = Buffer.alloc(0)
  let greeting: { id: unknown; line: Buffer } | undefined
  let hasEnded = false
  let resolve: (id: unknown) => void
  const over = new Promise<unknown>((tell) => {
    resolve = tell
  })
  const answer = ({ id }: Json, result: unknown) =>
    void output.write(`${JSON.stringify({ result, jsonrpc: '2.0', id })}\n`)

  /** Returns whether the message needs no server. */
  function take(line: Buffer): boolean {
    const message = parse(line)
    const kind = kindOf(message)
    if (kind === 'initialized') onReady()
    else if (kind === 'list') answer(message, list())
    else if (kind === 'initialize' && greeting === undefined) {
      greeting = { id: message['id'], line }
      answer(message, initializeResults[(message['params'] as Greeting).protocolVersion])
    } else return false
    return true
  }

  function onData(chunk: Buffer) {
    unread = Buffer.concat([unread, chunk])
    for (;;) {
      const length = unread.indexOf('\n') + 1
      if (length === 0 && unread.length < maxBytes) return
      if (length === 0 || !take(unread.subarray(0, length))) return end()
      unread = unread.subarray(length)
    }
  }

  function end() {
    if (hasEnded) return
    hasEnded = true
    input.off('data', onData).pause()
    const again = Buffer.concat([greeting?.line ?? Buffer.alloc(0), unread])
    if (again.length > 0 && !input.readableEnded) input.unshift(again)
    resolve(greeting?.id)
  }

  input.on('data', onData)
  return { over, end }
}

interface Greeting extends Json {
  protocolVersion: string
}

function parse(line: Buffer): Json {
  try {
    const message: unknown = JSON.parse(line.toString())
    return isObject(message) ? message : {}
  } catch {
    return {}
  }
}

/** Which of the three messages it is; undefined where its form is any but the usual. */
function kindOf(message: Json): 'initialize' | 'initialized' | 'list' | undefined {
  const { jsonrpc, id, method, params = {}, ...others } = message
  if (jsonrpc !== '2.0' || Object.keys(others).length > 0 || !isObject(params)) return undefined
  const isPlain = Object.keys(params).length === 0
  if (method === 'notifications/initialized' && id === undefined && isPlain) return 'initialized'
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return undefined
  if (method === 'tools/list' && isPlain) return 'list'
  return method === 'initialize' && isGreeting(params) ? 'initialize' : undefined
}

function isGreeting({ protocolVersion, capabilities, clientInfo, ...others }: Json): boolean {
  const isKnown = typeof protocolVersion === 'string' && Object.hasOwn(initializeResults, protocolVersion)
  const isClient =
    isObject(clientInfo) &&
    typeof clientInfo['name'] === 'string' &&
    typeof clientInfo['version'] === 'string'
  return isKnown && isClient && isObject(capabilities) && Object.keys(others).length === 0
}
