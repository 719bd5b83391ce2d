import { describe, expect, test } from 'vitest'
import { type Harness, type Json, setup, setupOnce } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const user = 'bbbbbbbbbbbbbbbbbbbbbbbb'
const customer = 'dddddddddddddddddddddddd'
const numbered = (index: number) => index.toString(16).padStart(24, 'c')
const link = (type: string, to: string) => ({ data: { type, id: to } })
const reply = (data: unknown) => ({
  json: { status: 200, headers: {}, body: { data, meta: {}, links: { next: null } } },
})
const refused = (status: number) => ({
  json: { status, headers: {}, body: { errors: [{ title: 'No.' }] } },
  exit: 1,
})

interface Parts {
  conversation?: Json
  relationships?: Json
  messages?: Json[]
  notes?: Json[]
  /** Answers in place of the standard ones. */
  notesAnswer?: object
  customerAnswer?: object
  usersAnswer?: object
}
const message = (index: number, attributes: Json, relationships: Json = {}) => ({
  ...{ type: 'message', id: numbered(index), attributes: { direction: 'in', ...attributes } },
  relationships: { customer: link('customer', customer), ...relationships },
})

function planWith({
  conversation = {},
  relationships = { customer: link('customer', customer) },
  messages = [message(1, { preview: 'Hello', sentAt: '2026-11-01T00:00:00.000Z' })],
  notes = [],
  notesAnswer = reply(notes),
  customerAnswer = reply({ type: 'customer', id: customer, attributes: { name: 'Ada' } }),
  usersAnswer = reply([{ type: 'user', id: user, attributes: { name: 'Priya' } }]),
}: Parts) {
  const answers: [string, object][] = [
    ['/v1/conversations/{id}/messages', reply(messages)],
    ['/v1/conversations/{id}/notes', notesAnswer],
    ['/v1/conversations/{id} ', reply({ type: 'conversation', id, attributes: conversation, relationships })],
    ['/v1/customers/{id} ', customerAnswer],
    ['/v1/users ', usersAnswer],
  ]
  const faults = answers.map(([path, answer]) => ({ when: `request ${connectionId} ${path}`, ...answer }))
  return { connections: [connection], actions: liveActions, faults }
}

const server = setupOnce({ plan: planWith({}) })

async function threadOf(parts: Parts, args: Json = {}, harness: Harness = server()): Promise<Json> {
  harness.rewrite(planWith(parts))
  const { isError, text, structured } = await harness.call('get-conversation-thread', { id, ...args })
  expect(isError, text).toBe(false)
  return structured
}

describe('the conversation shows', () => {
  test.each<[string, Json, Json]>([
    [
      'custom attributes',
      { custom: { orderNumberStr: '4417', empty: null, none: '' } },
      { custom: { orderNumberStr: '4417' } },
    ],
    [
      'a false custom attribute',
      { custom: { vipBool: false, countNum: 0 } },
      { custom: { vipBool: false, countNum: 0 } },
    ],
    [
      'a rated survey',
      { satisfactionLevel: { status: 'rated', rating: 5, score: 1, channel: 'chat', answers: [] } },
      { satisfaction: { status: 'rated', rating: 5, score: 1 } },
    ],
    [
      'a survey that was sent',
      { satisfactionLevel: { status: 'sent' } },
      { satisfaction: { status: 'sent' } },
    ],
  ])('%s', async (_, conversation, shown) => {
    expect((await threadOf({ conversation })).data.conversation).toMatchObject(shown)
  })

  test.each<[string, Json, string]>([
    ['custom attributes', { custom: {} }, 'custom'],
    ['custom attributes', { custom: { a: null } }, 'custom'],
    ['custom attributes', { custom: 'text' }, 'custom'],
    ['a survey', { satisfactionLevel: { sentByTeams: [], answers: [] } }, 'satisfaction'],
    ['a survey', { satisfactionLevel: null }, 'satisfaction'],
  ])('no %s where %j', async (_, conversation, name) => {
    expect((await threadOf({ conversation })).data.conversation).not.toHaveProperty(name)
  })
})

describe('fields get any attribute of the record', () => {
  const conversation = {
    name: 'Hello',
    status: 'open',
    spam: true,
    firstResponse: { time: 60 },
    custom: { aStr: 'x' },
  }

  test.each<[string[], Json]>([
    [['spam'], { spam: true }],
    [['firstResponse'], { firstResponse: { time: 60 } }],
    [['spam', 'status'], { spam: true, status: 'open' }],
    [['custom'], { custom: { aStr: 'x' } }],
  ])('%j', async (fields, wanted) => {
    const { data, notices = [] } = await threadOf({ conversation }, { fields })
    expect(data.conversation).toEqual({ type: 'conversation', id, ...wanted })
    expect(notices.join()).not.toContain('No record here has')
  })

  test('also of the customer', async () => {
    const attributes = { name: 'Ada', timezone: 'Europe/Oslo' }
    const customerAnswer = reply({ type: 'customer', id: customer, attributes })
    const { data } = await threadOf({ customerAnswer }, { fields: ['timezone'] })
    expect(data.customer).toEqual({ type: 'customer', id: customer, timezone: 'Europe/Oslo' })
    const plain = await threadOf({ customerAnswer })
    expect(plain.data.customer).toEqual({ type: 'customer', id: customer, name: 'Ada' })
  })
})

describe('a part that cannot be read leaves a notice', () => {
  test.each<[string, Parts, RegExp | undefined]>([
    ['notes 403', { notesAnswer: refused(403) }, /^The notes could not be read \(forbidden\)\.$/m],
    ['notes 404', { notesAnswer: refused(404) }, /^The notes could not be read \(not-found\)\.$/m],
    ['customer 403', { customerAnswer: refused(403) }, /^The customer could not be read \(forbidden\)\.$/m],
    ['customer 404', { customerAnswer: refused(404) }, /^The customer could not be read \(not-found\)\.$/m],
    [
      'no record of the customer',
      { customerAnswer: reply([]) },
      /^The customer could not be read \(bad-output\)\.$/m,
    ],
    // Nobody there to be named: ids stand in their place.
    ['users 429', { usersAnswer: refused(429) }, undefined],
    ['users 403', { usersAnswer: refused(403) }, undefined],
    ['users 404', { usersAnswer: refused(404) }, undefined],
  ])('%s', async (_, parts, notice) => {
    // A name that was read once is kept, so each row has a server of its own.
    const harness = await setup({ plan: planWith({}) })
    const out = message(1, { preview: 'Hello', direction: 'out' }, { createdBy: link('user', user) })
    const { data, notices = [] } = await threadOf({ messages: [out], ...parts }, {}, harness)
    expect(data.entries).toMatchObject([{ text: 'Hello', author: 'usersAnswer' in parts ? user : 'Priya' }])
    if (notice === undefined) expect(notices.join()).not.toContain('could not be read')
    else expect(notices.join('\n')).toMatch(notice)
  })
})

describe('a null relationship is none', () => {
  test.each<[string, Json]>([
    ['null relationships', null],
    ['a customer of null', { customer: null, queue: null }],
    ['a customer whose data is null', { customer: { data: null }, queue: { data: null } }],
    ['a customer without an id', { customer: { data: { type: 'customer' } } }],
  ])('%s', async (_, relationships) => {
    const bare = {
      type: 'message',
      id: numbered(1),
      attributes: { preview: 'Hello', direction: 'in' },
      relationships,
    }
    const { data, notices = [] } = await threadOf({ relationships, messages: [bare] })
    expect(data.entries).toEqual([{ type: 'message', id: numbered(1), direction: 'in', text: 'Hello' }])
    expect(data).not.toHaveProperty('customer')
    expect(notices.join()).not.toContain('could not be read')
  })
})

describe('an entry', () => {
  const pixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUg=='

  test.each<[string, Json, Json]>([
    [
      'shows an inline image as a word',
      { preview: `Look: ${pixel} thanks` },
      { text: 'Look: [inline data] thanks' },
    ],
    ['shows each of several', { preview: `${pixel}${pixel}` }, { text: '[inline data][inline data]' }],
    [
      'keeps a link and words about data',
      { preview: 'data: see https://x.example/data:1' },
      { text: 'data: see https://x.example/data:1' },
    ],
    [
      'counts no inline data to its length',
      { preview: `a ${`data:image/png;base64,${'A'.repeat(50_000)}`} b` },
      { text: 'a [inline data] b' },
    ],
    ['marks what was redacted', { preview: '', redacted: true }, { redacted: true }],
    ['marks what was deleted', { preview: 'x', deleted: true }, { deleted: true }],
    ['marks a draft', { preview: 'x', status: 'draft' }, { draft: true }],
    ['marks an automatic message', { preview: 'x', auto: true }, { auto: true }],
  ])('%s', async (_, attributes, shown) => {
    const { data } = await threadOf({ messages: [message(1, attributes)] })
    expect(data.entries[0]).toMatchObject(shown)
  })

  test('has no mark where nothing is marked', async () => {
    const plain = { preview: 'x', redacted: false, deleted: false, auto: false, status: 'sent' }
    const { data } = await threadOf({ messages: [message(1, plain)] })
    expect(Object.keys(data.entries[0]).sort()).toEqual(['author', 'direction', 'id', 'text', 'type'])
  })
})

test('offsets are sorted as instants', async () => {
  const times = [
    '2026-11-01T12:00:00+09:00',
    '2026-11-01T04:00:00.000Z',
    '2026-10-31T23:30:00-05:00',
    '2026-11-01T05:00:00Z',
  ]
  const messages = times.map((sentAt, index) => message(index, { sentAt })).reverse()
  const { data } = await threadOf({ messages })
  expect(data.entries.map(({ at }: Json) => at)).toEqual(times)
})
