import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ProcessRunner } from '../../src/membrane/process.ts'
import { type Harness, type Json, setupOnce } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'
import { scriptedRunner } from '../support/scripted-runner.ts'

const numbered = (index: number) => index.toString(16).padStart(24, 'a')
/** A note whose body has so many characters. */
const note = (characters: number, index: number) => ({
  type: 'note',
  id: numbered(index),
  attributes: { body: `${index} ${'x'.repeat(characters)}` },
  relationships: {},
})

/** A CLI whose every list has these records. `cursor` makes the next page a path. */
function listing() {
  const list = { records: [] as object[], cursor: false }
  const scripted = scriptedRunner({ connections: [connection], actions: liveActions })
  const runner: ProcessRunner & { list: typeof list } = {
    ...scripted,
    list,
    async run(program, args, signal) {
      const result = await scripted.run(program, args, signal)
      const isRequest = args[0] === 'request'
      if (!isRequest && args[1] !== 'run') return result
      const input = args.find((arg) => arg.startsWith('--input='))?.slice(8) ?? '{}'
      const query = new URLSearchParams(
        args
          .filter((arg) => arg.startsWith('--query='))
          .map((arg) => arg.slice(8))
          .join('&'),
      )
      const { page = 1, pageSize = 25 } = isRequest
        ? { page: Number(query.get('page') ?? 1), pageSize: Number(query.get('pageSize') ?? 25) }
        : JSON.parse(input)
      const end = page * pageSize
      const next = `/v1/notes?${list.cursor ? 'after' : 'page'}=${page + 1}&pageSize=${pageSize}`
      const body = {
        data: list.records.slice(end - pageSize, end),
        meta: { page, pageSize, total: list.records.length },
        links: { next: end < list.records.length ? next : null },
      }
      const document = isRequest ? { status: 200, headers: {}, body } : { output: body }
      return { ...result, stdout: JSON.stringify(document) }
    },
  }
  return runner
}

/** The ids of records, wherever they stand in an answer. */
const idsIn = (value: unknown): string[] => {
  if (typeof value !== 'object' || value === null) return []
  const { type, id } = value as Json
  return [...(type === 'note' ? [id] : []), ...Object.values(value).flatMap(idsIn)]
}

/** Reads a list as an agent does, by what each answer says to do next. An answer that says two things fails. */
async function readAll(harness: Harness, name: string, args: Json): Promise<string[]> {
  const ids: string[] = []
  let step: [string, Json] | undefined = [name, args]
  for (let steps = 0; step !== undefined; steps++) {
    if (steps > 500) throw new Error('it never ends')
    const [tool, given]: [string, Json] = step
    const { isError, text, structured } = await harness.call(tool, given)
    expect(isError, text).toBe(false)
    const { data, page = {}, notices = [] } = structured
    ids.push(...idsIn(data))
    const said = notices.join('\n')
    const cut = /read-result with id "(\w+)" and page 2/.exec(said)?.[1]
    const onwards = /The list goes on: .*, with page (\d+)\./.exec(said)?.[1]
    const ways: [string, Json][] = [
      ...(page.next === undefined ? [] : [[tool, { ...given, page: page.next }] as [string, Json]]),
      ...(cut === undefined ? [] : [['read-result', { id: cut, page: 2 }] as [string, Json]]),
      ...(onwards === undefined ? [] : [[name, { ...args, page: Number(onwards) }] as [string, Json]]),
    ]
    expect(ways.length).toBeLessThanOrEqual(1)
    step = ways[0]
  }
  return ids
}

const runner = listing()
const server = setupOnce({ runner, args: ['--max-result-chars', '2000'] })

describe('what an answer says next leads through the whole list', () => {
  const ways: [string, (pageSize: number) => [string, Json]][] = [
    ['an action', (pageSize) => ['list-notes', { pageSize }]],
    [
      'list-customer-conversations',
      (pageSize) => ['list-customer-conversations', { id: numbered(1), pageSize }],
    ],
    ['search', (pageSize) => ['search', { type: 'note', pageSize }]],
  ]
  test.each(ways)('of %s, each record once', async (_, callWith) => {
    const sizes = fc.array(fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 4000 })), {
      maxLength: 40,
    })
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 30 }), async (lengths, pageSize) => {
        runner.list.records = lengths.map(note)
        runner.list.cursor = false
        expect(await readAll(server(), ...callWith(pageSize))).toEqual(
          lengths.map((_size, index) => numbered(index)),
        )
      }),
      { numRuns: 40 },
    )
  })
})

describe('a truncated list', () => {
  const call = async (name: string, args: Json = {}): Promise<Json> => {
    const { isError, text, structured } = await server().call(name, args)
    expect(isError, text).toBe(false)
    return structured
  }
  /** The last page of what read-result has. */
  const lastPageOf = async ({ notices }: Json): Promise<Json> => {
    const [, id, pages] = /read-result with id "(\w+)" and page 2 of (\d+)/.exec(notices.join()) ?? []
    return call('read-result', { id, page: Number(pages) })
  }

  test('has no next page of Kustomer, the last part names it', async () => {
    runner.list.records = Array.from({ length: 60 }, (_, index) => note(300, index))
    runner.list.cursor = false
    const first = await call('list-notes', { pageSize: 25 })
    expect(first.page).toEqual({ page: 1, pageSize: 25, total: 60 })
    const last = await lastPageOf(first)
    expect(last.page).not.toHaveProperty('next')
    expect(last.notices).toContain('The list goes on: call the tool that gave it again, with page 2.')
    const end = await lastPageOf(await call('list-notes', { pageSize: 25, page: 3 }))
    expect(end.notices.join()).not.toContain('The list goes on')
  })

  test('that is paged by a path names the path', async () => {
    runner.list.records = Array.from({ length: 60 }, (_, index) => note(300, index))
    runner.list.cursor = true
    const first = await call('proxy_request', { path: '/v1/notes' })
    expect(first.page).not.toHaveProperty('next')
    expect((await lastPageOf(first)).notices).toContain(
      'The list goes on: call the tool that gave it again, with the path “/v1/notes?after=2&pageSize=25”.',
    )
  })

  test('that fits keeps its next page', async () => {
    runner.list.records = Array.from({ length: 6 }, (_, index) => note(10, index))
    runner.list.cursor = false
    const { page, notices } = await call('list-notes', { pageSize: 5 })
    expect([page.next, notices]).toEqual([2, undefined])
  })
})
