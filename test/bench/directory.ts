/**
 * What a directory of 5,000 users and 2,000 tags costs: the first look-up, which reads and indexes a list, beside the bare
 * read of its pages; a look-up by name, by first name and of a name that is missing; and memory. Prints a table.
 */
import { strict as assert } from 'node:assert'
import { createDirectory } from '../../src/directory/directory.ts'
import type { ReadPage } from '../../src/directory/read-list.ts'
import { median, table } from './figures.ts'

const idOf = (index: number) => index.toString(16).padStart(24, '0')
const lists = new Map([
  ['/v1/users', named('Colleague', 5000)],
  ['/v1/tags', named('tag', 2000)],
])
const signal = new AbortController().signal
/** As long as a process of the CLI takes at least. */
const processMs = 50

function named(word: string, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    type: word,
    id: idOf(index),
    attributes: { name: `${word} Number${index}`, email: `${word}.${index}@example.com` },
  }))
}

const read: ReadPage = async (_, path, query) => {
  await new Promise((resolve) => setTimeout(resolve, processMs))
  const { page, pageSize, deleted } = Object.fromEntries(query)
  const records = deleted === undefined ? (lists.get(path) ?? []) : []
  const start = (Number(page) - 1) * Number(pageSize)
  const next = start + Number(pageSize) < records.length ? `${path}?page=${Number(page) + 1}` : null
  // Parsed anew, as what a process printed is.
  return JSON.parse(JSON.stringify({ data: records.slice(start, start + Number(pageSize)), links: { next } }))
}
const cache = {
  read: async () => undefined,
  write: async () => undefined,
  remove: async () => undefined,
  prune: async () => undefined,
}

async function timed(task: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await task()
  return performance.now() - start
}

async function measure(kind: 'user' | 'tag', count: number, missing: string) {
  const heap = () => {
    globalThis.gc?.()
    return process.memoryUsage().heapUsed
  }
  const directory = createDirectory({ read, cache, scope: 'bench' })
  const find = (text: string) => directory.find('connection', kind, text, signal)
  const word = kind === 'user' ? 'Colleague' : 'tag'
  const before = heap()
  const first = await timed(() => find(`${word} Number${count - 1}`))
  const memory = heap() - before
  const again: number[] = []
  const words: number[] = []
  const absent: number[] = []
  for (let round = 0; round < 200; round++) {
    again.push(await timed(() => find(`${word} Number${(round * 37) % count}`)))
    if (kind === 'user') words.push(await timed(() => find(`number${(round * 37) % count}`)))
    absent.push(await timed(() => assert.rejects(find(missing))))
  }
  const shown = (values: number[]) => (values.length === 0 ? '–' : median(values).toFixed(2))
  return [
    `${count} ${kind}s`,
    String(Math.round(first)),
    shown(again),
    shown(words),
    shown(absent),
    (memory / 1e6).toFixed(1),
  ]
}

const head = ['Directory', 'first look-up ms', 'by name ms', 'by first name ms', 'missing ms', 'memory MB']
const rows = [await measure('user', 5000, 'Colleage'), await measure('tag', 2000, 'tga number5')]
console.log(`A page takes ${processMs} ms.\n`)
console.log(table(head, rows))
