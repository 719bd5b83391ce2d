import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { appendFile, open, stat, truncate } from 'node:fs/promises'

export const genesis = '0'.repeat(64)

export interface Verification {
  records: number
  /** Hash of the last record, to compare with one that was kept elsewhere. */
  last: string
  /** Number of the first line that was changed, moved or follows a missing one; undefined when the chain is whole. */
  brokenAt?: number
  /** Writes that began and of which no end is recorded: under way, or of a process that was ended. */
  open: number
}

/** Checks every line of an audit file. Rejects when it cannot be read. */
export async function verifyAudit(file: string): Promise<Verification> {
  const begun = new Set<unknown>()
  let last = genesis
  let records = 0
  for await (const line of linesOf(file)) {
    const record = parseRecord(line, last)
    if (record === undefined) return { records, last, open: begun.size, brokenAt: records + 1 }
    records++
    last = String(record['hash'])
    if (record['outcome'] === 'started') begun.add(record['attempt'])
    else begun.delete(record['attempt'])
  }
  return { records, last, open: begun.size }
}

/** Lines that a line feed ends. Any other line end is a change of the line that it stands in. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function parseRecord(line: string, previous: string): Record<string, unknown> | undefined {
  try {
    const { hash, ...content } = JSON.parse(line) as Record<string, unknown>
    // Serialised again it must be the same text: a space or a duplicate member is a change too.
    const isOurs = JSON.stringify({ ...content, hash }) === line && content['previous'] === previous
    return isOurs && hash === hashOf(content) ? { ...content, hash } : undefined
  } catch {
    return undefined
  }
}

/**
 * Appends a record to the chain. Call it under the file's lock. An unfinished last line, of a process that was killed
 * while it wrote, is truncated first.
 */
export async function appendRecord(file: string, entry: object): Promise<void> {
  await appendFile(file, '', { mode: 0o600 })
  const { previous, end } = await endOf(file)
  await truncate(file, end)
  const content = { ...entry, previous }
  await appendFile(file, `${JSON.stringify({ ...content, hash: hashOf(content) })}\n`)
}

/** The hash of the last finished line, and the offset in bytes at which it ends. */
async function endOf(file: string): Promise<{ previous: string; end: number }> {
  const { size } = await stat(file)
  for (let bytes = 4096; ; bytes *= 16) {
    const tail = await readTail(file, size, bytes)
    const end = tail.lastIndexOf(10) + 1
    if (end === 0 && bytes >= size) return { previous: genesis, end: 0 }
    const start = tail.lastIndexOf(10, end - 2) + 1
    if (end === 0 || (start === 0 && bytes < size)) continue
    const line = tail.subarray(start, end - 1).toString()
    const previous = /"hash":"([0-9a-f]{64})"\}$/.exec(line)?.[1] ?? genesis
    return { previous, end: size - tail.length + end }
  }
}

async function readTail(file: string, size: number, bytes: number): Promise<Buffer> {
  const handle = await open(file)
  try {
    const length = Math.min(size, bytes)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return buffer
  } finally {
    await handle.close()
  }
}

const hashOf = (content: object) => createHash('sha256').update(JSON.stringify(content)).digest('hex')
