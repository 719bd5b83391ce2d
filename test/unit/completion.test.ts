import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { complete } from '../../src/mcp/completion.ts'
import { createSeen } from '../../src/mcp/seen.ts'

const result = (data: unknown) => ({ content: [], structuredContent: { data } })
const ada = {
  type: 'customer',
  id: 'a1',
  attributes: { name: 'Ada Byron', emails: [{ email: 'ada@example.com' }] },
}
const flat = { type: 'customer', id: 'b2', name: 'Berta', email: 'berta@example.com' }
const masked = { type: 'customer', id: 'c3', name: { isMasked: true }, emails: [] }

function seenOf(...all: unknown[]) {
  const seen = createSeen()
  for (const data of all) seen.note(result(data))
  return seen
}
const byName = { type: 'customer', gives: 'name' } as const
const byId = { type: 'customer', gives: 'id' } as const

describe('what was shown', () => {
  it.each<[string, unknown[]]>([
    ['in lists and single records, in either form', [[ada, flat], masked]],
    [
      'deep in a composed answer',
      [{ thread: { items: [ada, { customer: { ...flat, type: undefined } }, masked] } }],
    ],
  ])('is known: %s', (_, data) => {
    expect(
      seenOf(...data)
        .records('customer')
        .map(({ id }) => id),
    ).toEqual(['c3', 'b2', 'a1'])
  })

  it('is kept within bounds, the latest longest', () => {
    const seen = createSeen()
    for (let page = 0; page < 20; page++)
      seen.note(result(Array.from({ length: 100 }, (_, index) => ({ type: 'user', id: `${page}-${index}` }))))
    const records = seen.records('user')
    expect(records).toHaveLength(500)
    expect(records[0]?.id).toBe('19-99')
  })

  it('is no error, whatever an answer holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const seen = seenOf(data)
        expect(complete(byName, '', seen).values.every((value) => typeof value === 'string')).toBe(true)
      }),
    )
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    expect(seenOf(cyclic).records('customer')).toEqual([])
  })

  it('is read from the text where an answer has nothing else', () => {
    const seen = createSeen()
    seen.note({ content: [{ type: 'text', text: JSON.stringify({ data: [flat] }) }] })
    expect(seen.records('customer').map(({ id }) => id)).toEqual(['b2'])
  })

  it('does not count where a call failed', () => {
    const seen = createSeen()
    seen.note({ ...result([ada]), isError: true })
    expect(seen.records('customer')).toEqual([])
  })
})

describe('completion', () => {
  const seen = seenOf([ada, flat, masked, { type: 'customer', id: 'd4', name: 'Berta' }])
  it.each<[typeof byName | typeof byId, string, string[]]>([
    [byName, '', ['d4', 'c3', 'berta@example.com', 'Ada Byron']],
    [byName, 'byr', ['Ada Byron']],
    [byName, 'ADA', ['Ada Byron', 'ada@example.com']],
    [byName, 'berta', ['d4', 'berta@example.com']],
    [byName, 'c3', ['c3']],
    [byName, 'zzz', []],
    [byId, '', ['d4', 'c3', 'b2', 'a1']],
    [byId, 'ada', ['a1']],
    [byId, 'b', ['d4', 'b2', 'a1']],
  ])('%j of “%s”', (source, typed, values) => {
    expect(complete(source, typed, seen).values).toEqual(values)
  })

  it('gives a hundred values at most and says that there are more', () => {
    const many = seenOf(Array.from({ length: 150 }, (_, index) => ({ type: 'tag', id: `t${index}` })))
    const { values, total, hasMore } = complete({ type: 'tag', gives: 'id' }, 't', many)
    expect([values.length, total, hasMore]).toEqual([100, 150, true])
  })

  it('gives the values of a list that begin so, and none where there is no source', () => {
    expect(complete({ values: ['open', 'snoozed', 'done'] }, 'O', seen).values).toEqual(['open'])
    expect(complete(undefined, '', seen)).toEqual({ values: [], total: 0, hasMore: false })
  })
})
