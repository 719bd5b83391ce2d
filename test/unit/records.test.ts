import * as fc from 'fast-check'
import stringWidth from 'string-width'
import { describe, expect, test } from 'vitest'
import { cut } from '../../src/cli/terminal/layout.ts'
import { renderEnvelope, renderRecords } from '../../src/cli/terminal/records.ts'
import { terminalStyle } from '../../src/cli/terminal/style.ts'
import { sanitize } from '../../src/text/redact.ts'

const plain = (columns: number) =>
  terminalStyle({ isTTY: true, columns, hasColors: () => false } as NodeJS.WriteStream)

const id = (end: number) => `6b01fad4c0f00000040000${String(end).padStart(2, '0')}`

const conversation = (end: number, status: string, more: object = {}) => ({
  type: 'conversation',
  id: id(end),
  name: 'Refund for late grocery delivery',
  status,
  priority: 3,
  direction: 'in',
  assignedUsers: [id(90)],
  updatedAt: '2026-11-22T06:55:00.000Z',
  customer: id(80 + end),
  rev: end,
  ...more,
})

describe('a record', () => {
  test('is aligned names and values without what is empty', () => {
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
    expect(renderRecords(record, plain(40))).toBe(
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

  test('has a list of objects below it', () => {
    expect(renderRecords({ id: '1', emails: [{ email: 'a@b.c', verified: true }] }, plain(40))).toBe(
      ['id  1', 'emails', '  email  verified', '  a@b.c  true'].join('\n'),
    )
  })
})

const column = (rendered: string) => rendered.split('\n')[0]?.split(/ {2,}/)

describe('a list', () => {
  test('of conversations shows subject, state, activity, assignee and customer', () => {
    const list = [conversation(1, 'open'), conversation(2, 'done', { priority: 4, assignedUsers: [] })]
    expect(renderRecords(list, plain(80))).toBe(
      [
        'id                        subject                           status  prio',
        `${id(1)}  Refund for late grocery delivery  open    3`,
        `  assignee ${id(90)} · customer ${id(81)}`,
        `${id(2)}  Refund for late grocery delivery  done    4`,
        `  customer ${id(82)}`,
        'The same in all: updated 2026-11-22 06:55Z.',
        '--json shows every field.',
      ].join('\n'),
    )
    expect(column(renderRecords(list, plain(160)))).toEqual([
      'id',
      'subject',
      'status',
      'prio',
      'assignee',
      'customer',
    ])
  })

  test('names a person beside an id by name', () => {
    const named = { assignedUsers: [{ id: id(90), name: 'Priya' }], customer: { id: id(81), name: 'Walter' } }
    const [, , below] = renderRecords([conversation(1, 'open', named)], plain(80)).split('\n')
    expect(below).toBe('  assignee Priya · customer Walter')
  })

  test.each<[string, object, string[], string[]]>([
    [
      'customer',
      {
        name: 'Dana Okafor',
        emails: [{ email: 'dana@example.com' }, { email: 'd@example.com' }],
        phones: [{ phone: '+12075550112' }],
        company: id(70),
        locale: 'en',
      },
      ['id', 'name', 'email'],
      ['dana@example.com (+1)', '+12075550112', id(70)],
    ],
    [
      'message',
      {
        sentAt: '2026-10-29T16:50:00.000Z',
        direction: 'in',
        channel: 'sms',
        preview: 'What time?',
        conversation: id(3),
      },
      ['id', 'time', 'direction', 'channel'],
      ['2026-10-29 16:50Z', 'What time?', id(3)],
    ],
    [
      'note',
      { createdAt: '2026-10-29T16:50:00.000Z', createdBy: id(90), body: 'Return label issued.' },
      ['id', 'time', 'author'],
      ['Return label issued.', id(90)],
    ],
    [
      'company',
      { name: 'Quillstone Labs', domains: [{ domain: 'quillstone.example.com' }] },
      ['id', 'name', 'domain'],
      ['quillstone.example.com'],
    ],
    [
      'user',
      { name: 'Noor Haddad', email: 'noor@example.com', roles: ['org.admin', 'org.user'] },
      ['id', 'name', 'email'],
      ['noor@example.com', 'org.admin, org.user'],
    ],
    [
      'draft',
      { channel: 'email', status: 'draft', preview: 'Sorry.', createdAt: '2026-10-29T16:50:00.000Z' },
      ['id', 'time', 'channel', 'status'],
      ['2026-10-29 16:50Z', 'Sorry.'],
    ],
  ])('of %s records has the columns a person looks for', (type, attributes, columns, values) => {
    const forms = [
      { type, id: id(5), ...attributes },
      { type, id: id(5), attributes },
    ]
    for (const record of forms) {
      const rendered = renderRecords([record], plain(80))
      expect(column(rendered)?.slice(0, columns.length)).toEqual(columns)
      for (const value of [id(5), ...values]) expect(rendered).toContain(value)
    }
  })

  test('of actions has the key and the arguments', () => {
    const inputSchema = { type: 'object', properties: { id: {}, rev: {} }, required: ['id'] }
    const action = {
      key: 'delete-note',
      id: id(1),
      name: 'Delete Note',
      description: 'Deletes it.',
      inputSchema,
    }
    expect(renderRecords([action], plain(80)).split('\n')).toEqual([
      'key          name         id                        takes      description',
      `delete-note  Delete Note  ${id(1)}  id, [rev]  Deletes it.`,
      '--json shows every field.',
    ])
  })

  test('of unknown records shows what fits, what differs first', () => {
    const list = [
      { flag: true, name: 'Ann', id: '1', size: 10, note: 'several words that are long' },
      { flag: true, name: '李雷', id: '22', size: 7, note: '' },
    ]
    expect(renderRecords(list, plain(40))).toBe(
      [
        'id  name  size  note',
        '1   Ann   10    several words that are…',
        '22  李雷  7',
        '--json shows every field.',
      ].join('\n'),
    )
    expect(renderRecords([], plain(40))).toBe('none')
    expect(renderRecords(['a', 'b'], plain(40))).toBe('- a\n- b')
  })

  test('shows the members that were asked for', () => {
    const list = [{ type: 'message', id: '1', rev: 4, app: 'twilio' }]
    expect(column(renderRecords(list, plain(80), { everyField: true }))).toEqual(['id', 'type', 'rev', 'app'])
  })
})

describe('a thread', () => {
  const thread = {
    conversation: {
      type: 'conversation',
      id: id(1),
      name: 'Order 4417 arrived damaged',
      status: 'open',
      assignedUsers: [{ id: id(90), name: 'Priya Raman' }],
      custom: { orderNumberStr: '4417' },
      rev: 7,
    },
    customer: {
      type: 'customer',
      id: id(81),
      name: 'Dana Okafor',
      emails: [{ email: 'dana@example.com', verified: true }],
    },
    entries: [
      {
        type: 'message',
        id: id(11),
        at: '2026-11-19T14:02:00.000Z',
        author: 'Dana Okafor',
        direction: 'in',
        channel: 'email',
        subject: 'Re: Order 4417 arrived damaged',
        text: 'Hello,\n\nthe frame is bent and I need it for a trip that begins on the 28th of this month.',
        attachments: 2,
      },
      {
        type: 'note',
        id: id(12),
        at: '2026-11-19T15:00:00.000Z',
        author: 'Priya Raman',
        internal: true,
        text: 'Replacement approved.',
      },
      {
        type: 'message',
        id: id(13),
        at: '2026-11-19T15:10:00.000Z',
        direction: 'out',
        channel: 'sms',
        subject: 'Your order',
        status: 'error',
        error: 'Undeliverable',
      },
    ],
  }

  test('reads as one, with time, author, way and text', () => {
    expect(renderRecords(thread, plain(80))).toBe(
      [
        'Order 4417 arrived damaged',
        `id                     ${id(1)}`,
        'status                 open',
        'assignee               Priya Raman',
        `customer               Dana Okafor · ${id(81)}`,
        'email                  dana@example.com',
        'custom.orderNumberStr  4417',
        '',
        `2026-11-19 14:02Z  Dana Okafor  in email, 2 attached  ${id(11)}`,
        '  Hello,',
        '',
        '  the frame is bent and I need it for a trip that begins on the 28th of this',
        '  month.',
        '',
        `2026-11-19 15:00Z  Priya Raman  note  ${id(12)}`,
        '  Replacement approved.',
        '',
        '2026-11-19 15:10Z  unknown  out sms, error: Undeliverable',
        `  ${id(13)}`,
        '  Your order',
      ].join('\n'),
    )
  })

  test('without entries is the conversation alone', () => {
    expect(renderRecords({ conversation: { name: 'X', status: 'done' }, entries: [] }, plain(80))).toBe(
      'X\nstatus  done',
    )
  })
})

test('the page and the notices follow the data', () => {
  const envelope = {
    data: ['a'],
    page: { page: 1, pageSize: 25, total: 118, next: 2 },
    notices: ['Mind this.'],
  }
  expect(renderEnvelope(envelope, plain(80))).toBe(
    '- a\n\npage 1 · 25 a page · 118 in all · next: 2\n\n! Mind this.',
  )
})

describe('any text', () => {
  test('is cut at the end of a word where it has several', () => {
    const word = fc.string({ minLength: 1, maxLength: 9, unit: fc.constantFrom('a', 'ü', '漢', '.') })
    fc.assert(
      fc.property(
        fc.array(word, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 20, max: 60 }),
        (words, width) => {
          const line = words.join(' ')
          const shown = cut(line, width)
          expect(stringWidth(shown)).toBeLessThanOrEqual(width)
          const kept = shown.replace(/…$/, '').split(' ')
          expect(kept).toEqual(words.slice(0, kept.length))
        },
      ),
    )
  })

  test('is no command to a terminal', () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 })
    const member = fc.oneof(
      text,
      fc.integer(),
      fc.array(text, { maxLength: 2 }),
      fc.dictionary(text, text, { maxKeys: 2 }),
    )
    const record = fc.dictionary(text, member, { maxKeys: 4 })
    const known = fc.constantFrom('conversation', 'customer', 'message', 'note')
    const records = fc.oneof(
      fc.array(record, { maxLength: 3 }),
      fc.array(fc.record({ type: known, name: member, preview: member, body: member, emails: member }), {
        maxLength: 3,
      }),
      fc.record({
        conversation: record,
        customer: record,
        entries: fc.array(fc.record({ at: text, author: member, text: member, subject: member })),
      }),
    )
    fc.assert(
      fc.property(records, fc.integer({ min: 40, max: 200 }), (data, columns) => {
        expect(renderRecords(sanitize(data), plain(columns))).not.toMatch(/(?!\n)\p{Cc}/u)
      }),
      { numRuns: 60 },
    )
  })
})
