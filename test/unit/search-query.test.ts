import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type SearchType, searchTypes } from '../../src/kustomer/search-filters.ts'
import { type Filters, searchBody } from '../../src/kustomer/search-query.ts'
import { api, cases, type Json } from '../sandbox/support.ts'

const sandbox = await api()
const { organisation } = sandbox
const found = (type: SearchType, filters: Filters, sort?: string): Json[] => {
  const { status, body } = sandbox.search(searchBody({ type, filters, sort }), '?pageSize=500')
  expect([status, body.errors]).toEqual([200, undefined])
  return body.data
}
const ids = (records: Json[]) => records.map(({ id }) => id).sort()
const relation = (record: Json, name: string) => record.relationships[name]?.data?.id
const customerWith = (email: string) =>
  (organisation.customers as Json[]).find(({ attributes }) => attributes.emails[0]?.email === email)

const team = '67a1e5207ea0000007000001'
const tag = '67a488207a90000005000001'
const time = (name: string) => (record: Json, bound: string) => record.attributes[name] >= bound

/** Every filter with a value that some sample records have and others have not, and what it must find. */
const conversations: [Filters, (conversation: Json) => boolean][] = [
  [{ status: 'open' }, ({ attributes }) => attributes.status === 'open'],
  [{ assignee: cases.priya }, ({ attributes }) => attributes.assignedUsers.includes(cases.priya)],
  [{ unassigned: true }, ({ attributes }) => attributes.assignedUsers.length === 0],
  [{ unassigned: false }, ({ attributes }) => attributes.assignedUsers.length > 0],
  [{ team }, ({ attributes }) => attributes.assignedTeams.includes(team)],
  [{ tag }, ({ attributes }) => attributes.tags.includes(tag)],
  [{ customer: cases.dana }, (record) => relation(record, 'customer') === cases.dana],
  [{ email: 'Dana.Okafor@example.com' }, (record) => relation(record, 'customer') === cases.dana],
  [{ phone: '+1 (207) 555-0112' }, (record) => relation(record, 'customer') === cases.dana],
  [{ channel: 'chat' }, ({ attributes }) => attributes.channels.includes('chat')],
  [{ priority: 4 }, ({ attributes }) => attributes.priority === 4],
  [{ minPriority: 4 }, ({ attributes }) => attributes.priority >= 4],
  [{ slaBreached: true }, ({ attributes }) => attributes.sla?.breached === true],
  [{ slaBreached: false }, ({ attributes }) => attributes.sla?.breached !== true],
  [{ text: 'zamówienia' }, ({ attributes }) => attributes.name.includes('zamówienia')],
  [{ createdAfter: '2026-11-17' }, (record) => time('createdAt')(record, '2026-11-17')],
  [{ createdBefore: '2026-11-17' }, (record) => !time('createdAt')(record, '2026-11-17')],
  [
    { updatedAfter: '2026-11-21T10:02:00+01:00' },
    (record) => time('updatedAt')(record, '2026-11-21T09:02:00.000Z'),
  ],
  [
    { updatedBefore: '2026-11-21T09:02:00Z' },
    (record) => !time('updatedAt')(record, '2026-11-21T09:02:00.000Z'),
  ],
]

describe('a search for conversations', () => {
  it.each(conversations)('by %j finds these and no others', (filters, fits) => {
    const wanted = (organisation.conversations as Json[]).filter(fits)
    expect(wanted.length).toBeGreaterThan(0)
    expect(wanted.length).toBeLessThan(organisation.conversations.length)
    expect(ids(found('conversation', filters))).toEqual(ids(wanted))
  })

  it('needs every filter to hold', () => {
    for (const [one, fitsOne] of conversations) {
      for (const [other, fitsOther] of conversations) {
        const filters = { ...one, ...other }
        if (Object.keys(filters).length === 1 || (filters.assignee && filters.unassigned)) continue
        const wanted = (organisation.conversations as Json[]).filter(
          (record) => fitsOne(record) && fitsOther(record),
        )
        expect(ids(found('conversation', filters)), JSON.stringify(filters)).toEqual(ids(wanted))
      }
    }
  })
})

it('finds records of every type', () => {
  const { messages, customers, notes } = organisation as unknown as Record<string, Json[]>
  expect(ids(found('message', { direction: 'in', channel: 'email' }))).toEqual(
    ids(
      messages?.filter(
        ({ attributes }: Json) => attributes.direction === 'in' && attributes.channel === 'email',
      ) ?? [],
    ),
  )
  expect(ids(found('message', { customer: cases.dana, text: 'lantern glass' }))).toEqual([
    '6aff01583e55000006000001',
  ])
  expect(ids(found('message', { text: 'Dziękuję' }))).not.toEqual([])
  expect(found('customer', { email: 'dana.okafor@example.com' })).toEqual([
    customerWith('dana.okafor@example.com'),
  ])
  const withSnoozed = new Set(
    organisation.conversations
      .filter(({ attributes }) => attributes['status'] === 'snoozed')
      .map((record) => relation(record, 'customer')),
  )
  expect(ids(found('customer', { status: 'snoozed' }))).toEqual([...withSnoozed].sort())
  expect(ids(found('customer', { tag }))).toEqual(
    ids(customers?.filter(({ attributes }: Json) => attributes.tags?.includes(tag)) ?? []),
  )
  expect(found('company', { text: 'harborlight' })).toHaveLength(1)
  expect(ids(found('note', { text: 'bounced' }))).toEqual(
    ids(notes?.filter(({ attributes }: Json) => /\bbounced\b/i.test(attributes.body)) ?? []),
  )
})

it('sorts as asked', () => {
  const values = (name: string, sort: string) =>
    found('conversation', {}, sort).map(({ attributes }) => attributes[name])
  for (const name of ['createdAt', 'updatedAt', 'lastMessageAt', 'priority']) {
    const sorted = values(name, name)
    expect(new Set(sorted).size).toBeGreaterThan(1)
    expect(sorted).toEqual(sorted.toSorted())
    expect(values(name, `-${name}`)).toEqual(sorted.toSorted().reverse())
  }
})

const reason = (why: RegExp) =>
  expect.objectContaining({ reason: 'invalid-input', message: expect.stringMatching(why) })

it.each<[SearchType, Filters, string | undefined, RegExp]>([
  [
    'message',
    { status: 'open' },
    undefined,
    /^`status` does not apply to type message, only to conversation, customer\.$/,
  ],
  [
    'note',
    { unassigned: false },
    undefined,
    /^`unassigned` does not apply to type note, only to conversation\.$/,
  ],
  ['company', { email: 'a@b.example' }, undefined, /^`email` does not apply to type company/],
  ['conversation', { direction: 'in' }, undefined, /^`direction` .*only to message\.$/],
  ['conversation', { assignee: 'Priya' }, undefined, /^`assignee`: not an id/],
  ['conversation', { team: 'Tier 1' }, undefined, /^`team`: not an id/],
  ['conversation', { customer: 'dana@example.com' }, undefined, /^`customer`: not an id/],
  ['conversation', { assignee: cases.priya, unassigned: true }, undefined, /`assignee` or `unassigned`/],
  ['conversation', { priority: 9 }, undefined, /^`priority`: .* 1.* 5/],
  ['customer', { createdAfter: 'yesterday' }, undefined, /^`createdAfter`: give a day such as/],
  ['customer', { createdAfter: '2026-02-30' }, undefined, /^`createdAfter`/],
  ['customer', { updatedBefore: '2026-11-01T09:00:00' }, undefined, /^`updatedBefore`: .*with its zone/],
  ['conversation', {}, 'size', /^`sort`: one of createdAt, updatedAt, lastMessageAt, priority/],
  ['conversation', {}, '-__proto__', /^`sort`: one of/],
  ['customer', {}, '-priority', /^`sort -priority` does not apply to type customer, only to conversation\.$/],
])('refuses %s by %j, sorted by %s', (type, filters, sort, why) => {
  expect(() => searchBody({ type, filters, sort })).toThrow(reason(why))
})

it('looks for text in messages and custom attributes too', () => {
  const search = { type: 'conversation', filters: { text: '5098', status: 'open' } } as const
  expect(searchBody({ ...search, textAttributes: ['orderNumberStr'] })).toEqual({
    queryContext: 'conversation',
    and: [{ conversation_status: { equals: 'open' } }],
    or: [
      { conversation_any_text: { contains: '5098' } },
      { message_body: { contains: '5098' } },
      { note_body: { contains: '5098' } },
      { conversation_custom_orderNumberStr: { contains: '5098' } },
    ],
  })
})

it.each<[string, string]>([
  ['phone', 'voice'],
  ['call', 'voice'],
  ['text', 'sms'],
  ['email', 'email'],
])('reads the channel %s as %s', (channel, value) => {
  expect(searchBody({ type: 'message', filters: { channel } }).and).toEqual([
    { message_channel: { equals: value } },
  ])
})

it('compares custom attributes', () => {
  const custom = { orderNumberStr: '5098', vipBool: true }
  expect(searchBody({ type: 'customer', filters: {}, custom }).and).toEqual([
    { customer_custom_orderNumberStr: { equals: '5098' } },
    { customer_custom_vipBool: { equals: true } },
  ])
})

it.each(['__proto__', 'a.b', 'a b', '', '1x', 'x'.repeat(65)])('refuses the custom attribute %j', (name) => {
  const custom = Object.fromEntries([[name, 'x']])
  expect(() => searchBody({ type: 'customer', filters: {}, custom })).toThrow(reason(/^`custom`: names/))
})

describe('any combination', () => {
  const hostile = fc.oneof(
    fc.string(),
    fc.constantFrom('__proto__', 'conversation_status', '{"not_set":""}', '--method=DELETE', '$where', '*'),
  )
  const id = fc.constantFrom(cases.priya, cases.dana, team, tag)
  const day = fc.constantFrom('2026-11-01', '2026-11-17T11:00:00Z', '2026-11-21T23:30:00+05:30')
  const level = fc.integer({ min: 1, max: 5 })
  const every = {
    text: hostile,
    createdAfter: day,
    createdBefore: day,
    updatedAfter: day,
    updatedBefore: day,
  }
  const applying: Record<SearchType, Record<string, fc.Arbitrary<unknown>>> = {
    conversation: {
      ...every,
      status: fc.constantFrom('open', 'snoozed', 'done'),
      assignee: id,
      team: id,
      tag: hostile,
      customer: id,
      email: hostile,
      channel: hostile,
      priority: level,
      minPriority: level,
      slaBreached: fc.boolean(),
      unassigned: fc.constant(false),
    },
    customer: { ...every, status: fc.constant('open'), tag: hostile, email: hostile },
    message: {
      ...every,
      customer: id,
      email: hostile,
      channel: hostile,
      direction: fc.constantFrom('in', 'out'),
    },
    company: every,
    note: every,
  }
  const search = fc
    .constantFrom(...searchTypes)
    .chain((type) =>
      fc.tuple(
        fc.constant(type),
        fc.record(applying[type], { requiredKeys: [] }),
        fc.option(fc.constantFrom('createdAt', '-updatedAt'), { nil: undefined }),
      ),
    )
  const attribute = /^(conversation|customer|message|company|note)_[a-z_]+$/
  const operators = ['equals', 'contains', 'gte', 'lt', 'not_set']

  it('makes a valid body from hostile values', () => {
    fc.assert(
      fc.property(search, ([type, filters, sort]) => {
        const body = searchBody({ type, filters: filters as Filters, sort })
        const { and, or = [], not = [], sort: order = [], ...rest } = body
        expect(rest).toEqual({ queryContext: type })
        expect(and.length + not.length + Math.min(or.length, 1)).toBe(Object.keys(filters).length)
        for (const condition of [...and, ...or, ...not]) {
          const [[name = '', test], ...others] = Object.entries(condition) as [[string, object]]
          expect(others).toEqual([])
          expect(name).toMatch(attribute)
          expect(operators).toEqual(expect.arrayContaining(Object.keys(test)))
          expect(Object.values(test).map((value) => typeof value)).toEqual([
            expect.stringMatching(/^(string|number|boolean)$/),
          ])
        }
        for (const one of order) expect(Object.keys(one).join()).toMatch(attribute)
        expect(sandbox.search(body).status).toBe(200)
      }),
      { numRuns: 300 },
    )
  })
})
