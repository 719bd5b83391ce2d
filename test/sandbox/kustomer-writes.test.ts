import { describe, expect, test } from 'vitest'
import { api, cases, type Json } from './support.ts'

const now = '2026-11-22T12:00:00.000Z'

describe('customers', () => {
  test('a new customer has id, times and author', async () => {
    const { call, get } = await api(now)
    const company = cases.company
    const { status, body } = call('POST', '/v1/customers', {
      name: 'Ada Byron',
      company,
      externalId: 'x-1',
      emails: [{ email: 'ada@example.com' }],
      custom: { vipBool: true },
    })
    expect(status).toBe(201)
    const seconds = (Date.parse(now) / 1000).toString(16)
    expect(body.data).toMatchObject({
      type: 'customer',
      id: expect.stringMatching(new RegExp(`^${seconds}[0-9a-f]{16}$`)),
      attributes: {
        createdAt: now,
        updatedAt: now,
        modifiedAt: now,
        rev: 1,
        displayName: 'Ada Byron',
        conversationCounts: { all: 0, open: 0, snoozed: 0, done: 0 },
        custom: { vipBool: true },
        externalIds: [{ externalId: 'x-1', verified: true }],
      },
      relationships: { company: { data: { id: company } }, createdBy: { data: { type: 'user' } } },
    })
    expect(get('/v1/customers/email=ada%40example.com').data.id).toBe(body.data.id)
  })

  test('refuses a contact of another customer', async () => {
    const { call } = await api()
    const create = (body: object) => call('POST', '/v1/customers', body).status
    expect(create({ emails: [{ email: 'DANA.okafor@example.com' }] })).toBe(409)
    expect(create({ phones: [{ phone: '+12075550112' }] })).toBe(409)
    expect(create({ externalId: 'cust-2001' })).toBe(409)
    expect(create({ sharedEmails: [{ email: 'dana.okafor@example.com' }] })).toBe(201)
    const update = { emails: [{ email: 'dana.okafor@example.com' }] }
    expect(call('PUT', `/v1/customers/${cases.dana}`, update).status).toBe(200)
    expect(call('PUT', `/v1/customers/${cases.kofi}`, update).status).toBe(409)
  })

  test('an update without company unlinks it', async () => {
    const { call } = await api()
    const path = `/v1/customers/${cases.dana}`
    const kept = call('PUT', path, { company: cases.company, tags: ['vip'], custom: { planStr: 'Silver' } })
      .body.data
    expect(kept.relationships.company.data.id).toBe(cases.company)
    expect(kept.attributes).toMatchObject({
      name: 'Dana Okafor',
      tags: ['67a488207a90000005000006'],
      rev: 13,
    })
    expect(kept.attributes.custom).toEqual({ planStr: 'Silver', lifetimeValueNum: 1840.5, vipBool: false })
    const unlinked = call('PATCH', path, { name: 'Dana O.' }).body.data
    expect(unlinked.relationships.company).toBeUndefined()
    expect(unlinked.attributes).toMatchObject({ name: 'Dana O.', displayName: 'Dana O.', rev: 14 })
  })

  test('refuses a stale revision', async () => {
    const { call } = await api()
    const update = (rev: number) => call('PUT', `/v1/customers/${cases.dana}`, { name: 'D', rev })
    expect(update(11)).toMatchObject({
      status: 409,
      body: { errors: [{ code: 'conflict', meta: { rev: 12 } }] },
    })
    expect(update(12).status).toBe(200)
    expect(update(12).status).toBe(409)
  })
})

test('a merge joins contacts, moves records and removes the source', async () => {
  const { call, get } = await api()
  const [source, target] = [cases.kofi, cases.dana]
  const before = [source, target].map((id) => get(`/v1/customers/${id}/conversations`).data.length)
  const { status, body } = call('POST', '/v1/customers/merges', { source, target })
  expect([status, body.data.attributes.status]).toEqual([201, 'success'])
  expect(body.data.relationships).toMatchObject({
    source: { data: { id: source } },
    target: { data: { id: target } },
  })
  const { attributes } = get(`/v1/customers/${target}`).data
  expect(attributes).toMatchObject({ name: 'Dana Okafor', externalId: 'cust-2001' })
  expect(attributes.phones.map(({ phone }: Json) => phone)).toEqual(['+12075550112', '+447700900136'])
  expect(attributes.conversationCounts.all).toBe(before[0] + before[1])
  expect(get(`/v1/customers/${target}/conversations`).data).toHaveLength(before[0] + before[1])
  expect(call('GET', `/v1/customers/${source}`).status).toBe(404)
  expect(get(`/v1/customers/merges/${body.data.id}`).data).toEqual(body.data)
  expect(get(`/v1/customers/${target}/merges`).data).toEqual([body.data])
  expect(get(`/v1/customers/${source}/merges`).data).toEqual([body.data])
  expect(get(`/v1/customers/${target}/drafts`).data).toHaveLength(1)
  expect(call('GET', `/v1/customers/${'0'.repeat(24)}/merges`).status).toBe(404)
  expect(call('POST', '/v1/customers/merges', { source: target, target }).status).toBe(400)
  expect(call('POST', '/v1/customers/merges', { source, target }).status).toBe(404)
})

test('bodies are refused field by field', async () => {
  const { call } = await api()
  const refused: [string, unknown, string][] = [
    ['/v1/customers', {}, '>=1 properties'],
    ['/v1/customers', { body: { data: {} } }, 'Unrecognized key: "body"'],
    ['/v1/customers', [], 'JSON object'],
    ['/v1/customers', { custom: { plan: 'Gold' } }, 'custom: Unrecognized key: "plan"'],
    ['/v1/customers', { custom: { planNum: 'Gold' } }, 'custom.planNum'],
    ['/v1/customers', { emails: [{ email: 'nobody' }] }, 'emails.0.email: Invalid email'],
    ['/v1/companies', { name: 'ab' }, '>=3'],
    [
      '/v1/messages',
      { conversation: cases.openConversation, channel: 'fax', app: 'a', direction: 'in' },
      'channel',
    ],
    [
      '/v1/notes',
      { conversation: cases.openConversation },
      'body: Invalid input: expected string, received undefined',
    ],
    ['/v1/conversations', { customer: cases.dana, status: 'snoozed' }, 'status'],
    ['/v1/conversations', { customer: cases.dana, tags: ['no-such-tag'] }, 'no-such-tag'],
    ['/v1/conversations?replace=true', { customer: cases.dana }, 'replace'],
  ]
  for (const [path, body, why] of refused) {
    const reply = call('POST', path, body)
    expect([reply.status, reply.body.errors[0]]).toMatchObject([400, { code: 'bad_request' }])
    expect(reply.body.errors[0].message).toContain(why)
  }
  const unknown = '000000000000000000000000'
  const missing: [string, object][] = [
    ['/v1/customers', { company: unknown }],
    ['/v1/conversations', { customer: unknown }],
    ['/v1/conversations', { customer: cases.dana, assignedUsers: [unknown] }],
    ['/v1/notes', { conversation: unknown, body: 'x' }],
    ['/v1/notes', { conversation: cases.openConversation, body: 'x', userMentions: [{ team: unknown }] }],
  ]
  expect(missing.map(([path, body]) => call('POST', path, body).status)).toEqual(missing.map(() => 404))
})

describe('conversations', () => {
  const customer = (get: (path: string) => Json, id: string) => get(`/v1/customers/${id}`).data.attributes

  test('born open or done, they count for their customer', async () => {
    const { call, get } = await api()
    const queue = { id: '67a337cc90e0000009000002' }
    const open = call('POST', '/v1/conversations', {
      customer: cases.dana,
      name: 'New',
      tags: ['vip'],
      queue,
    }).body.data
    expect(open).toMatchObject({
      attributes: { status: 'open', rev: 1, messageCount: 0, tags: ['67a488207a90000005000006'], open: {} },
      relationships: { queue: { data: queue }, customer: { data: { id: cases.dana } } },
    })
    call('POST', '/v1/conversations', { customer: cases.dana, status: 'done', externalId: 'c-1' })
    expect(customer(get, cases.dana).conversationCounts).toEqual({ all: 4, open: 2, snoozed: 0, done: 2 })
    expect(get('/v1/conversations/externalId=c-1').data.attributes.doneCount).toBe(1)
    expect(call('POST', '/v1/conversations', { customer: cases.dana, externalId: 'c-1' }).status).toBe(409)
  })

  test('a status change keeps counts, snooze and history', async () => {
    const { call, get } = await api(now)
    const update = (body: object) => call('PUT', `/v1/conversations/${cases.openConversation}`, body)
    expect(update({ status: 'done' }).body.data.attributes).toMatchObject({
      status: 'done',
      doneCount: 1,
      lastDone: { createdAt: now, messageCount: 4 },
    })
    expect(customer(get, cases.dana)).toMatchObject({
      conversationCounts: { open: 0, done: 2 },
      progressiveStatus: 'done',
    })
    expect(update({ status: 'snoozed' }).status).toBe(400)
    expect(
      update({ status: 'snoozed', snooze: { status: 'scheduled', time: '2026-11-01T00:00:00Z' } }).status,
    ).toBe(400)
    const snooze = { status: 'scheduled', time: '2026-12-01T00:00:00Z' }
    expect(update({ status: 'snoozed', snooze }).body.data.attributes).toMatchObject({
      snooze,
      snoozeCount: 1,
      reopenCount: 1,
    })
    expect(update({ snooze: { status: 'canceled' } }).body.data.attributes).toMatchObject({
      status: 'open',
      snooze: { ...snooze, status: 'canceled' },
      open: { statusAt: now },
    })
    expect(customer(get, cases.dana).conversationCounts).toEqual({ all: 2, open: 1, snoozed: 0, done: 1 })
  })

  test('adds and removes tags by name', async () => {
    const { call, get } = await api()
    const path = `/v1/conversations/${cases.openConversation}/tags`
    expect(call('POST', path, ['vip', 'fresh', 'refund']).body.data.attributes.tags).toHaveLength(4)
    expect(get('/v1/tags').data.map(({ attributes }: Json) => attributes.name)).toContain('fresh')
    expect(call('DELETE', path, ['refund', 'vip', 'unknown']).body.data.attributes.tags).toHaveLength(2)
    expect([call('POST', path, 'vip').status, call('POST', path, [1]).status]).toEqual([400, 400])
    expect(
      call('PUT', `/v1/conversations/${cases.openConversation}`, { tags: ['api'] }).body.data.attributes.tags,
    ).toEqual(['67a488207a90000005000003'])
  })
})

describe('messages and notes', () => {
  const message = { channel: 'chat', app: 'test', preview: 'Hello?' }

  test('an inbound message reopens a done conversation', async () => {
    const { call, get } = await api(now)
    const conversation = cases.doneConversation
    const { data } = call('POST', '/v1/messages', { ...message, conversation, direction: 'in' }).body
    expect(data.attributes).toMatchObject({
      direction: 'in',
      directionType: 'followup-in',
      status: 'received',
      size: 6,
    })
    expect(get(`/v1/conversations/${conversation}`).data.attributes).toMatchObject({
      status: 'open',
      reopenCount: 1,
      messageCount: 6,
      inboundMessageCount: 4,
      preview: 'Hello?',
      lastMessageIn: { id: data.id },
      lastMessageAt: now,
      lastActivityAt: now,
      lastMessageDirection: 'in',
    })
    expect(get(`/v1/customers/${cases.dana}`).data.attributes).toMatchObject({
      conversationCounts: { all: 2, open: 2, snoozed: 0, done: 0 },
      lastMessageAt: now,
      lastActivityAt: now,
      lastConversation: { id: conversation },
      preview: { text: 'Hello?', type: 'message_in' },
    })
  })

  test('an outbound message answers and keeps the status', async () => {
    const { call, get } = await api(now)
    const conversation = cases.snoozedConversation
    const { data } = call('POST', '/v1/messages', { ...message, conversation, direction: 'out' }).body
    expect(data.attributes).toMatchObject({
      directionType: 'response-out',
      status: 'sent',
      responseTime: expect.any(Number),
    })
    const { attributes } = get(`/v1/conversations/${conversation}`).data
    expect(attributes).toMatchObject({
      status: 'snoozed',
      channels: ['email', 'chat'],
      lastResponse: { id: data.id },
    })
    expect(attributes.lastMessageUnrespondedTo).toBeUndefined()
  })

  test('a first message is initial, external ids unique', async () => {
    const { call } = await api()
    const { id } = call('POST', '/v1/conversations', { customer: cases.dana }).body.data
    const create = (more: object) =>
      call('POST', '/v1/messages', { ...message, conversation: id, direction: 'out', ...more })
    expect(create({ externalId: 'm-1' }).body.data.attributes.directionType).toBe('initial-out')
    expect(create({ externalId: 'm-1' }).status).toBe(409)
    expect(create({ customer: cases.tomas }).status).toBe(400)
  })

  test('creates, counts and deletes a note', async () => {
    const { call, get } = await api()
    const { data } = call('POST', '/v1/notes', {
      conversation: cases.openConversation,
      body: 'See @Priya',
      userMentions: [{ user: cases.priya }],
    }).body
    expect(data.relationships).toMatchObject({
      customer: { data: { id: cases.dana } },
      userMentions: { data: [{ type: 'user', id: cases.priya }] },
    })
    const count = () => get(`/v1/conversations/${cases.openConversation}`).data.attributes.noteCount
    expect(count()).toBe(2)
    expect(call('DELETE', `/v1/notes/${data.id}`)).toEqual({ status: 204, body: undefined })
    expect([count(), call('DELETE', `/v1/notes/${data.id}`).status]).toEqual([1, 404])
  })
})

describe('drafts', () => {
  const draft = {
    channel: 'email',
    conversation: cases.openConversation,
    body: 'Dear Dana',
    subject: 'Re: order',
  }

  test('a draft never becomes a message', async () => {
    const { call, get } = await api(now)
    const path = `/v1/customers/${cases.dana}/drafts`
    const { body } = call('POST', path, {
      ...draft,
      to: [{ email: 'dana.okafor@example.com' }],
      sendAt: '2026-12-01T00:00:00Z',
    })
    expect(body.data.attributes).toMatchObject({
      body: 'Dear Dana',
      status: 'draft',
      scheduled: false,
      sendAt: null,
    })
    expect(get(path).data).toEqual([body.data])
    expect(get(`/v1/conversations/${cases.openConversation}`).data.attributes.messageCount).toBe(4)
    const updated = call('PUT', `/v1/drafts/${body.data.id}`, {
      body: 'Hello',
      sendAt: '2026-12-01T00:00:00Z',
    }).body.data
    expect(updated.attributes).toMatchObject({ body: 'Hello', status: 'scheduled', scheduled: true, rev: 2 })
    const off = call('PUT', `/v1/drafts/${body.data.id}`, { sendAt: null }).body.data
    expect(off.attributes).toMatchObject({ body: 'Hello', status: 'draft', sendAt: null })
    expect(call('DELETE', `/v1/drafts/${body.data.id}`).status).toBe(204)
    expect(get(path).data).toEqual([])
  })

  test('equal drafts may exist, and each is listed', async () => {
    const { call, get } = await api()
    const path = `/v1/customers/${cases.dana}/drafts`
    const ids = [1, 2].map(() => call('POST', path, draft).body.data.id)
    expect(get(path).data.map(({ id }: Json) => id)).toEqual(ids)
    expect(get(`/v1/customers/${cases.saoirse}/drafts`).data).toEqual([])
    expect(call('PUT', `/v1/drafts/${ids[0]}`, { channel: 'sms' }).status).toBe(400)
  })

  test('checks schedule, fields and second note drafts', async () => {
    const { call } = await api(now)
    const create = (body: object, customer = cases.dana) =>
      call('POST', `/v1/customers/${customer}/drafts`, body).status
    expect(create({ ...draft, scheduled: true })).toBe(400)
    expect(create({ ...draft, scheduled: true, sendAt: '2026-11-01T00:00:00Z' })).toBe(400)
    expect(create({ ...draft, scheduled: true, sendAt: '2026-12-01T00:00:00Z' })).toBe(200)
    expect(create({ channel: 'sms', body: 'Hi', subject: 'no such field' })).toBe(400)
    expect(create({ channel: 'pigeon', body: 'Hi' })).toBe(400)
    expect(create(draft, cases.tomas)).toBe(400)
    expect(create({ ...draft, channel: 'note', subject: undefined })).toBe(200)
    expect(create({ ...draft, channel: 'note', subject: undefined })).toBe(409)
  })
})
