import { expect, test } from 'vitest'
import { api, cases, type Json } from './support.ts'

async function searching() {
  const { search } = await api()
  const run = (queryContext: string, body: object, query = '') => search({ queryContext, ...body }, query)
  return {
    run,
    names: (context: string, body: object) =>
      run(context, body).body.data.map(
        ({ attributes }: Json) => attributes.name ?? attributes.preview ?? attributes.body,
      ),
    count: (context: string, ...and: object[]) => run(context, { and }).body.meta.total,
  }
}

test('and, or and not, also nested and as one object', async () => {
  const { count, run } = await searching()
  const open = { conversation_status: { equals: 'open' } }
  const urgent = { conversation_priority: { gte: 4 } }
  const total = (body: object) => run('conversation', body).body.meta.total
  expect([count('conversation'), count('conversation', open), count('conversation', open, urgent)]).toEqual([
    14, 6, 3,
  ])
  expect(total({ not: [open] })).toBe(8)
  expect(total({ not: open })).toBe(8)
  expect(total({ or: [open, { conversation_status: { equals: 'done' } }] })).toBe(12)
  expect(total({ and: [{ or: [urgent, { not: [open] }] }] })).toBe(11)
})

test('operators', async () => {
  const { count, names } = await searching()
  const c = (...and: object[]) => count('conversation', ...and)
  expect(c({ conversation_status: { in: ['open', 'snoozed'] } })).toBe(8)
  expect(c({ conversation_assigned_users: { not_set: '' } })).toBeGreaterThan(0)
  expect(c({ conversation_assigned_users: { equals: cases.priya } })).toBeGreaterThan(0)
  expect(c({ conversation_tags: { equals: 'refund' } })).toBe(
    c({ conversation_tags: { equals: '67a488207a90000005000001' } }),
  )
  expect(c({ conversation_sla_breached: { equals: true } })).toBe(1)
  expect(c({ conversation_priority: { gt: 4 } }, { conversation_priority: { lte: 5 } })).toBe(1)
  expect(c({ conversation_custom_orderNumberStr: { equals: '4417' } })).toBe(1)
  expect(names('customer', { and: [{ customer_email: { equals: 'DANA.OKAFOR@example.com' } }] })).toEqual([
    'Dana Okafor',
  ])
  expect(names('customer', { and: [{ customer_any_text: { contains: 'wójcik' } }] })).toEqual([
    'Łucja Wójcik',
  ])
  expect(names('company', { and: [{ company_name: { contains: 'harborlight' } }] })).toHaveLength(1)
  expect(count('message', { message_body: { contains: 'refund' } })).toBeGreaterThan(0)
  expect(count('message', { message_body: { contains: 'refun' } })).toBe(0)
  expect(count('note', { note_body: { contains: 'carrier damage' } })).toBe(1)
})

test('attributes of related records', async () => {
  const { names, count } = await searching()
  expect(names('customer', { and: [{ conversation_sla_breached: { equals: true } }] })).toHaveLength(1)
  expect(count('conversation', { customer_email: { equals: 'dana.okafor@example.com' } })).toBe(2)
  expect(
    count('message', { conversation_status: { equals: 'open' } }, { customer_id: { equals: cases.dana } }),
  ).toBe(4)
  expect(count('customer', { company_name: { contains: 'harborlight' } })).toBeGreaterThan(0)
})

test('one or finds text, custom attribute or message', async () => {
  const { run } = await searching()
  const found = (...or: object[]) => run('conversation', { or }).body.data.map(({ id }: Json) => id)
  const text = { conversation_any_text: { contains: '5098' } }
  const custom = { conversation_custom_orderNumberStr: { equals: '5098' } }
  const body = { message_body: { contains: '5098' } }
  const order = '6b01fad4c0f0000004000006'
  expect([found(custom), found(body), found(text, custom, body)]).toEqual([[order], [order], [order]])
})

test('reads days in the time zone, instants as given', async () => {
  const { run } = await searching()
  const total = (bound: object, timeZone?: string) => {
    const and = [
      { conversation_id: { equals: cases.openConversation } },
      { conversation_last_message_at: bound },
    ]
    return run('conversation', { and, ...(timeZone ? { timeZone } : {}) }).body.meta.total
  }
  // The last message came at 2026-11-21T18:47Z: the 22nd already in Auckland.
  expect(total({ gte: '2026-11-22' })).toBe(0)
  expect(total({ gte: '2026-11-22' }, 'Pacific/Auckland')).toBe(1)
  expect(total({ equals: '2026-11-21' })).toBe(1)
  expect(total({ lte: '2026-11-21' })).toBe(1)
  expect(total({ lt: '2026-11-21' })).toBe(0)
  expect(total({ gte: '2026-11-21T18:47:00.000Z' }, 'Pacific/Auckland')).toBe(1)
  expect(total({ gt: '2026-11-21T18:47:00.000Z' })).toBe(0)
})

test('sort, pages, ids alone', async () => {
  const { run } = await searching()
  const priorities = run('conversation', {
    sort: [{ conversation_priority: 'desc' }, { conversation_created_at: 'asc' }],
  })
  const values = priorities.body.data.map(({ attributes }: Json) => attributes.priority)
  expect(values).toEqual(values.toSorted().reverse())
  const page = run('customer', {}, '?page=2&pageSize=3&idsOnly=true').body
  expect(page.meta).toEqual({ page: 2, pageSize: 3, total: 8, totalPages: 3 })
  expect(Object.keys(page.data[0])).toEqual(['type', 'id'])
  expect(page.links.next).toBe('/v1/customers/search?page=3&pageSize=3&idsOnly=true')
})

test('a wrong search is a 400 that says why', async () => {
  const { run } = await searching()
  const wrong: [string, object, string?][] = [
    ['kobject_order', {}],
    ['conversation', { and: [{ conversation_mood: { equals: 'x' } }] }],
    ['conversation', { and: [{ conversation_status: { like: 'o' } }] }],
    ['conversation', { and: [{ conversation_status: 'open' }] }],
    ['conversation', { and: [{ conversation_status: { equals: null } }] }],
    ['conversation', { and: { conversation_status: { equals: 'open' } } }],
    ['conversation', { and: [{ conversation_created_at: { gte: 'yesterday' } }] }],
    ['conversation', { and: [{ conversation_created_at: { gte: '2026-11-01' } }], timeZone: 'Mars/Base' }],
    ['conversation', { sort: [{ conversation_priority: 'down' }] }],
    ['conversation', { aggs: {} }],
    ['conversation', { limit: 5 }],
    ['customer', {}, '?page=101'],
    ['customer', {}, '?pageSize=501'],
  ]
  for (const [context, body, query] of wrong) {
    const reply = run(context, body, query)
    expect([reply.status, reply.body.errors[0].code]).toEqual([400, 'bad_request'])
  }
})
