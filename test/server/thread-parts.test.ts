import { expect, test } from 'vitest'
import { setup } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const person = 'bbbbbbbbbbbbbbbbbbbbbbbb'
const link = (type: string, to: string) => ({ data: { type, id: to } })
const record = (type: string, of: string, attributes: object, relationships: object = {}) => ({
  ...{ type, id: of, attributes, relationships },
})
const reply = (data: unknown, next?: string) => ({
  json: { status: 200, headers: {}, body: { data, meta: {}, links: { next: next ?? null } } },
})
const message = (of: string) =>
  record(
    'message',
    of,
    { direction: 'out', preview: 'Hello', sentAt: '2026-11-01T00:00:00.000Z' },
    { createdBy: link('user', person) },
  )
const errors = (status: number) => ({
  json: { status, headers: {}, body: { errors: [{ code: 'x', message: 'No.' }] } },
  exit: 1,
})
/** What the app answers to each request of a thread. */
const requests = {
  messages: ['/v1/conversations/{id}/messages', reply([message('c'.repeat(24))])],
  notes: ['/v1/conversations/{id}/notes', reply([])],
  conversation: [
    '/v1/conversations/{id} ',
    reply(record('conversation', id, { status: 'open' }, { customer: link('customer', 'd'.repeat(24)) })),
  ],
  customer: ['/v1/customers/{id} ', reply(record('customer', 'd'.repeat(24), { name: 'Ada' }))],
  users: ['/v1/users ', reply([record('user', person, { name: 'Priya' })])],
} as const
const planWith = (replaced: Partial<Record<keyof typeof requests, object>> = {}) => ({
  connections: [connection],
  actions: liveActions,
  faults: Object.entries(requests).map(([name, [path, standard]]) => ({
    when: `request ${connectionId} ${path}`,
    ...(replaced[name as keyof typeof requests] ?? standard),
  })),
})

test('a thread names the parts it could not read', async () => {
  const harness = await setup({ plan: planWith() })
  const attempt = async (replaced: Parameters<typeof planWith>[0]) => {
    harness.rewrite(planWith(replaced))
    return harness.call('get-conversation-thread', { id })
  }
  // First of all: a name that was read is kept.
  for (const status of [429, 404]) {
    const unnamed = await attempt({ users: errors(status) })
    expect(unnamed.structured.data.entries).toMatchObject([{ author: person, text: 'Hello' }])
  }
  for (const [replaced, why] of [
    [{ messages: errors(429) }, /^rate-limited: /],
    [{ conversation: errors(404) }, /^not-found: .*search or list-customer-conversations/],
    [{ messages: reply('nonsense') }, /^bad-output: /],
    [{ conversation: reply([]) }, /^bad-output: /],
  ] as const) {
    const { isError, text } = await attempt(replaced)
    expect([isError, text]).toEqual([true, expect.stringMatching(why)])
  }
  for (const [replaced, why] of [
    [{ notes: errors(403) }, /notes.*could not be read \(forbidden\)/],
    [{ customer: errors(403) }, /customer.*could not be read \(forbidden\)/],
  ] as const) {
    const { structured } = await attempt(replaced)
    expect(structured.data.entries).toMatchObject([{ text: 'Hello' }])
    expect(structured.notices?.join('\n')).toMatch(why)
  }
  const endless = await attempt({ messages: reply([message('e'.repeat(24))], '/v1/next?page=2') })
  expect(endless.structured.notices?.join()).toMatch(/more than the 1000 that were read/)
})
