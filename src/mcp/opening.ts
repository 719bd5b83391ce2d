import { randomUUID } from 'node:crypto'
import type { Readable, Writable } from 'node:stream'
import type { Json } from '../json.ts'
import { initializeResults } from './initialize.macro.ts'
import { readOpening } from './opening-messages.ts'

/** What a host gets to hear, and what is done for it, before the SDK is loaded. */
interface OpeningAnswers {
  /** Returns the result of `tools/list`. */
  list: () => unknown
  /** Called once the host has said that it is initialized. */
  onReady: () => void
}

export interface Opening {
  /**
   * Resolves when the server has to take over. The input is paused then. What is read from it next is the `initialize`
   * that was answered, if one was, under an id that no host uses, which this resolves with; and all that was not
   * answered here.
   */
  over: Promise<string | undefined>
  /** Makes the server take over now. */
  end(): void
}

/** A line that is longer is nothing that is answered here. */
const maxBytes = 64 * 1024

/**
 * Answers what every host asks first, `initialize` and `tools/list`, from what was built in, and leaves the rest, and
 * what has an unusual form, to the server: to load the SDK took a quarter of the start.
 */
export function openSession(input: Readable, output: Writable, { list, onReady }: OpeningAnswers): Opening {
  let unread: Buffer = Buffer.alloc(0)
  let greeting: Json | undefined
  let hasEnded = false
  let resolve: (id: string | undefined) => void
  const over = new Promise<string | undefined>((tell) => {
    resolve = tell
  })
  const answer = ({ id }: Json, result: unknown) =>
    void output.write(`${JSON.stringify({ result, jsonrpc: '2.0', id })}\n`)

  /** Returns whether the message needs no server. */
  function take(line: Buffer): boolean {
    const { kind, message } = readOpening(line.toString())
    if (kind === 'initialized') onReady()
    else if (kind === 'list') answer(message, list())
    else if (kind === 'initialize' && greeting === undefined) {
      greeting = message
      answer(message, initializeResults[message.params.protocolVersion])
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
    const id = greeting && randomUUID()
    const again = Buffer.concat([Buffer.from(id ? `${JSON.stringify({ ...greeting, id })}\n` : ''), unread])
    if (again.length > 0 && !input.readableEnded) input.unshift(again)
    resolve(id)
  }

  input.on('data', onData)
  return { over, end }
}
