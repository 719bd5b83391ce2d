import fc from 'fast-check'
import { expect, test } from 'vitest'
import { api, cases, type Json, sandbox } from './support.ts'

const ids = (body: Json): string[] => body.data.map(({ id }: Json) => id)

test('following next visits every record once', async () => {
  const { get, organisation } = await api()
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.constantFrom('', '&sort=desc'), (pageSize, sort) => {
      const seen: string[] = []
      for (let next = `/v1/messages?pageSize=${pageSize}${sort}`; next !== null; ) {
        const body = get(next)
        seen.push(...ids(body))
        next = body.links.next
      }
      const order = organisation.messages.map(({ id }) => id).sort()
      expect(seen).toEqual(sort ? order.reverse() : order)
    }),
    { numRuns: 30 },
  )
})

test('lists count customers alone and check page numbers', async () => {
  const { get, call } = await api()
  expect(get('/v1/customers?pageSize=3&page=2')).toMatchObject({
    meta: { page: 2, pageSize: 3, total: 8, totalPages: 3 },
    links: {
      self: '/v1/customers?pageSize=3&page=2',
      prev: '/v1/customers?pageSize=3&page=1',
      next: '/v1/customers?pageSize=3&page=3',
      last: '/v1/customers?pageSize=3&page=3',
    },
  })
  expect(get('/v1/conversations').meta).toEqual({ page: 1, pageSize: 100 })
  expect(get('/v1/customers?page=99').data).toEqual([])
  expect(call('GET', '/v1/users?pageSize=500').status).toBe(200)
  const refused = [
    'customers?pageSize=101',
    'notes?page=0',
    'users?pageSize=501',
    'conversations?sort=name',
    'notes?page=x',
  ]
  expect(refused.map((path) => call('GET', `/v1/${path}`).status)).toEqual(refused.map(() => 400))
})

test('sorting and filters of the plain lists', async () => {
  const { get, call } = await api()
  const names = (body: Json) => body.data.map(({ attributes }: Json) => attributes.name)
  const created = get('/v1/customers?sort=-createdAt').data.map(
    ({ attributes }: Json) => attributes.createdAt,
  )
  expect(created).toEqual(created.toSorted().reverse())
  expect(names(get('/v1/customers?sort=name'))[0]).toBe('Bram de Vries')
  const window = 'filter[createdAt][gte]=2026-08-26T00:00:00Z&filter[createdAt][lt]=2026-09-01T00:00:00Z'
  expect(names(get(`/v1/customers?${window}`))).toEqual(['Łucja Wójcik'])
  expect(call('GET', '/v1/customers?filter[name][gte]=2026-01-01').status).toBe(400)
  expect(names(get('/v1/companies?filter=harbor'))).toEqual(['Harborlight Outfitters'])
  expect(names(get('/v1/companies?externalId=acct-1001'))).toEqual(['Harborlight Outfitters'])
  expect(get('/v1/companies?externalId=acct-1001&filter=nothing').data).toHaveLength(3)
  expect(names(get('/v1/users?userType=machine'))).toEqual(['orders-sync-prod'])
  expect(get('/v1/users?pending=true').data).toEqual([])
  expect(call('GET', '/v1/users?userType=user&email=a@example.com').status).toBe(400)
})

test('gets records by id, ids and natural key', async () => {
  const { get, call } = await api()
  expect(get(`/v1/customers/${cases.dana}`).data.id).toBe(cases.dana)
  expect(ids(get(`/v1/customers/${cases.dana},${cases.kofi}`))).toEqual([cases.dana, cases.kofi])
  expect(get('/v1/customers/email=t.velasquez%40example.com').data.id).toBe(cases.tomas)
  expect(get('/v1/customers/phone=%2B447700900136').data.id).toBe(cases.kofi)
  expect(get('/v1/customers/externalId=cust-2001').data.id).toBe(cases.dana)
  expect(get('/v1/messages/externalId=postmark-000001').data.type).toBe('message')
  expect(get('/v1/users/current').data.attributes.userType).toBe('machine')
  expect(get('/v1/auth/tokens/current').data.type).toBe('token')
  const unknown = [
    'customers/000000000000000000000000',
    'customers/email=x%zz',
    'conversations/externalId=x',
    'notes/x',
  ]
  expect(unknown.map((path) => call('GET', `/v1/${path}`).status)).toEqual(unknown.map(() => 404))
})

test('what belongs to a record', async () => {
  const { get } = await api()
  expect(get(`/v1/conversations/${cases.breachedConversation}/messages`).data).toHaveLength(5)
  expect(get(`/v1/conversations/${cases.breachedConversation}/notes`).data).toHaveLength(2)
  expect(ids(get(`/v1/customers/${cases.dana}/conversations`))).toEqual([
    cases.doneConversation,
    cases.openConversation,
  ])
  expect(ids(get(`/v1/customers/${cases.dana}/conversations?fromDate=2026-11-10`))).toEqual([
    cases.openConversation,
  ])
  expect(get(`/v1/customers/${cases.dana}/messages`).data).toHaveLength(9)
  expect(get(`/v1/users/${cases.priya}/teams`).data).toHaveLength(1)
  for (const path of ['teams', 'tags', 'routing/queues', 'outboundAccounts'])
    expect(get(`/v1/${path}`).data.length).toBeGreaterThan(1)
})

test('passes on masked values and non-Latin text', async () => {
  const { get } = await api()
  expect(JSON.stringify(get(`/v1/customers/${cases.saoirse}`))).toMatch(/"isMasked":true/)
  expect(get(`/v1/customers/${cases.kofi}`).data.attributes.emails).toEqual([])
  expect(JSON.stringify(get('/v1/conversations'))).toContain('Zwrot zamówienia')
})

test('a path or verb that is not simulated answers 501', async () => {
  const { request } = await sandbox()
  const refused: [string, string][] = [
    ['POST', '/v1/x'],
    ['GET', '/v1/drafts'],
    ['DELETE', `/v1/customers/${cases.dana}`],
  ]
  for (const [method, path] of refused) {
    const { exitCode, stderr, json } = await request(path, '-X', method)
    expect([exitCode, json.response.status]).toEqual([1, 501])
    expect(json.response.data.errors).toEqual([
      { code: 'not_simulated', message: `The sandbox does not simulate ${method} ${path}`, meta: {} },
    ])
    expect(stderr).toMatch(/^Error making request to \S+: 501\n$/)
  }
})

test('lists and gets attachments', async () => {
  const { get, call } = await api()
  const message = '6b0010fc3e55000006000003'
  const own = get(`/v1/conversations/${cases.openConversation}/attachments`).data
  expect(own.map(({ attributes }: Json) => attributes)).toEqual([
    { name: 'glass.jpg', contentType: 'image/jpeg', contentLength: 184320, uploaded: true, redacted: false },
    { name: 'box.jpg', contentType: 'image/jpeg', contentLength: 201144, uploaded: true, redacted: false },
  ])
  const [{ id, links }] = own
  expect(links).toEqual({ self: `/v1/attachments/${id}`, related: expect.stringMatching(/^https:/) })
  expect(get(`/v1/messages/${message}/attachments/${id}`).data).toEqual(own[0])
  expect(call('GET', `/v1/messages/6aff01583e55000006000001/attachments/${id}`).status).toBe(404)
  expect(get(`/v1/attachments/${id}`).data).toEqual(own[0])
  const included = (path: string) => ids({ data: get(`${path}?include=attachments`).included })
  const invoice = '6af5a3b0a77a00000d000003'
  expect(included('/v1/messages')).toEqual([...ids({ data: own }), invoice])
  expect(included(`/v1/conversations/${cases.openConversation}/messages`)).toEqual(ids({ data: own }))
  expect(included(`/v1/customers/${cases.tomas}/messages`)).toEqual([invoice])
  expect(get(`/v1/conversations/${cases.openConversation}/messages`).included).toBeUndefined()
  const { relationships } = get(`/v1/messages/${message}`).data
  expect(relationships.attachments.data.map((one: Json) => one.id)).toEqual(ids({ data: own }))
  expect(get(`/v1/conversations/${cases.doneConversation}/attachments`).data).toEqual([])
})

test('satisfaction and SLA of a conversation', async () => {
  const { get, call } = await api()
  const [survey] = get('/v1/satisfaction').data
  const response = get('/v1/satisfaction-responses/6aeb7a305a7e000010000001').data
  expect(response).toMatchObject({
    attributes: { status: 'rated', rating: 5 },
    relationships: {
      satisfaction: { data: { id: survey.id } },
      conversation: { data: { id: cases.doneConversation } },
    },
  })
  const unhappy = get(`/v1/conversations/${cases.unhappyConversation}`).data.attributes.satisfactionLevel
  expect(unhappy).toMatchObject({ status: 'commented', rating: 2, score: 0 })
  expect(get('/v1/satisfaction-responses/6af2e6705a7e000010000002').data.attributes.answers).toEqual(
    unhappy.answers,
  )
  const { attributes, relationships } = get(`/v1/conversations/${cases.breachedConversation}`).data
  const sla = get(relationships.sla.links.self).data
  expect(get('/v1/slas').data[0]).toEqual(sla)
  const versions = (wanted: string) =>
    get(`${relationships.sla.links.self}?versions=${wanted}`).included.map((one: Json) => one.attributes)
  expect(versions('all').map(({ version }: Json) => version)).toEqual([1, 2])
  expect(versions('active')).toMatchObject([
    { name: attributes.sla.name, version: attributes.sla.version, metrics: { firstResponse: {} } },
  ])
  expect(call('GET', `${relationships.sla.links.self}?versions=2`).status).toBe(400)
  const unknown = ['slas', 'satisfaction', 'satisfaction-responses'].map(
    (list) => `/v1/${list}/${'0'.repeat(24)}`,
  )
  expect(unknown.map((path) => call('GET', path).status)).toEqual([404, 404, 404])
})

test('lists sub-statuses, shortcuts, accounts and custom attribute definitions', async () => {
  const { get, call } = await api()
  const [subStatus] = get('/v1/sub-statuses?resourceType=conversation').data
  expect(subStatus.attributes).toMatchObject({ label: 'Waiting on warehouse', parentStatus: 'snoozed' })
  expect(get('/v1/sub-statuses?resourceType=kobject').data).toEqual([])
  const path = `/v1/conversations/${cases.openConversation}`
  expect(call('PUT', path, { subStatus: subStatus.id }).body.data.relationships.subStatus.data.id).toBe(
    subStatus.id,
  )
  expect(call('PUT', path, { subStatus: '0'.repeat(24) }).status).toBe(404)
  expect(get('/v1/shortcuts').data[0].attributes.draft.text).toContain('{{customer.firstName}}')
  expect(get('/v1/outboundAccounts').data[0].attributes).toMatchObject({ channel: 'email', default: true })
  const { properties } = get('/v1/metadata/conversation').data.attributes
  expect(properties.orderNumberStr).toEqual({ type: 'string', displayName: 'Order Number' })
  expect(call('GET', '/v1/metadata/toString').status).toBe(404)
})

test('a work item follows queue and assignee', async () => {
  const { get } = await api()
  const [item] = get(`/v1/routing/conversations/${cases.breachedConversation}/work-items`).data
  expect(item).toMatchObject({
    attributes: { status: 'assigned' },
    relationships: {
      resource: { data: { id: cases.breachedConversation } },
      queue: { data: { type: 'queue' } },
    },
  })
})

test('every custom attribute of the sample is defined', async () => {
  const { organisation } = await api()
  const { companies, conversations, customers } = organisation
  for (const { type, attributes } of [...companies, ...conversations, ...customers]) {
    const defined = Object.keys(organisation.metadata[type] ?? {})
    expect(defined).toEqual(expect.arrayContaining(Object.keys(attributes['custom'] ?? {})))
  }
})
