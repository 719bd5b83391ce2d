import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiRecord } from '../../src/kustomer/json-api.ts'
import { authorsOf, inOrder, newestPart } from '../../src/tools/thread-entries.ts'

const id = (number: number) => number.toString(16).padStart(24, '0')
const at = (minute: number) => new Date(Date.UTC(2026, 10, 1) + minute * 60_000).toISOString()
const link = (type: string, to: string) => ({ data: { type, id: to } })
const [user, customer] = [id(900), id(901)]

const message = (number: number, attributes: object = {}, relationships: object = {}): ApiRecord => ({
  type: 'message',
  id: id(number),
  attributes: {
    direction: 'in',
    channel: 'chat',
    preview: `text ${number}`,
    sentAt: at(number),
    ...attributes,
  },
  relationships: { customer: link('customer', customer), ...relationships },
})
const note = (number: number, body = 'internal words'): ApiRecord => ({
  type: 'note',
  id: id(number),
  attributes: { body, createdAt: at(number) },
  relationships: { createdBy: link('user', user), customer: link('customer', customer) },
})
const names = new Map([
  [user, 'Priya Raman'],
  [customer, 'Dana Okafor'],
])
const nameOf = (of: string) => names.get(of)
const whole = (records: ApiRecord[]) => newestPart(records, { limit: 200, before: undefined }, nameOf).entries

describe('an entry', () => {
  it('shows author, time, direction and text', () => {
    const out = message(2, { direction: 'out' }, { createdBy: link('user', user) })
    expect(whole([message(1), out, note(3)])).toEqual([
      {
        type: 'message',
        id: id(1),
        at: at(1),
        author: 'Dana Okafor',
        direction: 'in',
        channel: 'chat',
        text: 'text 1',
      },
      {
        ...{
          type: 'message',
          id: id(2),
          at: at(2),
          author: 'Priya Raman',
          direction: 'out',
          channel: 'chat',
        },
        text: 'text 2',
      },
      {
        type: 'note',
        id: id(3),
        at: at(3),
        author: 'Priya Raman',
        internal: true,
        text: 'internal words',
      },
    ])
  })

  it('shows the id of an author without a name', () => {
    const unknownUser = message(1, { direction: 'out' }, { createdBy: link('user', id(777)) })
    const nobody = message(2, { direction: 'out' })
    expect(whole([unknownUser, nobody]).map(({ author }) => author)).toEqual([id(777), undefined])
  })

  it('counts attachments and shows a failure', () => {
    const [entry] = whole([
      message(
        1,
        { direction: 'out', status: 'error', error: { title: 'Recipient is marked inactive.' } },
        { attachments: { data: [{ id: id(5) }, { id: id(6) }] } },
      ),
    ])
    expect(entry).toMatchObject({ status: 'error', error: 'Recipient is marked inactive.', attachments: 2 })
  })

  it('keeps masked text, and marks text that is cut', () => {
    const masked = { isMasked: true, maskedPresentation: '****' }
    const [one, other] = whole([message(1, { preview: masked }), message(2, { preview: 'x'.repeat(9000) })])
    expect(one?.['text']).toEqual(masked)
    expect(other?.['text']).toBe(`${'x'.repeat(4000)}… (5000 of 9000 characters left out)`)
  })

  it('is not cut in the middle of a character', () => {
    const [entry] = whole([message(1, { preview: `x${'😀'.repeat(3000)}` })])
    expect(String(entry?.['text'])).not.toMatch(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])/)
  })
})

it('records are in the order of time', () => {
  const records = [message(3), note(1), message(2, { sentAt: at(1) })]
  expect(inOrder(records).map(({ id }) => id)).toEqual([id(1), id(2), id(3)])
  expect(inOrder(records.toReversed())).toEqual(inOrder(records))
})

it('authors are named once, customers not among them', () => {
  expect(authorsOf([note(1), note(2), message(3)])).toEqual([user])
})

describe('a part of a thread', () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 6000 }), { minLength: 1, maxLength: 60 })

  it('goes back part by part, each entry once', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 30 }), (lengths, limit) => {
        const records = lengths.map((length, index) => message(index, { preview: 'x'.repeat(length) }))
        const read: string[] = []
        let before: string | undefined
        for (let older = records.length; older > 0; ) {
          const part = newestPart(records, { limit, before }, nameOf)
          expect(part.entries.length).toBeGreaterThan(0)
          expect(part.entries.length).toBeLessThanOrEqual(limit)
          expect(JSON.stringify(part.entries).length).toBeLessThan(21_000)
          expect(part.older).toBe(older - part.entries.length)
          read.unshift(...part.entries.map(({ id }) => id))
          older = part.older
          before = part.entries[0]?.id
        }
        expect(read).toEqual(records.map(({ id }) => id))
      }),
      { numRuns: 100 },
    )
  })

  it('before the first entry is empty', () => {
    const records = [message(1), message(2)]
    expect(newestPart(records, { limit: 5, before: id(1) }, nameOf)).toEqual({ entries: [], older: 0 })
    expect(() => newestPart(records, { limit: 5, before: id(99) }, nameOf)).toThrow(
      expect.objectContaining({ reason: 'invalid-input', message: expect.stringContaining('`before`') }),
    )
  })
})
