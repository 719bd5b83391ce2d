import { type Readable, Transform, Writable } from 'node:stream'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { normalizeLine } from './normalize-message.ts'

const watchParentMs = 2000
/** The SDK closes the transport at a message of this size. */
const maxMessageBytes = 10 * 1024 * 1024

/** The SDK's stdio transport behind a lenient reader: every request gets a response. */
export function createStdioTransport(input: Readable, output: Writable): StdioServerTransport {
  let unread: Buffer = Buffer.alloc(0)
  const reader = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      unread = Buffer.concat([unread, chunk])
      for (let end = unread.indexOf(10); end >= 0; end = unread.indexOf(10)) {
        const normalized = normalizeLine(unread.subarray(0, end).toString())
        unread = unread.subarray(end + 1)
        if ('line' in normalized) this.push(`${normalized.line}\n`)
        else for (const response of normalized.responses) output.write(`${JSON.stringify(response)}\n`)
      }
      // Too long for any message: the SDK reports it and closes.
      if (unread.length > maxMessageBytes) this.push(unread)
      done()
    },
  })
  return new StdioServerTransport(input.pipe(reader), output)
}

/** Line and paragraph separators are legal in JSON and break readers that split lines at them. */
const escapeSeparators = (text: string) =>
  text.replace(/[\u2028\u2029]/g, (character) => (character === '\u2028' ? '\\u2028' : '\\u2029'))

/**
 * Claims stdout for MCP and returns its writer. Whatever else writes to stdout goes to stderr from then on, because a
 * client takes every line of stdout for a message.
 */
export function claimStdout(): Writable {
  const write = process.stdout.write.bind(process.stdout)
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof process.stdout.write
  const output = new Writable({
    write: (chunk, _encoding, done) => void write(escapeSeparators(String(chunk)), done),
  })
  // `waitForDisconnect` resolves at it, and `errored` says that not every response was received.
  output.on('error', () => undefined)
  // Each response that waits for the client to read adds a listener.
  return output.setMaxListeners(0)
}

/**
 * Resolves with the cause when the client is gone or wants this process to end: stdin ended, a signal came, stdout
 * broke, or the parent process changed. The SDK's transport watches none of these. Rejects with an uncaught error.
 */
export function waitForDisconnect(): Promise<string> {
  return new Promise((resolve, reject) => {
    process.stdin.once('end', () => resolve('stdin ended'))
    process.stdin.once('error', () => resolve('stdin broken'))
    process.stdin.once('close', () => resolve('stdin closed'))
    process.stdout.on('error', () => resolve('stdout closed'))
    // Not once: a second signal must not end this process before its children are ended.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => resolve(signal))
    process.on('uncaughtException', reject)
    process.on('unhandledRejection', reject)
    const parent = process.ppid
    setInterval(() => process.ppid === parent || resolve('parent gone'), watchParentMs).unref()
  })
}
