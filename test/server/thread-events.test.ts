import { describe, expect, test } from 'vitest'
import { sampleOrganisation } from '../../src/sandbox/store.ts'
import { type Harness, type Json, setup, setupOnce } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { withOrganisation } from '../support/sandbox-data.ts'

const breached = '6afc33b0c0f0000004000003'
const server = setupOnce({ args: ['--sandbox'] })

async function thread(harness: Harness, args: Json): Promise<Json> {
  const answer = await harness.call('get-conversation-thread', args)
  expect(answer.isError, answer.text).toBe(false)
  return answer.structured
}
const ofType = ({ data }: Json, type: string) => data.entries.filter((entry: Json) => entry.type === type)

describe('events', () => {
  test('say who changed what, with names, by time', async () => {
    const harness = server()
    const whole = await thread(harness, { id: breached, events: true })
    const events = ofType(whole, 'event').map(({ author, changes }: Json) => [author, changes])
    expect(events.slice(0, 4)).toEqual([
      [undefined, ['kustomer.conversation.create']],
      [
        expect.any(String),
        [expect.stringMatching(/^assignedUsers: none → [A-Z]\w+ \w+$/), 'priority: 3 → 5'],
      ],
      [undefined, ['sla: {"status":"pending","breached":false} → {"status":"breached","breached":true}']],
      [expect.any(String), [expect.stringMatching(/^assignedUsers: [A-Z]\w+ \w+ → [A-Z]\w+ \w+$/)]],
    ])
    const times = whole.data.entries.map(({ at }: Json) => at)
    expect(times).toEqual([...times].sort())
    expect(JSON.stringify(events)).not.toMatch(/[0-9a-f]{24}/)
    // One read for the conversation, its messages, notes and events, and the customer: names are known by now.
    const before = harness.calls().length
    await thread(harness, { id: breached, events: true })
    expect(harness.calls().length - before).toBe(5)
  })

  test('are left out unless asked for', async () => {
    expect(ofType(await thread(server(), { id: breached }), 'event')).toEqual([])
  })

  test('can be read on from', async () => {
    const whole = await thread(server(), { id: breached, events: true })
    const [, second] = ofType(whole, 'event')
    const older = await thread(server(), { id: breached, events: true, before: second.id })
    const at = whole.data.entries.findIndex(({ id }: Json) => id === second.id)
    expect(older.data.entries).toEqual(whole.data.entries.slice(0, at))
  })

  test('name tags, queues and status of a new change', async () => {
    const harness = await setup({ args: ['--sandbox'] })
    const changed = await harness.call('update-conversation', {
      id: breached,
      addTags: ['refund'],
      status: 'done',
    })
    expect(changed.isError, changed.text).toBe(false)
    const events = ofType(await thread(harness, { id: breached, events: true }), 'event')
    const changes = events.flatMap((event: Json) => event.changes)
    expect(changes).toContain('status: open → done')
    expect(changes).toContainEqual(expect.stringMatching(/^tags: .*refund/))
    expect(changes.join()).not.toMatch(/updatedAt|rev:|doneCount/)
  })
})

const id = 'a'.repeat(24)
const user = 'b'.repeat(24)
const respond = (status: number, data: unknown, more: object = {}) => ({
  json: { status, headers: {}, body: status < 400 ? { data, ...more } : { errors: [{ title: 'No.' }] } },
  ...(status < 400 ? {} : { exit: 1 }),
})
const message = (attachments: string[]) => ({
  type: 'message',
  id: 'c'.repeat(24),
  attributes: { direction: 'in', preview: 'See the picture', sentAt: '2026-11-01T00:00:00.000Z' },
  relationships: { attachments: { data: attachments.map((one) => ({ type: 'attachment', id: one })) } },
})
const attachment = (one: string, attributes: Json, related?: unknown) => ({
  type: 'attachment',
  id: one,
  attributes,
  links: { self: `/v1/attachments/${one}`, related },
})

function planWith({ events = respond(200, []), conversation = {}, messages = respond(200, []) }) {
  const answers: [string, object][] = [
    ['/messages', messages],
    ['/notes', respond(200, [])],
    ['/events', events],
    [' ', respond(200, { type: 'conversation', id, attributes: conversation })],
  ]
  const faults = answers.map(([path, answer]) => ({
    when: `request ${connectionId} /v1/conversations/{id}${path}`,
    ...answer,
  }))
  const users = { when: `request ${connectionId} /v1/users `, ...respond(200, []) }
  return { connections: [connection], actions: liveActions, faults: [...faults, users] }
}

test('events that cannot be read leave a notice', async () => {
  const harness = await setup({ plan: planWith({ events: respond(403, []) }) })
  const { notices } = await thread(harness, { id, events: true })
  expect(notices).toContain('The events could not be read (forbidden).')
})

test('odd events are cut, cleaned or left out', async () => {
  const event = (number: number, attributes: Json) => ({
    type: 'customer_event',
    id: number.toString(16).padStart(24, '0'),
    attributes: { type: 'conversation', createdAt: `2026-11-0${number}T00:00:00.000Z`, ...attributes },
    relationships: { createdBy: { data: { type: 'user', id: user } } },
  })
  const attributes = {
    name: { before: 'a', after: `Ignore\u202e all\n${'x'.repeat(500)}` },
    'odd\nfield': { before: null, after: [] },
    text: 'no change',
    messageCount: { before: 1, after: 2 },
  }
  const harness = await setup({
    plan: planWith({
      events: respond(200, [
        event(1, { changes: { attributes, relationships: 'none' } }),
        event(2, { changes: { attributes: { rev: { before: 1, after: 2 } } } }),
        event(3, { type: 'message', name: 'kustomer.message.create' }),
        event(4, { changes: { relationships: { queue: { before: null, after: { data: { id: user } } } } } }),
      ]),
    }),
  })
  expect(ofType(await thread(harness, { id, events: true }), 'event')).toEqual([
    expect.objectContaining({
      changes: [expect.stringMatching(/^name: a → Ignore all x+…$/), 'odd field: none → none'],
      author: user,
    }),
    expect.objectContaining({ changes: [`queue: none → ${user}`] }),
  ])
})

describe('attachments', () => {
  test('have name, type, size and link', async () => {
    const organisation = await sampleOrganisation()
    const [first] = organisation.attachments as Json[]
    const owner = organisation.messages.find((one) => one.id === first.relationships.message.data.id) as Json
    const whole = await thread(server(), { id: owner.relationships.conversation.data.id })
    const entry = whole.data.entries.find((one: Json) => one.id === owner.id)
    expect(entry.attachments).toEqual([
      {
        name: 'glass.jpg',
        type: 'image/jpeg',
        size: 184320,
        url: 'https://files.membrane-sandbox.example/glass.jpg',
      },
      expect.objectContaining({ name: 'box.jpg' }),
    ])
  })

  test('that are hostile are cleaned', async () => {
    const ids = ['1', '2', '3', '4', '5'].map((digit) => digit.repeat(24))
    const [one = '', two = '', three = '', four = ''] = ids
    const messages = respond(200, [message(ids)], {
      included: [
        attachment(
          one,
          { name: `in\u202evoice\n.pdf${'x'.repeat(300)}`, contentLength: '9' },
          'http://a.example/x',
        ),
        attachment(two, { name: 5, contentType: 'text/plain', contentLength: 9 }, 'javascript:alert(1)'),
        attachment(three, { name: 'a' }, 'https://user:pass@a.example/x'),
        attachment(four, { name: 'b' }, { href: 'https://a.example' }),
        'nonsense',
      ],
    })
    const harness = await setup({ plan: planWith({ messages }) })
    const [entry] = (await thread(harness, { id })).data.entries
    expect(entry.attachments).toEqual([
      { name: expect.stringMatching(/^invoice \.pdfx+…$/) },
      { type: 'text/plain', size: 9 },
      { name: 'a' },
      { name: 'b' },
      { id: '5'.repeat(24) },
    ])
  })

  test('that did not come with the message are counted', async () => {
    const harness = await setup({ plan: planWith({ messages: respond(200, [message([id, user])]) }) })
    expect((await thread(harness, { id })).data.entries[0].attachments).toBe(2)
  })
})

test.each<[string, Json, Json]>([
  [
    'that is breached',
    {
      name: 'Platinum',
      version: 2,
      status: 'breached',
      breached: true,
      breach: { metric: 'firstResponse', at: '2026-11-17T12:00:00.000Z' },
      summary: { firstBreachAt: '2026-11-17T12:00:00.000Z', satisfiedAt: null },
    },
    {
      name: 'Platinum',
      status: 'breached',
      breached: true,
      breachedAt: '2026-11-17T12:00:00.000Z',
      metric: 'firstResponse',
    },
  ],
  [
    'that is pending',
    { name: 'P', status: 'pending', breached: false, summary: { firstBreachAt: '2026-11-18T12:00:00.000Z' } },
    { name: 'P', status: 'pending', breached: false, due: '2026-11-18T12:00:00.000Z' },
  ],
])('an SLA %s is shown', async (_, sla, shown) => {
  const harness = await setup({ plan: planWith({ conversation: { sla } }) })
  expect((await thread(harness, { id })).data.conversation.sla).toEqual(shown)
})

test('the name of a file in a conversation stays a text', async () => {
  const organisation = await sampleOrganisation()
  const [first] = organisation.attachments as Json[]
  first.attributes.name = 'sk-ant-0123456789abcdef0123.txt'
  const harness = await setup({ args: ['--sandbox'], stateDir: await withOrganisation(organisation) })
  const owner = organisation.messages.find((one) => one.id === first.relationships.message.data.id) as Json
  const whole = await thread(harness, { id: owner.relationships.conversation.data.id })
  expect(JSON.stringify(whole.data)).not.toContain('sk-ant-0123456789abcdef0123')
})
