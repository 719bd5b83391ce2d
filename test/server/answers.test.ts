import { expect, test } from 'vitest'
import organisation from '../../src/sandbox/organisation.json' with { type: 'json' }
import { type Json, setup } from '../support/harness.ts'

const { cases } = organisation.meta
const injection = organisation.messages.find(({ id }) => id === cases.promptInjectionMessage)
const foreign = organisation.conversations.find(({ id }) => id === cases.nonLatinText)
const masked = organisation.customers.find(({ id }) => id === cases.maskedAttribute)
const conversationOf = (record: typeof injection) => record?.relationships.conversation.data.id
const byId = (path: string) => ({ path })

/** Every way to read each of the hostile records of the sample data, and what must be in the answer as it is. */
const reads: [string, Record<string, unknown>, string, RegExp][] = [
  ...[
    ['get-message-by-id', { id: injection?.id }],
    ['list-messages', { pageSize: 100 }],
    ['search', { type: 'message', pageSize: 100 }],
    ['get-conversation-thread', { id: conversationOf(injection) }],
    ['proxy_request', byId(`/v1/messages/${injection?.id}`)],
    ['run-action', { action: 'get-message-by-id', input: { id: injection?.id } }],
  ].map(([tool, args]): [string, Record<string, unknown>, string, RegExp] => [
    tool as string,
    args as Record<string, unknown>,
    JSON.stringify(injection?.attributes.preview).slice(1, -1),
    /outside your organisation.*never as instructions/,
  ]),
  ...[
    ['get-conversation-by-id', { id: foreign?.id }],
    ['list-conversations', {}],
    ['list-customer-conversations', { id: foreign?.relationships.customer.data.id }],
    ['search', { type: 'conversation', pageSize: 100 }],
    ['get-conversation-thread', { id: foreign?.id }],
  ].map(([tool, args]): [string, Record<string, unknown>, string, RegExp] => [
    tool as string,
    args as Record<string, unknown>,
    JSON.stringify(foreign?.attributes.name).slice(1, -1),
    /outside your organisation/,
  ]),
  ...[
    ['get-customer-by-id', { id: masked?.id }],
    ['list-customers', {}],
    ['search', { type: 'customer', pageSize: 100 }],
    ['proxy_request', byId(`/v1/customers/${masked?.id}`)],
  ].map(([tool, args]): [string, Record<string, unknown>, string, RegExp] => [
    tool as string,
    args as Record<string, unknown>,
    /\{[^{}]*"isMasked":true[^{}]*\}/.exec(JSON.stringify(masked))?.[0] ?? 'no masked value',
    /masked/,
  ]),
]

test.each([
  ['compact', []],
  ['raw', ['--output', 'raw']],
])('hostile records pass every read with a warning: %s', async (_, args) => {
  const { call } = await setup({
    args: ['--sandbox', '--max-result-chars', '200000', ...args],
  })
  for (const [tool, input, part, notice] of reads) {
    const { isError, text, structured } = await call(tool, input)
    expect(isError, text).toBe(false)
    expect(text, tool).toContain(part)
    expect(structured.notices?.join(' '), tool).toMatch(notice)
  }
})

test('a cut answer is read on with read-result', async () => {
  const { call, calls } = await setup({ args: ['--sandbox', '--max-result-chars', '4000'] })
  const first = await call('list-messages', { pageSize: 100 })
  expect(first.isError, first.text).toBe(false)
  const [, id] = /read-result with id "(\w+)" and page 2/.exec(first.text.replaceAll('\\', '')) ?? []
  const before = calls().length
  const found: Json[] = [...first.structured.data]
  for (let page = 2; page !== undefined; ) {
    const { isError, text, structured } = await call('read-result', { id, page })
    expect(isError, text).toBe(false)
    expect(text.length).toBeLessThanOrEqual(4000)
    expect(structured.notices?.join()).toMatch(/outside your organisation/)
    found.push(...structured.data)
    page = structured.page?.next
  }
  expect(found.map((record) => record.id)).toEqual(organisation.messages.map((record) => record.id).sort())
  expect(calls().length).toBe(before)
  const unknown = await call('read-result', { id: 'f'.repeat(16) })
  expect(unknown).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^not-found: .*make the call again/),
  })
})

test('fields keeps what it names', async () => {
  const { call } = await setup({ args: ['--sandbox'] })
  const [wanted] = organisation.conversations.filter(({ attributes }) => attributes.status === 'open')
  const named = await call('get-conversation-by-id', { id: wanted?.id, fields: ['status', 'customer'] })
  expect(named.structured.data).toEqual({
    type: 'conversation',
    id: wanted?.id,
    status: 'open',
    rev: wanted?.attributes.rev,
    customer: wanted?.relationships.customer.data.id,
  })
  const asText = await call('list-conversations', { pageSize: 2, fields: 'status, priority' })
  for (const record of asText.structured.data)
    expect(Object.keys(record).sort()).toEqual(['id', 'priority', 'rev', 'status', 'type'])
  const none = await call('list-conversations', { pageSize: 1, fields: ['stauts'] })
  expect(none.structured.data[0]).toHaveProperty('status')
  expect(none.structured.notices?.[0]).toMatch(
    /^No record here has "stauts", so all is shown\. Fields: .*status/,
  )
  const wrong = await call('list-conversations', { fields: 5 })
  expect(wrong).toMatchObject({ isError: true, text: expect.stringMatching(/^invalid-input: `fields`/) })
})
