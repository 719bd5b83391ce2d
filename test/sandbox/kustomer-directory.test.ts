import { expect, test } from 'vitest'
import { api, cases, type Json, sandbox } from './support.ts'

const names = (body: Json): string[] => body.data.map(({ attributes }: Json) => attributes.name)
const nobody = '0'.repeat(24)

test('two users have one name, a third is deleted', async () => {
  const { get, call } = await api()
  const users = get('/v1/users').data.map(({ attributes }: Json) => attributes)
  expect(users.filter(({ name }: Json) => name === 'Alex Kim').map(({ email }: Json) => email)).toEqual([
    'alex.kim@example.com',
    'alexandra.kim@example.com',
  ])
  expect(names({ data: get('/v1/users?deleted=true').data })).toEqual(['Petra Novak'])
  for (const query of ['', '?userType=user', '?deleted=false', '?email=petra.novak%40example.com'])
    expect(names(get(`/v1/users${query}`))).not.toContain('Petra Novak')
  const [{ id }] = get('/v1/users?deleted=true').data
  expect(get(`/v1/users/${id}`).data.attributes).toMatchObject({ name: 'Petra Novak', deleted: true })
  const page = get('/v1/users?pageSize=3&page=2')
  expect([names(page).length, page.links.next]).toEqual([3, '/v1/users?pageSize=3&page=3'])
  expect(call('GET', '/v1/users?deleted=true&userType=user').status).toBe(400)
})

test('a renamed team has its present name alone', async () => {
  const { get, organisation } = await api()
  expect(names(get('/v1/teams'))).toEqual(['Tier 1 Support', 'Billing', 'Order Care'])
  expect(JSON.stringify(get('/v1/teams'))).not.toContain('Fulfilment')
  const bodies = organisation.notes.map(({ attributes }) => String(attributes['body']))
  expect(bodies.filter((body) => body.includes('Fulfilment Desk'))).toHaveLength(1)
})

test('shortcuts belong to categories', async () => {
  const { get, call } = await api()
  const categories = get('/v1/shortcuts/categories')
  expect(names(categories)).toEqual(['Orders', 'Billing', 'Account'])
  const shortcuts = get('/v1/shortcuts').data
  expect(shortcuts).toHaveLength(6)
  const known = categories.data.map(({ id }: Json) => id)
  for (const { relationships } of shortcuts) expect(known).toContain(relationships.category.data.id)
  expect(get(`/v1/shortcuts/${shortcuts[2].id}`).data).toEqual(shortcuts[2])
  expect(call('GET', `/v1/shortcuts/${nobody}`).status).toBe(404)
})

test('articles are found by words, the best first', async () => {
  const { get, call } = await api()
  const titles = (query: string) =>
    get(`/v1/kb/articles/search?${query}`).data.map(({ attributes }: Json) => attributes.title)
  expect(titles('term=Damaged%20item')).toEqual(['An item arrived damaged'])
  expect(titles('term=refunds')).toEqual(['Returns and refunds'])
  expect(titles('term=grocery delivery late')[0]).toBe('Delivery times')
  expect(titles('term=refund order')).toEqual([
    'Returns and refunds',
    'An item arrived damaged',
    'Delivery times',
  ])
  expect(titles('term=unicorn')).toEqual([])
  expect(titles('term=p')).toEqual([])
  expect([titles('term=refund&lang=en_us').length, titles('term=refund&lang=pl').length]).toEqual([3, 0])
  const [article] = get('/v1/kb/articles').data
  expect(get(article.links.self).data).toEqual(article)
  const search = '/v1/kb/articles/search'
  const refused = ['', '?term=', '?term=%20%2C', '?term=a&page=0'].map((query) => call('GET', search + query))
  expect(refused.map(({ status }) => status)).toEqual([400, 400, 400, 400])
  expect(call('GET', `/v1/kb/articles/${nobody}`).status).toBe(404)
})

test('a merged conversation names its target', async () => {
  const { get } = await api()
  const { attributes, relationships } = get(`/v1/conversations/${cases.mergedConversation}`).data
  expect(attributes).toMatchObject({ status: 'done', mergedTarget: cases.cancellation })
  const target = get(`/v1/conversations/${attributes.mergedTarget}`).data
  expect(target.attributes.status).toBe('open')
  expect(relationships.customer.data).toEqual(target.relationships.customer.data)
})

test('every reference of the sample leads to a record', async () => {
  const { organisation, get } = await api()
  const records = Object.values(organisation)
    .filter((list) => Array.isArray(list))
    .flat()
  const known = new Set([organisation.org.id, ...records.map(({ id }) => id)])
  expect(known.size).toBe(records.length + 1)
  const references = records.flatMap(({ relationships }) =>
    Object.values(relationships).flatMap((link) => link?.data ?? []),
  )
  expect(references.filter(({ id }) => !known.has(id))).toEqual([])
  const counted = organisation.customers.map(({ id, attributes }) => {
    const own = get(`/v1/customers/${id}/conversations`).data.map((one: Json) => one.attributes.status)
    const count = (status: string) => own.filter((other: string) => other === status).length
    const counts = { all: own.length, open: count('open'), snoozed: count('snoozed'), done: count('done') }
    return [attributes['conversationCounts'], counts]
  })
  for (const [held, counts] of counted) expect(held).toEqual(counts)
})

test('drafts of the sample wait and are changed and deleted', async () => {
  const { get, call } = await api()
  const [draft] = get(`/v1/customers/${cases.tomas}/drafts`).data
  expect(draft.attributes).toMatchObject({ channel: 'email', scheduled: true })
  const path = `/v1/drafts/${draft.id}`
  expect(call('PUT', path, { body: 'Later.', sendAt: null }).body.data.attributes).toMatchObject({
    body: 'Later.',
    scheduled: false,
    rev: 2,
  })
  expect(call('PUT', path, { text: 'x' }).status).toBe(400)
  expect(call('DELETE', path).status).toBe(204)
  expect([call('DELETE', path).status, call('PUT', path, { body: 'x' }).status]).toEqual([404, 404])
  expect(get(`/v1/customers/${cases.tomas}/drafts`).data).toEqual([])
  expect(call('GET', `/v1/customers/${nobody}/drafts`).status).toBe(404)
})

test('what belongs to an unknown record is not found', async () => {
  const { call } = await api()
  const lists = [
    ...['messages', 'notes', 'attachments', 'events'].map((list) => `conversations/${nobody}/${list}`),
    ...['messages', 'conversations', 'drafts', 'events', 'merges'].map(
      (list) => `customers/${nobody}/${list}`,
    ),
    `routing/conversations/${nobody}/work-items`,
    `users/${nobody}/teams`,
    'metadata/kobject.order',
  ]
  expect(lists.map((path) => [path, call('GET', `/v1/${path}`).status])).toEqual(
    lists.map((path) => [path, 404]),
  )
  for (const method of ['POST', 'DELETE'] as const) {
    expect(call(method, `/v1/conversations/${nobody}/tags`, ['vip']).status).toBe(404)
    expect(call(method, `/v1/conversations/${cases.openConversation}/tags`, []).status).toBe(400)
  }
})

test('writes to the directory are not simulated', async () => {
  const { request } = await sandbox()
  const paths = [
    '/v1/teams',
    '/v1/tags',
    '/v1/shortcuts',
    '/v1/kb/articles',
    '/v1/slas',
    '/v1/metadata/customer',
  ]
  for (const path of paths) {
    const { exitCode, json } = await request(path, '-X', 'POST', '--data={}')
    expect([exitCode, json.response.status]).toEqual([1, 501])
  }
})
