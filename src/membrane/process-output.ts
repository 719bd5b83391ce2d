import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'

export type PipedChild = EventEmitter & { pid?: number | undefined; stdout: Readable; stderr: Readable }

/** Bytes of each stream that are kept; Membrane's own answers end at 30 MB (vendor documentation). */
const outputLimit = 32 * 1024 * 1024
export const drainMs = 500

export function closePipes({ stdout, stderr }: PipedChild): void {
  stdout.destroy()
  stderr.destroy()
}

/** A grandchild may keep the pipes open: destroys them after 500 ms without data. Pending data is read first. */
export function closeWhenQuiet(child: PipedChild): void {
  let isQuiet = true
  const clock = setTimeout(() => {
    isQuiet = true
    setImmediate(() => isQuiet && closePipes(child))
  }, drainMs).unref()
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', () => {
      isQuiet = false
      clock.refresh()
    })
  child.once('close', () => clearTimeout(clock))
}

/** Collects a stream up to the limit. Returns a function that gives its text. */
export function collect(stream: Readable, onLimit: () => void): () => string {
  const chunks: Buffer[] = []
  let size = 0
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size <= outputLimit) chunks.push(chunk)
    else if (size - chunk.length <= outputLimit) onLimit()
  })
  stream.on('error', () => undefined)
  return () => Buffer.concat(chunks).toString()
}
