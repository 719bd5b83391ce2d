import { expect, test } from 'vitest'
import popular from '../../src/catalog/actions.json' with { type: 'json' }
import { cases, type Json, kustomerId, sandbox } from './support.ts'

const connection = `--connectionId=${kustomerId}`

test('lists and ranks actions, page by page', async () => {
  const { run } = await sandbox()
  const list = async (...flags: string[]) =>
    (await run(['action', 'list', connection, ...flags, '--json'])).json
  const { items, cursor } = await list()
  expect(cursor).toBeUndefined()
  expect(items.slice(0, 20).map(({ key }: Json) => key)).toEqual(popular.map(({ key }) => key))
  expect(items[0]).toMatchObject({
    name: 'List Customers',
    type: 'api-request-to-external-app',
    state: 'READY',
    integrationKey: 'kustomer',
    inputSchema: popular[0]?.inputSchema,
    outputSchema: { type: 'object' },
  })
  expect(items.every(({ id }: Json) => /^[0-9a-f]{24}$/.test(id))).toBe(true)
  expect(new Set(items.map(({ id }: Json) => id)).size).toBe(items.length)
  expect(items.filter(({ key }: Json) => key === undefined)).toHaveLength(1)
  expect(items.filter(({ state }: Json) => state === 'BUILDING')).toHaveLength(1)
  expect(JSON.stringify(items.slice(20))).toMatch(/"\$ref".*|referenceCollection.*allowCustom/)
  const first = await list('--limit=30')
  const second = await list('--limit=30', `--cursor=${first.cursor}`)
  expect([...first.items, ...second.items]).toEqual(items)
  expect(second.cursor).toBeUndefined()
  const ranked = await list('--intent=remove a tag from a conversation', '--limit=2')
  expect(ranked.items[0].key).toBe('remove-conversation-tags')
  const other = await run(['action', 'list', '--connectionId=66b0c0ffee0000000000a003', '--json'])
  expect(other.json).toEqual({ items: [] })
})

test('runs an action by id and by key', async () => {
  const { run, act } = await sandbox()
  const { items } = (await run(['action', 'list', connection, '--json'])).json
  const idOf = (name: string) => items.find((item: Json) => item.name === name).id
  const byKey = await act('get-customer-by-email', { email: 'Dana.Okafor@example.com' })
  expect(byKey.json).toEqual({
    output: {
      status: 200,
      headers: expect.objectContaining({ 'x-ratelimit-limit': '1000', 'x-ratelimit-remaining': '999' }),
      data: { data: expect.objectContaining({ type: 'customer', id: cases.dana }) },
    },
    actionRunId: expect.stringMatching(/^[0-9a-f]{24}$/),
  })
  const byId = await act(idOf('Get Customer by Email'), { email: 'dana.okafor@example.com' })
  expect(byId.json.output.data).toEqual(byKey.json.output.data)
  const notes = await act(idOf('List Conversation Notes'), { id: cases.breachedConversation })
  expect(notes.json.output.data.data).toHaveLength(2)
  const bounded = await act('list-customers', {
    filter: { createdAt: { gte: '2026-01-01T00:00:00Z' } },
    pageSize: 1,
  })
  expect(bounded.json.output.data).toMatchObject({
    meta: { total: 5 },
    links: { next: expect.stringContaining('gte') },
  })
})

test('every popular action runs', async () => {
  const { act } = await sandbox()
  const record = { conversation: cases.openConversation }
  const inputs: Record<string, object> = {
    'get-customer-by-id': { id: cases.dana },
    'get-customer-by-email': { email: 'dana.okafor@example.com' },
    'get-conversation-by-id': { id: cases.openConversation },
    'get-company-by-id': { id: cases.company },
    'get-user-by-id': { id: cases.priya },
    'get-message-by-id': { id: '6aff01583e55000006000001' },
    'get-note-by-id': { id: '6b001b4c907e000008000001' },
    'create-customer': { name: 'New Person' },
    'create-conversation': { customer: cases.dana },
    'create-company': { name: 'New Company' },
    'create-message': { ...record, channel: 'email', app: 'test', direction: 'out' },
    'create-note': { ...record, body: 'Noted.' },
    'update-customer': { id: cases.dana, name: 'Dana O.' },
    'update-conversation': { id: cases.openConversation, priority: 5 },
  }
  const results = await Promise.all(popular.map(async ({ key }) => [key, (await act(key, inputs[key])).json]))
  const statuses = results.map(([key, json]) => [key, json.output?.status])
  expect(statuses).toEqual(popular.map(({ key }) => [key, key.startsWith('create-') ? 201 : 200]))
})

test("prints Kustomer's refusal with the request", async () => {
  const { act, request } = await sandbox()
  const url = `https://sandbox.api.kustomerapp.com/v1/customers/${cases.openConversation}`
  for (const failed of [
    await act('get-customer-by-id', { id: cases.openConversation }),
    await request('/v1/customers/{id}', `--pathParam=id=${cases.openConversation}`),
  ]) {
    expect(failed.exitCode).toBe(1)
    expect(failed.stderr).toBe(`Error making request to ${url}: 404\n`)
    expect(failed.json).toEqual({
      response: {
        status: 404,
        data: { errors: [{ code: 'not_found', message: expect.any(String), meta: expect.any(Object) }] },
        headers: expect.any(Object),
      },
      request: { method: 'GET', url, headers: { Authorization: 'Bearer FAKE-SANDBOX-SECRET' } },
    })
  }
})

test("Membrane's own refusals have a type and a key", async () => {
  const { act, run } = await sandbox()
  expect((await act('no-such-action')).json).toMatchObject({ type: 'bad_request', key: 'not_found' })
  expect((await act('summarise-conversation', { id: cases.openConversation })).json.message).toMatch(
    /BUILDING/,
  )
  const invalid = await act('create-note', { body: 5, unknown: 1 })
  expect([invalid.exitCode, invalid.json]).toEqual([1, { type: 'bad_request', message: expect.any(String) }])
  expect(invalid.json.message).toBe(
    '✖ Invalid input: expected string, received undefined\n  → at conversation\n✖ Invalid input: expected string, received number\n  → at body',
  )
  expect((await act('list-users', { unknown: 1 })).exitCode).toBe(0)
  const elsewhere = await run(['action', 'run', 'list-users', '--connectionId=abc', '--json'])
  expect(elsewhere.json).toMatchObject({ type: 'bad_request', key: 'not_found' })
  const slack = await run(['request', '66b0c0ffee0000000000a003', '/v1/x', '--json'])
  expect(slack.json).toMatchObject({ type: 'configuration' })
})

test('request relays every part of a request', async () => {
  const { request } = await sandbox()
  const tags = ['-X', 'POST', '-H', 'Content-Type: application/json', '-d', '["refund","brand-new"]']
  const added = await request(
    '/v1/conversations/{id}/tags',
    '--pathParam',
    `id=${cases.doneConversation}`,
    ...tags,
  )
  expect(added.json).toMatchObject({ status: 200, headers: {}, body: { data: { type: 'conversation' } } })
  expect(added.json.body.data.attributes.tags).toHaveLength(3)
  const listed = await request('/v1/conversations?sort=desc', '--query=pageSize=1')
  expect(listed.json.body.links.next).toBe('/v1/conversations?sort=desc&pageSize=1&page=2')
  const whole = await request('https://lanternhouse.api.kustomerapp.com/v1/users/current')
  expect(whole.json.body.data.attributes.userType).toBe('machine')
  const refused = await Promise.all([
    request('/v1/notes', '-X', 'POST', '-d', 'no json', '--rawData'),
    request('/v1/notes', '-X', 'POST', '-d', 'no json'),
    request('/v1/notes', '-X', 'POST', '-d', JSON.stringify({ body: 'x'.repeat(100_001) })),
    request('/v1/conversations/timeline/x'),
  ])
  expect(refused.map(({ json }) => json.response.status)).toEqual([400, 400, 413, 501])
  expect((await request('https://example.com/v1/users')).json.message).toMatch(/no network/)
})

test('act runs by id, key and api', async () => {
  const { run } = await sandbox({ MEMBRANE_SANDBOX_DIALECT: 'new' })
  const act = (...flags: string[]) => run(['act', ...flags, connection, '--json'])
  const note = { conversation: cases.openConversation, body: 'By act.' }
  const api = {
    method: 'POST',
    path: '/v1/notes',
    body: note,
    headers: { 'Content-Type': 'application/json' },
  }
  const byApi = await act(`--api=${JSON.stringify(api)}`)
  expect(byApi.json.output.data.data.attributes.body).toBe('By act.')
  const byKey = await act(
    '--key=get-note-by-id',
    `--input=${JSON.stringify({ id: byApi.json.output.data.data.id })}`,
  )
  expect(byKey.json.output.data).toEqual(byApi.json.output.data)
  const query = await act(
    '--api={"method":"GET","path":"/v1/users","query":{"email":"priya.raman@example.com"}}',
  )
  expect(query.json.output.data.data).toHaveLength(1)
  const refused = await Promise.all(
    [
      ['--code=1'],
      [],
      ['--id=1', '--key=2'],
      ['--api={"method":"GET","path":"/v1/x","data":1}'],
      ['--api={"method":"GET","path":"/v1/x","query":null}'],
    ].map((flags) => act(...flags)),
  )
  expect(refused.map(({ json }) => json.type)).toEqual(refused.map(() => 'bad_request'))
  const log = await run(['action-run-log', 'get', byKey.json.actionRunId, '--json'])
  expect(log.json).toMatchObject({
    status: 'success',
    action: { key: 'get-note-by-id' },
    output: byKey.json.output,
  })
  const got = await run(['action', 'get', 'delete-note', '--json'])
  expect(got.json).toMatchObject({ key: 'delete-note', config: { request: { method: 'DELETE' } } })
  const deleted = await act(
    `--id=${got.json.id}`,
    `--input=${JSON.stringify({ id: byApi.json.output.data.data.id })}`,
  )
  expect(deleted.json.output).toEqual({ status: 204, headers: expect.any(Object) })
  expect((await run(['action-run-log', 'get', '0'.repeat(24), '--json'])).json.key).toBe('not_found')
})
