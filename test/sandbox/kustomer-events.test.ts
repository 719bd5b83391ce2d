import { expect, test } from 'vitest'
import { api, cases, type Json } from './support.ts'

const now = '2026-11-22T12:00:00.000Z'
const path = `/v1/conversations/${cases.openConversation}`
const named = (body: Json): string[] => body.data.map(({ attributes }: Json) => attributes.name)

test('the sample has the events of some conversations', async () => {
  const { get } = await api()
  const events = get(`${path}/events`)
  expect(named(events)).toEqual([
    'kustomer.conversation.create',
    'kustomer.conversation.update',
    'kustomer.conversation.update',
    'kustomer.note.create',
  ])
  expect(events.meta).toEqual({ page: 1, pageSize: 100 })
  const [, assigned] = events.data
  expect(assigned).toMatchObject({
    type: 'customer_event',
    attributes: {
      changes: { attributes: { assignedUsers: { op: 'replace', before: [], after: [cases.priya] } } },
    },
    relationships: { conversation: { data: { id: cases.openConversation } } },
  })
  expect(get(assigned.links.self).data).toEqual(assigned)
  const [merged] = get(`/v1/conversations/${cases.mergedConversation}/events?changed=mergedTarget`).data
  expect(merged.attributes.changes.attributes.mergedTarget.after).toBe(cases.cancellation)
})

test('a change is an event that says what changed', async () => {
  const { call, get } = await api(now)
  call('PUT', path, { priority: 5, queue: { id: '67a337cc90e0000009000002' } })
  const { attributes, relationships } = get(`${path}/events?sort=desc`).data[0]
  expect(attributes).toMatchObject({
    name: 'kustomer.conversation.update',
    type: 'conversation',
    createdAt: now,
  })
  expect(attributes.changes.attributes).toEqual({ priority: { op: 'replace', before: 4, after: 5 } })
  expect(Object.keys(attributes.changes.relationships)).toEqual(['queue'])
  expect(relationships.createdBy.data.id).toBe(get('/v1/users/current').data.id)
  expect(get(`${path}/events?changed=priority,queue`).data).toHaveLength(2)
})

test('what changes nothing and what is refused leave no event', async () => {
  const { call, get } = await api()
  const before = get(`${path}/events`).data.length
  call('PUT', path, { priority: 4 })
  call('PUT', path, { priority: 9 })
  call('PUT', path, { priority: 5, rev: 1 })
  expect(get(`${path}/events`).data).toHaveLength(before)
})

test('a new note is an event of conversation and customer', async () => {
  const { call, get } = await api()
  const { id } = call('POST', '/v1/notes', { conversation: cases.openConversation, body: 'x' }).body.data
  for (const owner of [path, `/v1/customers/${cases.dana}`]) {
    const { data } = get(`${owner}/events?name=kustomer.note.create&sort=desc`)
    expect(data[0].relationships.note.data.id).toBe(id)
  }
})

test('a merge is an event that moves each conversation', async () => {
  const { call, get } = await api()
  const [{ id }] = get(`/v1/customers/${cases.kofi}/conversations`).data
  call('POST', '/v1/customers/merges', { source: cases.kofi, target: cases.dana })
  const [moved] = get(`/v1/conversations/${id}/events?changed=customer`).data
  const { before, after } = moved.attributes.changes.relationships.customer
  expect([before.data.id, after.data.id]).toEqual([cases.kofi, cases.dana])
})

test('events of unknown records and of others are not found', async () => {
  const { call, get } = await api()
  const nobody = '0'.repeat(24)
  const [{ id }] = get(`${path}/events`).data
  const missing = [
    `conversations/${nobody}/events`,
    `customers/${nobody}/events`,
    `customers/${cases.dana}/events/${nobody}`,
    `customers/${cases.tomas}/events/${id}`,
  ]
  expect(missing.map((one) => call('GET', `/v1/${one}`).status)).toEqual([404, 404, 404, 404])
  expect(call('GET', `${path}/events?sort=name`).status).toBe(400)
})

test('the oldest events go first', async () => {
  const { call, organisation } = await api()
  const [first] = organisation.events
  organisation.events.push(...Array.from({ length: 989 }, () => structuredClone(first as never)))
  call('PUT', path, { priority: 5 })
  expect(organisation.events).toHaveLength(1000)
  expect(organisation.events[0]?.id).not.toBe(first?.id)
  expect(organisation.events.at(-1)?.attributes['changes']).toMatchObject({
    attributes: { priority: { after: 5 } },
  })
})
