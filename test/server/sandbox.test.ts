import { describe, expect, test } from 'vitest'
import { type Harness, type Json, setup, setupOnce } from '../support/harness.ts'
import { keys } from '../support/samples.ts'

async function data(harness: Harness, name: string, args?: Record<string, unknown>): Promise<Json> {
  const { isError, text, structured } = await harness.call(name, args)
  expect(isError, text).toBe(false)
  return structured.data
}

describe.each([
  { dialect: 'old', env: {} },
  { dialect: 'new', env: { MEMBRANE_SANDBOX_DIALECT: 'new' } },
])('in the $dialect dialect', ({ dialect, env }) => {
  const server = setupOnce({ args: ['--sandbox'], env })

  test('all 20 actions do what they say', async () => {
    const harness = server()
    const used = new Set<string>()
    const call = (name: string, args?: Record<string, unknown>) => {
      used.add(name)
      return data(harness, name, args)
    }
    const company = await call('create-company', { name: 'Acme Ltd', domains: [{ domain: 'acme.example' }] })
    const email = `ada+${dialect}@example.com`
    const customer = await call('create-customer', { name: 'Ada', emails: [{ email }], company: company.id })
    const conversation = await call('create-conversation', {
      customer: customer.id,
      name: 'Hello',
      priority: 4,
    })
    const message = await call('create-message', {
      conversation: conversation.id,
      channel: 'chat',
      app: 'test',
      direction: 'in',
      preview: 'Hi',
    })
    const note = await call('create-note', {
      conversation: conversation.id,
      body: '--json "$(id)" \u00e9\u4e2d',
    })

    expect((await call('get-company-by-id', { id: company.id })).name).toBe('Acme Ltd')
    expect((await call('get-customer-by-email', { email })).id).toBe(customer.id)
    await call('update-customer', { id: customer.id, name: 'Ada L.', company: company.id })
    const { name, company: companyId } = await call('get-customer-by-id', { id: customer.id })
    expect([name, companyId]).toEqual(['Ada L.', { id: company.id, name: 'Acme Ltd' }])
    expect((await call('get-message-by-id', { id: message.id })).preview).toBe('Hi')
    expect((await call('get-note-by-id', { id: note.id })).body).toBe('--json "$(id)" \u00e9\u4e2d')
    await call('update-conversation', { id: conversation.id, status: 'done', tags: ['vip'] })
    expect(await call('get-conversation-by-id', { id: conversation.id })).toMatchObject({
      status: 'done',
      messageCount: 1,
      noteCount: 1,
    })
    for (const key of keys.filter((name) => name.startsWith('list-'))) {
      const records = await call(key, { pageSize: 100 })
      expect(records.length, key).toBeGreaterThan(2)
    }
    const [user] = await call('list-users', { userType: 'user' })
    expect((await call('get-user-by-id', { id: user.id })).id).toBe(user.id)
    expect([...used].sort()).toEqual([...keys].sort())
  })

  test('run-action runs what search-actions found', async () => {
    const harness = server()
    const found = await data(harness, 'search-actions', { intent: 'delete a note', limit: 5 })
    const action = found.find(({ key }: Json) => key === 'delete-note')
    expect(keys).not.toContain(action.key)
    const [first, second] = await data(harness, 'list-notes', { pageSize: 2 })
    await data(harness, 'run-action', { action: 'delete-note', input: { id: first.id } })
    await data(harness, 'run-action', { action: action.id, input: JSON.stringify({ id: second.id }) })
    for (const { id } of [first, second]) {
      expect((await harness.call('get-note-by-id', { id })).text).toMatch(/^not-found: /)
    }
    const missing = await harness.call('run-action', { action: 'delete-note', input: {} })
    expect(missing).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^invalid-input: .*`id`: required but missing/),
    })
    const [conversation] = await data(harness, 'list-conversations', { pageSize: 1 })
    const notes = await harness.call('run-action', {
      action: 'list-conversation-notes',
      input: { id: conversation.id },
    })
    expect(notes.isError, notes.text).toBe(false)
    expect(await harness.call('run-action', { action: 'no-such-action' })).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^action-not-found: /),
    })
  })

  test('from signed out to a first result, step by step', async () => {
    const harness = await setup({
      args: ['--sandbox'],
      env: { ...env, MEMBRANE_SANDBOX_START: 'signed-out' },
    })
    expect((await harness.call('list-customers')).text).toMatch(/^signed-out: .*connect-kustomer/)
    expect(await data(harness, 'connect-kustomer')).toMatchObject({
      state: 'SIGN_IN',
      url: expect.stringMatching(/^https:/),
    })
    expect((await harness.call('connect-kustomer', { code: 'wrong-code' })).isError).toBe(true)
    const states = [(await data(harness, 'connect-kustomer', { code: 'code-123456' })).state]
    for (let count = 0; count < 6 && states.at(-1) !== 'READY'; count++)
      states.push((await data(harness, 'connect-kustomer')).state)
    expect(states.at(-1)).toBe('READY')
    expect(states).toContain('CLIENT_ACTION_REQUIRED')
    expect((await data(harness, 'list-customers')).length).toBe(8)
  })
})

describe('on one server', () => {
  const server = setupOnce({ args: ['--sandbox', '--max-concurrency', '4'] })

  test('20 parallel create-note calls leave 20 notes', async () => {
    const harness = server()
    const [conversation] = await data(harness, 'list-conversations', { pageSize: 1 })
    const before = await data(harness, 'list-notes', { pageSize: 100 })
    const bodies = Array.from({ length: 20 }, (_, index) => `note ${index}`)
    const created = await Promise.all(
      bodies.map((body) => data(harness, 'create-note', { conversation: conversation.id, body })),
    )
    expect(new Set(created.map(({ id }) => id)).size).toBe(20)
    const after = await data(harness, 'list-notes', { pageSize: 100 })
    expect(after.length - before.length).toBe(20)
    expect(after.map(({ body }: Json) => body)).toEqual(expect.arrayContaining(bodies))
    const { noteCount } = await data(harness, 'get-conversation-by-id', { id: conversation.id })
    expect(noteCount - conversation.noteCount).toBe(20)
  })

  test('a list names its page and the next', async () => {
    const harness = server()
    const first = await harness.call('list-customers', { pageSize: 3 })
    expect(first.structured.page).toEqual({ page: 1, pageSize: 3, next: 2, total: 8 })
    const last = await harness.call('list-customers', { pageSize: 3, page: 3 })
    expect(last.structured.page).toEqual({ page: 3, pageSize: 3, total: 8 })
    expect(last.structured.data).toHaveLength(2)
  })

  test('the proxy reaches what no action covers', async () => {
    const harness = server()
    const proxy = (method: string, path: string, body?: unknown) =>
      data(harness, 'proxy_request', { method, path, body })
    const open = await proxy('POST', '/v1/customers/search', {
      queryContext: 'conversation',
      and: [{ conversation_status: { equals: 'open' } }],
    })
    expect(open.length).toBeGreaterThan(0)
    expect(open.every(({ status }: Json) => status === 'open')).toBe(true)
    const [conversation] = open
    await proxy('POST', `/v1/conversations/${conversation.id}/tags`, ['brand-new-tag'])
    const tags = await proxy('GET', '/v1/tags')
    const tag = tags.find(({ name }: Json) => name === 'brand-new-tag')
    expect((await data(harness, 'get-conversation-by-id', { id: conversation.id })).tags).toContain(tag.id)
  })

  test('no credential reaches a result or the log', async () => {
    const harness = server()
    const { isError, text } = await harness.call('get-customer-by-id', { id: '0'.repeat(24) })
    expect(isError).toBe(true)
    expect(text).toMatch(/^not-found: Kustomer answered 404/)
    expect(text + harness.log()).not.toContain('FAKE-SANDBOX-SECRET')
  })
})
