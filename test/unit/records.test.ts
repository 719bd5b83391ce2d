import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { renderEnvelope, renderRecords as rendered } from '../../src/cli/terminal/records.ts'
import { terminalStyle } from '../../src/cli/terminal/style.ts'
import { sanitize } from '../../src/text/redact.ts'

const plain = (columns: number) =>
  terminalStyle({ isTTY: true, columns, hasColors: () => false } as NodeJS.WriteStream)

describe('an answer for a person', () => {
  test('a record is printed as aligned names and values', () => {
    const record = {
      type: 'note',
      id: '1',
      attributes: {
        body: 'one two three four five six seven',
        tags: [],
        user: null,
        at: '2026-11-22T06:55:01.123Z',
      },
      relationships: { customer: { data: { type: 'customer', id: 'c1' }, links: {} }, teams: { data: [] } },
      links: { self: '/v1/notes/1' },
    }
    expect(rendered(record, plain(40))).toBe(
      [
        'type      note',
        'id        1',
        'body      one two three four five six',
        '          seven',
        'at        2026-11-22 06:55Z',
        'customer  c1',
      ].join('\n'),
    )
  })

  test('a list is printed as a table that fits', () => {
    const list = [
      { flag: true, name: 'Ann', id: '1', size: 10, note: 'x'.repeat(60) },
      { flag: true, name: '李雷', id: '22', size: 7, note: '' },
    ]
    expect(rendered(list, plain(40))).toBe(
      [
        'id  name  size  flag',
        '1   Ann   10    true',
        '22  李雷  7     true',
        '1 more members of each: --json has them.',
      ].join('\n'),
    )
    expect(rendered([], plain(40))).toBe('none')
    expect(rendered(['a', 'b'], plain(40))).toBe('- a\n- b')
  })

  test('a list inside a record stands below it', () => {
    expect(rendered({ id: '1', emails: [{ email: 'a@b.c', verified: true }] }, plain(40))).toBe(
      ['id  1', 'emails', '  email  verified', '  a@b.c  true'].join('\n'),
    )
  })

  test('the page and the notices follow', () => {
    const envelope = {
      data: ['a'],
      page: { page: 1, pageSize: 25, total: 118, next: 2 },
      notices: ['Mind this.'],
    }
    expect(renderEnvelope(envelope, plain(80))).toBe(
      '- a\n\npage 1 · 25 a page · 118 in all · next: 2\n\n! Mind this.',
    )
  })

  test('no text controls the terminal', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 })
    const member = fc.oneof(
      text,
      fc.integer(),
      fc.array(text, { maxLength: 2 }),
      fc.dictionary(text, text, { maxKeys: 2 }),
    )
    const records = fc.array(fc.dictionary(text, member, { maxKeys: 4 }), { maxLength: 3 })
    fc.assert(
      fc.property(records, fc.integer({ min: 40, max: 200 }), (data, columns) => {
        expect(rendered(sanitize(data), plain(columns))).not.toMatch(/(?!\n)\p{Cc}/u)
      }),
      { numRuns: 40 },
    )
  })
})
