import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, stat } from 'node:fs/promises'

/** What stands before the first record. */
export const genesis = '0'.repeat(64)

/** The file beside an audit file that names its last record, so that an end which was cut off is missed. */
export const headOf = (file: string): string => `${file}.head`

/** What `audit verify` found. */
export interface Verification {
  records: number
  /** Hash of the last whole record, to compare with one that was kept elsewhere. */
  last: string
  /** Number of the first line that was changed, moved or follows a missing one; undefined when the chain is whole. */
  brokenAt?: number
  /** Numbers of lines that a process was ended in the middle of writing. */
  torn: number[]
  /** Writes that were begun and of which no end is recorded: under way, or left so by a process that was ended. */
  open: number
  /** How the chain fits what the head file names as its last record. */
  head: 'fits' | 'cut off' | 'missing'
}

/** Takes an audit file and returns what it holds and where its chain breaks. Rejects when it cannot be read. */
export async function verifyAudit(file: string): Promise<Verification> {
  const head = await readFile(headOf(file), 'utf8').catch(() => undefined)
  const begun = new Set<unknown>()
  const torn: number[] = []
  let [last, records, number, isHeadSeen] = [genesis, 0, 0, head?.trim() === genesis]
  let broken: string | undefined
  const found = (brokenAt?: number): Verification => ({
    ...{ records, last, torn, open: begun.size },
    ...(brokenAt === undefined ? {} : { brokenAt }),
    head: head === undefined ? 'missing' : isHeadSeen ? 'fits' : 'cut off',
  })
  for await (const line of linesOf(file)) {
    number++
    const record = checked(line, last)
    // What is torn says so itself: the record after it names it, and goes on from the one before.
    if (broken !== undefined && record?.['torn'] !== textHash(broken)) return found(number - 1)
    if (broken !== undefined) torn.push(number - 1)
    broken = record === undefined ? line : undefined
    if (record === undefined) continue
    if (record['torn'] !== undefined && torn.at(-1) !== number - 1) return found(number)
    records++
    last = String(record['hash'])
    isHeadSeen ||= last === head?.trim()
    if (record['outcome'] === 'started') begun.add(record['attempt'])
    else begun.delete(record['attempt'])
  }
  if (broken === undefined) return found()
  if ((await endOf(file)).isTorn) torn.push(number)
  return found(torn.at(-1) === number ? undefined : number)
}

/** The lines that a line feed ends, and none else: any other line end is a change of the line that it stands in. */
async function* linesOf(file: string): AsyncGenerator<string> {
  let rest = ''
  for await (const chunk of createReadStream(file, 'utf8')) {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

function checked(line: string, previous: string): Record<string, unknown> | undefined {
  try {
    const { hash, ...content } = JSON.parse(line) as Record<string, unknown>
    // Written again it must be the same text: a space or a second member of one name is a change too.
    const isOurs = JSON.stringify({ ...content, hash }) === line && content['previous'] === previous
    return isOurs && hash === hashOf(content) ? { ...content, hash } : undefined
  } catch {
    return undefined
  }
}

/** What the next record follows on. */
export interface End {
  /** Hash of the last whole record. */
  previous: string
  /** Whether the last line has no end of line: a process was ended in the middle of it. */
  isTorn: boolean
  /** Hash of that line, unless it is a whole record that lacks nothing else. */
  torn?: string
}

/** Takes an audit file and returns its end. Rejects when it cannot be read. */
export async function endOf(file: string): Promise<End> {
  for (let bytes = 4096; ; bytes *= 16) {
    const { text, isAll } = await tailOf(file, bytes)
    const lines = text.split('\n')
    const rest = lines.pop() ?? ''
    const isTorn = rest !== ''
    const whole = lastHash(rest)
    if (isTorn && whole !== undefined && (isAll || lines.length > 0)) return { previous: whole, isTorn }
    if (lines.length < 2 && !isAll) continue
    const previous = lines.length === 0 ? genesis : (lastHash(lines.at(-1) ?? '') ?? genesis)
    return { previous, isTorn, ...(isTorn ? { torn: textHash(rest) } : {}) }
  }
}

const lastHash = (line: string) => /"hash":"([0-9a-f]{64})"\}$/.exec(line)?.[1]

async function tailOf(file: string, bytes: number) {
  const { size } = await stat(file)
  const handle = await open(file)
  try {
    const length = Math.min(size, bytes)
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length)
    return { text: buffer.toString(), isAll: length === size }
  } finally {
    await handle.close()
  }
}

export const hashOf = (content: object): string => textHash(JSON.stringify(content))

const textHash = (text: string) => createHash('sha256').update(text).digest('hex')
