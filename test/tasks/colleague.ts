import { strict as assert } from 'node:assert'
import type { Organisation, Resource } from '../../src/sandbox/kustomer/resource.ts'
import type { Json } from '../support/server.ts'
import { find, get, ask as send, type Task } from './task.ts'

const called = (records: readonly Resource[], name: string) =>
  records.find(({ attributes }) => attributes['name'] === name) as Resource
const changed = (name: string) => (before: Organisation) => [
  `~conversations ${called(before.conversations, name).id}`,
]
/** The one conversation with a text, as an agent that works through the proxy finds it. */
const findOne = async (agent: Parameters<typeof find>[0], text: string): Promise<Json> =>
  (await find(agent, 'conversation', { conversation_any_text: { contains: text } }))[0]
const findNamed = async (agent: Parameters<typeof get>[0], path: string, name: string): Promise<Json[]> =>
  (await get(agent, path)).filter(({ attributes }: Json) => attributes.name === name)

/** Work in the organisation's own words, with the traps that names hold. */
export const colleague: readonly Task[] = [
  {
    name: 'for Noor, by first name',
    ask: 'Give the conversation about the wrong size to Noor.',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', text: 'wrong size', fields: ['name'] })
      await call('update-conversation', { id: data[0].id, assignedUsers: ['Noor'] })
    },
    async proxy(agent) {
      const { id } = await findOne(agent, 'Wrong size')
      const users = await get(agent, '/v1/users')
      const noor = users.find(({ attributes }: Json) => attributes.name.startsWith('Noor ')).id
      await send(agent, 'PUT', `/v1/conversations/${id}`, { body: { assignedUsers: [noor] } })
    },
    changes: changed('Wrong size received'),
    check(after) {
      const { assignedUsers } = called(after.conversations, 'Wrong size received').attributes
      assert.deepEqual(assignedUsers, [called(after.users, 'Noor Haddad').id])
    },
  },
  {
    name: 'to another queue and team',
    ask: 'The late grocery delivery belongs to Billing: move it to their queue and team, and tag it vip.',
    async tools({ call }) {
      const text = 'grocery delivery'
      const { data } = await call('search', { type: 'conversation', text, fields: ['name'] })
      const change = { queue: 'Billing', assignedTeams: ['Billing'], addTags: ['vip'] }
      await call('update-conversation', { id: data[0].id, ...change })
    },
    async proxy(agent) {
      const { id } = await findOne(agent, 'grocery')
      const [team] = await findNamed(agent, '/v1/teams', 'Billing')
      const queues = await get(agent, '/v1/routing/queues')
      const queue = queues.find(({ attributes }: Json) => attributes.displayName === 'Billing').id
      const body = { assignedTeams: [team.id], queue: { id: queue } }
      await send(agent, 'PUT', `/v1/conversations/${id}`, { body })
      await send(agent, 'POST', `/v1/conversations/${id}/tags`, { body: ['vip'] })
    },
    changes: changed('Refund for late grocery delivery'),
    check(after, before) {
      const name = 'Refund for late grocery delivery'
      const { assignedTeams, tags } = called(after.conversations, name).attributes
      assert.deepEqual(assignedTeams, [called(after.teams, 'Billing').id])
      const old = called(before.conversations, name).attributes['tags'] as string[]
      assert.deepEqual(new Set(tags as string[]), new Set([...old, called(after.tags, 'vip').id]))
    },
  },
  {
    name: 'to nobody',
    ask: 'Take everybody off the conversation about exporting account data.',
    async tools({ call }) {
      const text = 'Export of my account data'
      const { data } = await call('search', { type: 'conversation', text, fields: ['name'] })
      await call('update-conversation', { id: data[0].id, assignedUsers: ['nobody'] })
    },
    async proxy(agent) {
      const { id } = await findOne(agent, 'Export')
      await send(agent, 'PUT', `/v1/conversations/${id}`, { body: { assignedUsers: [] } })
    },
    changes: changed('Export of my account data'),
    check(after) {
      const { assignedUsers } = called(after.conversations, 'Export of my account data').attributes
      assert.deepEqual(assignedUsers, [])
    },
  },
  {
    name: 'what a team has with a tag',
    ask: 'Which open conversations of Tier 1 Support are tagged vip?',
    async tools({ call }) {
      const filters = { status: 'open', team: 'Tier 1 Support', tag: 'vip' }
      const { data } = await call('search', { type: 'conversation', ...filters, fields: ['name'] })
      return data.map(({ name }: Json) => name)
    },
    async proxy(agent) {
      const [team] = await findNamed(agent, '/v1/teams', 'Tier 1 Support')
      const [tag] = await findNamed(agent, '/v1/tags', 'vip')
      const found = await find(
        agent,
        'conversation',
        { conversation_status: { equals: 'open' } },
        { conversation_assigned_teams: { equals: team.id } },
        { conversation_tags: { equals: tag.id } },
      )
      return found.map(({ attributes }: Json) => attributes.name)
    },
    answer: () => ['Webhooks failing since Tuesday'],
  },
  {
    name: 'a new case in one sentence',
    ask: 'Open a conversation "Missing invoice" for our customer cust-2003, for Noor, tagged billing.',
    async tools({ call }) {
      const names = { assignedUsers: ['Noor'], tags: ['billing'] }
      await call('create-conversation', { customer: 'cust-2003', name: 'Missing invoice', ...names })
    },
    async proxy(agent) {
      const customer = (await get(agent, '/v1/customers/externalId=cust-2003')).id
      const users = await get(agent, '/v1/users')
      const noor = users.find(({ attributes }: Json) => attributes.name.startsWith('Noor ')).id
      const [tag] = await findNamed(agent, '/v1/tags', 'billing')
      const body = { customer, name: 'Missing invoice', assignedUsers: [noor], tags: [tag.id] }
      await send(agent, 'POST', '/v1/conversations', { body })
    },
    changes: (before) => ['+conversations', `~customers ${called(before.customers, 'Ines Marchetti').id}`],
    check(after) {
      const { assignedUsers, tags } = called(after.conversations, 'Missing invoice').attributes
      assert.deepEqual(assignedUsers, [called(after.users, 'Noor Haddad').id])
      assert.deepEqual(tags, [called(after.tags, 'billing').id])
    },
  },
  {
    name: 'two people of one name',
    ask: 'Give the conversation about webhooks to Alex Kim, if it is clear who that is; else say who it may be.',
    async tools(agent) {
      const text = 'Webhooks failing'
      const { data } = await agent.call('search', { type: 'conversation', text, fields: ['name'] })
      const change = { id: data[0].id, assignedUsers: ['Alex Kim'] }
      const { candidates } = await agent.refusal('update-conversation', change)
      return candidates.map(({ address }) => address)
    },
    async proxy(agent) {
      await findOne(agent, 'Webhooks')
      return (await findNamed(agent, '/v1/users', 'Alex Kim')).map(({ attributes }) => attributes.email)
    },
    answer: () => ['alex.kim@example.com', 'alexandra.kim@example.com'],
  },
  {
    name: 'a team that was renamed',
    ask: 'What does the Fulfilment Desk have that is not done? We may call it something else by now.',
    async tools(agent) {
      const about = { type: 'conversation', fields: ['status'] }
      await agent.refusal('search', { ...about, team: 'Fulfilment Desk' })
      const notes = (await agent.call('search', { type: 'note', text: 'Fulfilment' })).data
      const team = /called ([A-Z]\w+ [A-Z]\w+)/.exec(notes[0].body)?.[1]
      return (await agent.call('search', { ...about, team })).data.map(({ id }: Json) => id)
    },
    async proxy(agent) {
      await findNamed(agent, '/v1/teams', 'Fulfilment Desk')
      const notes = await find(agent, 'note', { note_body: { contains: 'Fulfilment' } })
      const name = /called ([A-Z]\w+ [A-Z]\w+)/.exec(notes[0].attributes.body)?.[1] ?? ''
      const [team] = await findNamed(agent, '/v1/teams', name)
      const found = await find(agent, 'conversation', { conversation_assigned_teams: { equals: team.id } })
      return found.map(({ id }: Json) => id)
    },
    answer: () => [],
  },
  {
    name: 'a tag that does not exist',
    ask: 'Tag the conversation about the wrong size with "refnd". If there is no such tag, say which is meant and change nothing.',
    async tools(agent) {
      const text = 'wrong size'
      const { data } = await agent.call('search', { type: 'conversation', text, fields: ['name'] })
      const change = { id: data[0].id, addTags: ['refnd'] }
      const { candidates } = await agent.refusal('update-conversation', change)
      return candidates.find(({ name }) => name.startsWith('ref'))?.name
    },
    async proxy(agent) {
      await findOne(agent, 'Wrong size')
      const tags = await get(agent, '/v1/tags')
      return tags.find(({ attributes }: Json) => attributes.name.startsWith('ref')).attributes.name
    },
    answer: () => 'refund',
  },
  {
    name: 'a conversation merged away',
    ask: 'Saoirse wrote "Stop my plan". Where does that stand now?',
    async tools({ call }) {
      const about = { customer: 'saoirse.byrne@example.com', text: 'Stop my plan' }
      const { conversation } = (await call('get-conversation-thread', { ...about, limit: 1 })).data
      const id = conversation.mergedTarget.id ?? conversation.mergedTarget
      const { name, status } = (await call('get-conversation-by-id', { id, fields: ['name', 'status'] })).data
      return [name, status]
    },
    async proxy(agent) {
      const { attributes } = await findOne(agent, 'Stop my plan')
      const target = await get(agent, `/v1/conversations/${attributes.mergedTarget}`)
      return [target.attributes.name, target.attributes.status]
    },
    answer: () => ['Cancel my subscription', 'open'],
  },
  {
    name: 'an order number in a custom attribute',
    ask: 'Whose is order 5177, and is anybody assigned to it?',
    async tools({ call }) {
      const { customer, conversation } = (await call('get-conversation-thread', { text: '5177', limit: 1 }))
        .data
      return [customer.name, conversation.assignedUsers ?? []]
    },
    async proxy(agent) {
      const [found] = await find(agent, 'conversation', {
        conversation_custom_orderNumberStr: { equals: '5177' },
      })
      const customer = await get(agent, `/v1/customers/${found.relationships.customer.data.id}`)
      return [customer.attributes.name, found.attributes.assignedUsers]
    },
    answer: () => ['Kofi Mensah', []],
  },
  {
    name: 'a reply that waits',
    ask: 'A reply to tomas.velasquez@example.com waits to be sent by itself. Take it off the schedule, and say when it would have gone.',
    async tools({ call }) {
      const [draft] = (await call('list-drafts', { customer: 'tomas.velasquez@example.com' })).data
      await call('update-draft', { id: draft.id, sendAt: 'none' })
      return draft.sendAt
    },
    async proxy(agent) {
      const { id: customer } = await get(agent, '/v1/customers/email=tomas.velasquez@example.com')
      const [{ id, attributes }] = await get(agent, `/v1/customers/${customer}/drafts`)
      await send(agent, 'PUT', `/v1/drafts/${id}`, { body: { sendAt: null, scheduled: false } })
      return attributes.sendAt
    },
    answer: () => '2026-11-24T09:00:00.000Z',
    changes: ({ drafts }) => [
      `~drafts ${drafts.find(({ attributes }) => attributes['scheduled'] === true)?.id}`,
    ],
    check({ drafts }) {
      assert.ok(drafts.every(({ attributes }) => attributes['scheduled'] !== true))
    },
  },
  {
    name: 'a canned answer',
    ask: 'A customer must send a photo of what is damaged. What is our usual text for that?',
    async tools({ call }) {
      const { data } = await call('find-answers', { text: 'photo damage' })
      return data.find(({ type }: Json) => type === 'shortcut').text
    },
    async proxy(agent) {
      const shortcuts = await get(agent, '/v1/shortcuts')
      await get(agent, '/v1/kb/articles/search', { term: 'photo damage' })
      return shortcuts.find(({ attributes }: Json) => attributes.draft.text.includes('photo')).attributes
        .draft.text
    },
    answer: () => 'Hi {{customer.firstName}}, please reply with a photo of the damage.',
  },
  {
    name: 'a file that a customer sent',
    ask: 'Which files came with the mails about the invoice 2026-118, and where are they?',
    async tools({ call }) {
      const { entries } = (await call('get-conversation-thread', { text: 'invoice 2026-118' })).data
      return entries.flatMap(({ attachments = [] }: Json) =>
        attachments.map(({ name, url }: Json) => [name, url]),
      )
    },
    async proxy(agent) {
      const { id } = await findOne(agent, 'invoice 2026-118')
      const path = `/v1/conversations/${id}/messages`
      const { data } = await agent.call('proxy_request', { path, query: { include: 'attachments' } })
      const included = Array.isArray(data) ? [] : data.included
      return included.map(({ attributes, links }: Json) => [attributes.name, links.related])
    },
    answer: () => [['invoice-2026-118.pdf', 'https://files.membrane-sandbox.example/invoice-2026-118.pdf']],
  },
  {
    name: 'who had it before',
    ask: 'Who had the conversation about the failing webhooks before Noor?',
    async tools({ call }) {
      const about = { text: 'Webhooks failing', events: true }
      const { entries } = (await call('get-conversation-thread', about)).data
      const changes = entries.flatMap((entry: Json) => entry.changes ?? [])
      return /(\w+ \w+) → Noor Haddad/.exec(changes.join('\n'))?.[1]
    },
    async proxy(agent) {
      const { id } = await findOne(agent, 'Webhooks failing')
      const events = await get(agent, `/v1/conversations/${id}/events`)
      const users = await get(agent, '/v1/users')
      const noor = users.find(({ attributes }: Json) => attributes.name === 'Noor Haddad').id
      const given = events
        .map(({ attributes }: Json) => attributes.changes?.attributes.assignedUsers)
        .find((change: Json) => change?.after.includes(noor))
      return users.find((user: Json) => given.before.includes(user.id)).attributes.name
    },
    answer: () => 'Priya Raman',
  },
  {
    name: 'two customers that are one',
    ask: 'Łucja Wójcik and Kofi Mensah turn out to be one customer (they are not): merge Kofi into lucja.wojcik@example.com, and show me first what would happen. I say no.',
    async tools({ call }) {
      const { data } = await call('search', { type: 'customer', text: 'Kofi Mensah', fields: ['name'] })
      const merge = { source: data[0].id, target: 'lucja.wojcik@example.com' }
      const { state, done } = (await call('merge-customers', merge)).data
      return [state, done]
    },
    async proxy(agent) {
      const [kofi] = await find(agent, 'customer', { customer_name: { contains: 'Kofi' } })
      const target = await get(agent, '/v1/customers/email=lucja.wojcik@example.com')
      const body = { source: kofi.id, target: target.id }
      const { state, done } = await send(agent, 'POST', '/v1/customers/merges', { body })
      return [state, done]
    },
    answer: () => ['CONFIRMATION_REQUIRED', false],
  },
]
