import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import type { ToolOutput } from '../../src/response/envelope.ts'
import { createResponseFormatter } from '../../src/response/formatter.ts'
import { createResultStore, type ResultStore } from '../../src/response/result-store.ts'
import { truncate } from '../../src/response/truncate.ts'

type Json = Record<string, unknown>

function setup(maxResultChars: number, store: ResultStore = createResultStore()) {
  const format = createResponseFormatter({ output: 'compact', maxResultChars, store })
  /** What a call with this answer gives, checked for its size and for being JSON. */
  const call = (answer: ToolOutput) => {
    const text = JSON.stringify(format(answer))
    expect(text.length).toBeLessThanOrEqual(maxResultChars)
    return JSON.parse(text) as { data: Json[]; page?: Json; notices?: string[] }
  }
  /** The first answer and all pages after it, as an agent reads on. */
  const readAll = (data: unknown) => {
    const first = call({ data })
    const [, id, count] =
      /read-result with id "(\w+)" and page 2 of (\d+)/.exec(first.notices?.at(-1) ?? '') ?? []
    const pages = []
    for (
      let page: unknown = id === undefined ? undefined : 2;
      page !== undefined;
      page = pages.at(-1)?.page?.['next']
    )
      pages.push(call(store.read(id ?? '', page as number)))
    expect(pages).toHaveLength(id === undefined ? 0 : Number(count) - 1)
    return { first, pages, id }
  }
  return { call, readAll }
}

const notes = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    type: 'note',
    id: `n${index}`,
    attributes: { body: `body ${index} é漢字` },
  }))

test('20,000 records can be read page by page', () => {
  const { first, pages } = setup(32_000).readAll(notes(20_000))
  const read = [first, ...pages].flatMap(({ data }) => data)
  expect(read.map((record) => record['id'])).toEqual(notes(20_000).map(({ id }) => id))
  expect(first.notices?.at(-1)).toMatch(
    new RegExp(`^Cut to fit: the first ${first.data.length} of 20000 records`),
  )
  expect(pages[0]?.notices?.[0]).toMatch(/^Page 2 of \d+: records \d+ to \d+ of 20000\.$/)
})

test('an answer that fits is not kept', () => {
  expect(setup(32_000).readAll([{ a: 1 }]).first).toEqual({ data: [{ a: 1 }] })
})

test('a list is cut between its records', () => {
  const data = { conversation: { id: 'c', status: 'open' }, messages: notes(500), total: 500 }
  const { first, pages } = setup(5000).readAll(data)
  const shown = first.data as unknown as { conversation: Json; messages: Json[]; total: number }
  expect(shown).toMatchObject({ conversation: { id: 'c', status: 'open' }, total: 500 })
  const rest = pages.flatMap((page) => page.data).flatMap((part) => part['records'] as Json[])
  expect([...shown.messages, ...rest].map((record) => record['id'])).toEqual(notes(500).map(({ id }) => id))
  expect(first.notices?.at(-1)).toContain(`messages: ${shown.messages.length} of 500 records`)
})

test('long texts of one record are cut, with their length', () => {
  const body = Array.from({ length: 9000 }, (_, index) => `😀${index}`).join(' ')
  const { first, pages } = setup(6000).readAll({
    data: { type: 'note', id: 'n', attributes: { body, subject: 'short', rev: 3 } },
  })
  const record = (first.data as unknown as { data: Json }).data
  expect(record).toMatchObject({ id: 'n', subject: 'short', rev: 3 })
  expect(record['body']).toMatch(new RegExp(`… \\[${body.length} characters\\]$`))
  const texts = pages.flatMap((page) => page.data).map((part) => part['text'])
  const head = String(record['body']).replace(/… \[\d+ characters\]$/, '')
  expect([head, ...texts].join('')).toBe(body)
  expect(JSON.stringify(texts)).not.toMatch(/\\ud[89a-f]/i)
})

test('a short text is not marked as cut', () => {
  const value = { note: 'x'.repeat(80), list: Array.from({ length: 50 }, (_, index) => ({ index })) }
  const { shown, cuts } = truncate(value, { maxChars: 160, recordLimit: 160 })
  expect(shown).toMatchObject({ note: value.note })
  expect(cuts.map(({ path }) => path)).toEqual(['list'])
})

describe('for any data', () => {
  /** Puts the pieces back where they came from, as their paths say. */
  function whole(data: unknown, parts: Json[]): unknown {
    const root = { '': structuredClone(data) } as Json
    for (const { path, records, text, members } of parts) {
      const names = path === '' ? [''] : ['', ...String(path).split('/')]
      const last = names.pop() as string
      const holder = names.reduce((value, name) => value[name] as Json, root)
      const known = holder[last]
      if (records !== undefined) (known as unknown[]).push(...(records as unknown[]))
      else if (members !== undefined) Object.assign(known as object, members)
      else holder[last] = String(known).replace(/… \[\d+ characters\]$/, '') + text
    }
    return root['']
  }
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 4000 }), fc.string({ maxLength: 30 }))
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      text,
      fc.integer(),
      fc.array(tie('tree'), { maxLength: 12 }),
      fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('tree'), { maxKeys: 12 }),
    ),
  }))

  it('all pages together are the answer', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 8 }), (data) => {
        const { first, pages } = setup(3000).readAll(structuredClone(data))
        // Records at the top stand in `data` by themselves.
        const parts = pages.flatMap((page) => {
          const isBare = /^Page \d+ of \d+: records/.test(page.notices?.[0] ?? '')
          return isBare ? [{ path: '', records: page.data } as Json] : page.data
        })
        const clean = setup(10_000_000).call({ data }).data
        expect(whole(first.data, parts)).toEqual(clean)
      }),
      { numRuns: 150 },
    )
  })
})

describe('what is kept', () => {
  const kept = (store: ResultStore, characters = 100) =>
    store.keep([{ data: 'x'.repeat(characters), label: 'all' }], ['Mind this.'])?.id ?? 'not kept'
  const failure = (run: () => unknown) => {
    try {
      run()
    } catch (error) {
      if (error instanceof ToolError) return `${error.reason}: ${error.message}`
      throw error
    }
    return 'no failure'
  }

  it('repeats the notices and names its pages', () => {
    const store = createResultStore()
    const id = kept(store)
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    expect(store.read(id, 1).notices).toEqual(['Page 1 of 1: all.', 'Mind this.'])
    expect(failure(() => store.read(id, 2))).toMatch(/^invalid-input: `page`: .*1 to 1/)
  })

  it.each<[string | number | undefined, string[]]>([
    [7, ['The list goes on: call the tool that gave it again, with page 7.']],
    [
      '/v1/notes?after=x',
      ['The list goes on: call the tool that gave it again, with the path “/v1/notes?after=x”.'],
    ],
    // The next part of a thread, which a notice of its own names.
    ['6aff0158c0f0000004000001', []],
    [undefined, []],
  ])('with the next page %j says so on its last page', (next, said) => {
    const store = createResultStore()
    const pages = [1, 2].map((number) => ({ data: [], label: `part ${number}` }))
    const { id = '' } = store.keep(pages, ['Mind this.'], next) ?? {}
    expect(store.read(id, 1).notices).toEqual(['Page 1 of 2: part 1.', 'Mind this.'])
    expect(store.read(id, 2).notices).toEqual(['Page 2 of 2: part 2.', ...said, 'Mind this.'])
  })

  it('expires after its time', () => {
    let time = 1
    const store = createResultStore({ keepMs: 1000, now: () => time })
    const id = kept(store)
    time = 1000
    expect(store.read(id, 1).data).toHaveLength(100)
    time = 1002
    expect(failure(() => store.read(id, 1))).toMatch(/^not-found: .*15 minutes/)
    expect(failure(() => store.read('../etc', 1))).toMatch(/^not-found: /)
  })

  it('is bounded, the longest unread goes first', () => {
    const store = createResultStore({ maxBytes: 1000 })
    const [first, second] = [kept(store, 400), kept(store, 400)]
    store.read(first, 1)
    const third = kept(store, 400)
    expect(failure(() => store.read(second, 1))).toMatch(/^not-found/)
    expect([first, third].map((id) => failure(() => store.read(id, 1)))).toEqual(['no failure', 'no failure'])
    expect(kept(store, 2000)).toBe('not kept')
    const { first: answer } = setup(2000, store).readAll(notes(200))
    expect(answer.notices?.at(-1)).toMatch(/too large to be kept\. Ask for less/)
  })
})
