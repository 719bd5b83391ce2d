import { strict as assert } from 'node:assert'
import { type Organisation, type Resource, relatedId } from '../../src/sandbox/kustomer/resource.ts'
import type { Json } from '../support/server.ts'
import { byTime, find, get, ask as send, type Task } from './task.ts'
import { created } from './world.ts'

const about = ({ conversations }: Organisation, name: string) =>
  conversations.find(({ attributes }) => attributes['name'] === name) as Resource
const customerNamed = ({ customers }: Organisation, name: string) =>
  customers.find(({ attributes }) => attributes['name'] === name) as Resource
/** What a new message or another status changes beside itself: its conversation and its customer. */
const touched = (conversation: Resource) => [
  `~conversations ${conversation.id}`,
  `~customers ${relatedId(conversation, 'customer')}`,
]
const only = (records: Resource[]): Resource => {
  assert.equal(records.length, 1)
  return records[0] as Resource
}
const noon = '2026-12-01T09:00:00.000Z'
const reply = 'Hi Dana, your replacement leaves us on Tuesday by express, so it reaches you before the 28th.'

/** Work that changes something: exactly what was asked, and nothing beside it. */
export const writing: readonly Task[] = [
  {
    name: 'an internal note',
    ask: 'Note on the conversation "Wrong size received" that the courier is booked for Thursday.',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', text: 'Wrong size received' })
      await call('create-note', { conversation: data[0].id, body: 'Courier booked for Thursday.' })
    },
    async proxy(agent) {
      const [{ id }] = await find(agent, 'conversation', {
        conversation_any_text: { contains: 'Wrong size' },
      })
      const body = { conversation: id, body: 'Courier booked for Thursday.' }
      await send(agent, 'POST', '/v1/notes', { body })
    },
    changes: (before) => ['+notes', `~conversations ${about(before, 'Wrong size received').id}`],
    check(after, before) {
      const note = only(created(before, after, 'notes'))
      assert.equal(relatedId(note, 'conversation'), about(before, 'Wrong size received').id)
      assert.match(String(note.attributes['body']), /Thursday/)
    },
  },
  {
    name: 'a reply for a person to send',
    ask: 'Prepare an email to Dana Okafor (dana.okafor@example.com) about order 4417: the replacement leaves on Tuesday by express.',
    async tools({ call }) {
      const customer = 'dana.okafor@example.com'
      const { data } = await call('get-conversation-thread', { customer, text: '4417' })
      const conversation = data.conversation.id
      await call('create-draft', { customer, conversation, channel: 'email', body: reply })
    },
    async proxy(agent) {
      const { id } = await get(agent, '/v1/customers/email=dana.okafor@example.com')
      const conversations = await get(agent, `/v1/customers/${id}/conversations`)
      const conversation = conversations.find(({ attributes }: Json) => attributes.name.includes('4417')).id
      await get(agent, `/v1/conversations/${conversation}/messages`)
      await get(agent, `/v1/conversations/${conversation}/notes`)
      const body = { conversation, channel: 'email', body: reply }
      await send(agent, 'POST', `/v1/customers/${id}/drafts`, { body })
    },
    changes: () => ['+drafts'],
    check(after, before) {
      const draft = only(created(before, after, 'drafts'))
      assert.equal(relatedId(draft, 'conversation'), about(before, 'Order 4417 arrived damaged').id)
      assert.equal(draft.attributes['body'], reply)
      assert.notEqual(draft.attributes['scheduled'], true)
    },
  },
  {
    name: 'closing a case',
    ask: 'The refund for the late grocery delivery is paid. Close that conversation.',
    async tools({ call }) {
      const { data } = await call('search', {
        type: 'conversation',
        text: 'Refund for late grocery delivery',
      })
      await call('update-conversation', { id: data[0].id, status: 'done' })
    },
    async proxy(agent) {
      const [{ id }] = await find(agent, 'conversation', { conversation_any_text: { contains: 'grocery' } })
      await send(agent, 'PUT', `/v1/conversations/${id}`, { body: { status: 'done' } })
    },
    changes: (before) => touched(about(before, 'Refund for late grocery delivery')),
    check(after) {
      assert.equal(about(after, 'Refund for late grocery delivery').attributes['status'], 'done')
    },
  },
  {
    name: 'assigning what nobody has',
    ask: 'Give every open conversation that nobody has to Priya Raman (priya.raman@example.com).',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', status: 'open', unassigned: true })
      for (const { id } of data) await call('update-conversation', { id, assignedUsers: ['Priya Raman'] })
    },
    async proxy(agent) {
      const [{ id: user }] = await get(agent, '/v1/users', { email: 'priya.raman@example.com' })
      const found = await find(agent, 'conversation', { conversation_status: { equals: 'open' } })
      for (const { id, attributes } of found) {
        if (attributes.assignedUsers.length === 0)
          await send(agent, 'PUT', `/v1/conversations/${id}`, { body: { assignedUsers: [user] } })
      }
    },
    changes: (before) =>
      unassigned(before)
        .map(({ id }) => `~conversations ${id}`)
        .sort(),
    check(after) {
      assert.deepEqual(unassigned(after), [])
    },
  },
  {
    name: 'snoozing',
    ask: `Snooze the conversation about exporting account data until ${noon}.`,
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', text: 'Export of my account data' })
      const snooze = { time: noon, status: 'scheduled' }
      await call('update-conversation', { id: data[0].id, status: 'snoozed', snooze })
    },
    async proxy(agent) {
      const [{ id }] = await find(agent, 'conversation', { conversation_any_text: { contains: 'Export' } })
      const body = { status: 'snoozed', snooze: { time: noon, status: 'scheduled' } }
      await send(agent, 'PUT', `/v1/conversations/${id}`, { body })
    },
    changes: (before) => touched(about(before, 'Export of my account data')),
    check(after) {
      const { status, snooze } = about(after, 'Export of my account data').attributes
      assert.equal(status, 'snoozed')
      assert.equal((snooze as Json).time, noon)
    },
  },
  {
    name: 'writing down a phone call',
    ask: 'Kofi Mensah called about his wrong size; we told him the courier comes Thursday. Record that call in his conversation.',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', text: 'wrong size' })
      const said = { direction: 'in', preview: 'Call: told him that the courier comes on Thursday.' }
      await call('create-message', {
        ...{ conversation: data[0].id, channel: 'voice', app: 'phone' },
        ...said,
      })
    },
    async proxy(agent) {
      const [{ id }] = await find(agent, 'customer', { customer_name: { contains: 'Kofi' } })
      const [conversation] = await get(agent, `/v1/customers/${id}/conversations`)
      const said = { direction: 'in', preview: 'Call: told him that the courier comes on Thursday.' }
      const body = { conversation: conversation.id, channel: 'voice', app: 'phone', ...said }
      await send(agent, 'POST', '/v1/messages', { body })
    },
    changes: (before) => ['+messages', ...touched(about(before, 'Wrong size received'))],
    check(after, before) {
      const { attributes } = only(created(before, after, 'messages'))
      assert.equal(attributes['channel'], 'voice')
      assert.equal(attributes['direction'], 'in')
    },
  },
  {
    name: 'a new customer with a question',
    ask: 'Ada Fjeld (ada.fjeld@example.com) asked by email whether we ship to Norway. Put her into Kustomer, with a conversation "Shipping to Norway".',
    async tools(agent) {
      const emails = [{ email: 'ada.fjeld@example.com', type: 'work' }]
      const { id } = (await agent.call('create-customer', { name: 'Ada Fjeld', emails })).data
      const subject = 'Shipping to Norway'
      const { data } = await agent.call('create-conversation', { customer: id, name: subject })
      await agent.call('create-message', {
        ...{ conversation: data.id, channel: 'email', app: 'email', direction: 'in', subject },
        preview: 'Do you ship to Norway?',
      })
    },
    async proxy(agent) {
      const path = '/v1/customers/email=ada.fjeld@example.com'
      assert.equal((await agent.refusal('proxy_request', { path })).reason, 'not-found')
      const emails = [{ email: 'ada.fjeld@example.com', type: 'work' }]
      const customer = await send(agent, 'POST', '/v1/customers', { body: { name: 'Ada Fjeld', emails } })
      const subject = 'Shipping to Norway'
      const { id } = await send(agent, 'POST', '/v1/conversations', {
        body: { customer: customer.id, name: subject },
      })
      const message = { conversation: id, channel: 'email', app: 'email', direction: 'in', subject }
      await send(agent, 'POST', '/v1/messages', { body: { ...message, preview: 'Do you ship to Norway?' } })
    },
    changes: () => ['+conversations', '+customers', '+messages'],
    check(after, before) {
      const customer = only(created(before, after, 'customers'))
      const conversation = only(created(before, after, 'conversations'))
      assert.equal(relatedId(conversation, 'customer'), customer.id)
      assert.equal(conversation.attributes['messageCount'], 1)
    },
  },
  {
    name: 'a customer who is there already',
    ask: 'Make sure that ines.marchetti@example.com is a customer, and open a conversation "Second invoice" for her.',
    async tools({ call }) {
      await call('create-conversation', { customer: 'ines.marchetti@example.com', name: 'Second invoice' })
    },
    async proxy(agent) {
      const { id } = await get(agent, '/v1/customers/email=ines.marchetti@example.com')
      await send(agent, 'POST', '/v1/conversations', { body: { customer: id, name: 'Second invoice' } })
    },
    changes: (before) => ['+conversations', `~customers ${customerNamed(before, 'Ines Marchetti').id}`],
    check(after, before) {
      const conversation = only(created(before, after, 'conversations'))
      assert.equal(relatedId(conversation, 'customer'), customerNamed(before, 'Ines Marchetti').id)
    },
  },
  {
    name: 'one more tag',
    ask: 'Add the tag vip to the conversation about the wrong size, and keep its other tags.',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', text: 'Wrong size received' })
      await call('update-conversation', { id: data[0].id, addTags: ['vip'] })
    },
    async proxy(agent) {
      const [{ id }] = await find(agent, 'conversation', {
        conversation_any_text: { contains: 'Wrong size' },
      })
      await send(agent, 'POST', `/v1/conversations/${id}/tags`, { body: ['vip'] })
    },
    changes: (before) => [`~conversations ${about(before, 'Wrong size received').id}`],
    check(after, before) {
      const vip = after.tags.find(({ attributes }) => attributes['name'] === 'vip')
      const tags = (world: Organisation) =>
        new Set(about(world, 'Wrong size received').attributes['tags'] as string[])
      assert.deepEqual(tags(after), new Set([...tags(before), vip?.id]))
    },
  },
  {
    name: 'a phone number, with the company kept',
    ask: 'The phone number of walter.ng@example.com is now +16135550999 (mobile). Change it.',
    async tools({ call }) {
      const phones = [{ phone: '+16135550999', type: 'mobile' }]
      await call('update-customer', { id: 'walter.ng@example.com', phones })
    },
    async proxy(agent) {
      const { id, attributes, relationships } = await get(agent, '/v1/customers/email=walter.ng@example.com')
      const phones = [{ phone: '+16135550999', type: 'mobile' }]
      const body = { company: relationships.company.data.id, phones, rev: attributes.rev }
      await send(agent, 'PUT', `/v1/customers/${id}`, { body })
    },
    changes: (before) => [`~customers ${customerNamed(before, 'Walter Ng').id}`],
    check(after, before) {
      const [now, then] = [after, before].map((world) => customerNamed(world, 'Walter Ng')) as [
        Resource,
        Resource,
      ]
      assert.equal(relatedId(now, 'company'), relatedId(then, 'company'))
      assert.equal((now.attributes['phones'] as Json)[0].phone, '+16135550999')
    },
  },
  {
    name: 'escalating',
    ask: 'The late grocery delivery is urgent: priority 5, for the Billing team, with a note that says why (customer has asked twice).',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', text: 'grocery delivery' })
      await call('update-conversation', { id: data[0].id, priority: 5, assignedTeams: ['Billing'] })
      await call('create-note', {
        conversation: data[0].id,
        body: 'To Billing: the customer has asked twice.',
      })
    },
    async proxy(agent) {
      const [{ id }] = await find(agent, 'conversation', { conversation_any_text: { contains: 'grocery' } })
      const teams = await get(agent, '/v1/teams')
      const team = teams.find(({ attributes }: Json) => attributes.name === 'Billing').id
      await send(agent, 'PUT', `/v1/conversations/${id}`, { body: { priority: 5, assignedTeams: [team] } })
      const note = { conversation: id, body: 'To Billing: the customer has asked twice.' }
      await send(agent, 'POST', '/v1/notes', { body: note })
    },
    changes: (before) => ['+notes', `~conversations ${about(before, 'Refund for late grocery delivery').id}`],
    check(after) {
      const { priority, assignedTeams } = about(after, 'Refund for late grocery delivery').attributes
      const billing = after.teams.find(({ attributes }) => attributes['name'] === 'Billing')
      assert.deepEqual([priority, assignedTeams], [5, [billing?.id]])
    },
  },
  {
    name: 'a company and its first person',
    ask: 'Create the company Fjord Kajakk AS (domain fjordkajakk.example.com) and put Kofi Mensah into it.',
    async tools({ call }) {
      const domains = [{ domain: 'fjordkajakk.example.com' }]
      const { id: company } = (await call('create-company', { name: 'Fjord Kajakk AS', domains })).data
      const { data } = await call('search', { type: 'customer', text: 'Kofi Mensah' })
      await call('update-customer', { id: data[0].id, company })
    },
    async proxy(agent) {
      const domains = [{ domain: 'fjordkajakk.example.com' }]
      const body = { name: 'Fjord Kajakk AS', domains }
      const { id: company } = await send(agent, 'POST', '/v1/companies', { body })
      const [{ id }] = await find(agent, 'customer', { customer_name: { contains: 'Kofi' } })
      await send(agent, 'PUT', `/v1/customers/${id}`, { body: { company } })
    },
    changes: (before) => ['+companies', `~customers ${customerNamed(before, 'Kofi Mensah').id}`],
    check(after, before) {
      const company = only(created(before, after, 'companies'))
      assert.equal(relatedId(customerNamed(after, 'Kofi Mensah'), 'company'), company.id)
    },
  },
  {
    name: 'a note that was wrong',
    ask: 'Delete our note that says finance can reissue the invoice after the 24th.',
    async tools({ call }) {
      const { entries } = (await call('get-conversation-thread', { text: 'reissue' })).data
      const { id } = entries.find(({ type, text }: Json) => type === 'note' && text.includes('reissue'))
      await call('proxy_request', { method: 'DELETE', path: '/v1/notes/{id}', pathParams: { id } })
    },
    async proxy(agent) {
      const [conversation] = await find(agent, 'conversation', {
        conversation_any_text: { contains: '2026-118' },
      })
      const notes = byTime(await get(agent, `/v1/conversations/${conversation.id}/notes`))
      const { id } = notes.find(({ attributes }) => attributes.body.includes('reissue'))
      await send(agent, 'DELETE', `/v1/notes/${id}`)
    },
    changes: (before) => ['-notes', `~conversations ${about(before, 'Copy of invoice 2026-118').id}`],
  },
]

const unassigned = ({ conversations }: Organisation) =>
  conversations.filter(
    ({ attributes }) =>
      attributes['status'] === 'open' && (attributes['assignedUsers'] as string[]).length === 0,
  )
