import { expect, test } from 'vitest'
import organisation from '../../src/sandbox/organisation.json' with { type: 'json' }
import { setup } from '../support/harness.ts'

const [conversation] = organisation.conversations
const id = conversation?.id
const absent = 'ffffffffffffffffffffffff'

test('a call that does not fit is told the right one', async () => {
  const { call, client } = await setup({ args: ['--sandbox'] })
  const table: [string, Record<string, unknown>, RegExp][] = [
    [
      'create-note',
      { body: 'x' },
      /^invalid-input: .*`conversation`: required but missing.*Find it with .*list-conversations/,
    ],
    [
      'create-note',
      { conversation_id: id, body: 'x' },
      /^invalid-input: .*`conversation_id`: .*nearest is `conversation`/,
    ],
    ['list-conversations', { sort: 'up' }, /^invalid-input: .*`sort`: takes one of desc/],
    ['search-actions', { query: 'notes' }, /^invalid-input: .*no such argument, the nearest is `intent`/],
    [
      'get-customer-by-id',
      { id: 'ada@example.com' },
      /^not-found: `id`: no customer matches “ada@example.com”; takes an id, an email address/,
    ],
    [
      'get-company-by-id',
      { id: absent },
      /^not-found: .*`id` is the id of a company. Find it with list-companies/,
    ],
    [
      'update-conversation',
      { id, prioritty: 3 },
      /^invalid-input: .*`prioritty`.*the nearest is `priority`.*Nothing was sent/,
    ],
    [
      'update-conversation',
      { id, assignedUsers: ['Amal'] },
      /^invalid-input: .*`assignedUsers` .*Find it with list-users/,
    ],
    ['update-conversation', { id, priority: 9 }, /^invalid-input: .*`priority`.*5/],
    [
      'run-action',
      { action: 'create-note', input: { conversation: id, bodi: 'x' } },
      /^invalid-input: .*`bodi`.*the nearest is `body`/,
    ],
  ]
  for (const [name, args, message] of table) {
    const { isError, text } = await call(name, args)
    expect([name, isError, text]).toEqual([name, true, expect.stringMatching(message)])
  }
  const listed = await call('list-customers', { limit: 1 })
  expect(listed.structured.notices?.join(' ')).toMatch(/limit.*pageSize was meant/)
  await expect(client.callTool({ name: 'get_customer' })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringContaining('Did you mean get-customer-by-id?'),
  })
})

test('advice names offered tools alone', async () => {
  const { call } = await setup({
    args: ['--sandbox', '--tools', 'create-note,list-conversations'],
  })
  const { isError, text } = await call('create-note', { body: 'x' })
  expect([isError, text]).toEqual([
    true,
    expect.stringMatching(/^invalid-input: .*Find it with list-conversations\./),
  ])
  const known = await call('create-note', { conversation: absent, body: 'x', userMentions: ['Amal'] })
  expect(known.isError).toBe(true)
  expect(known.text).not.toContain('list-users')
})
