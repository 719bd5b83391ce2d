import type { Organisation, Resource } from '../../src/sandbox/kustomer/resource.ts'
import { relatedId } from '../../src/sandbox/kustomer/resource.ts'
import type { Json } from '../support/server.ts'
import { byTime, find, get, type Task } from './task.ts'

const named = (records: Resource[], name: string) =>
  records.find(({ attributes }) => attributes['name'] === name) as Resource
const idsOf = (records: readonly Json[]): string[] => records.map(({ id }) => id).sort()
const open = ({ conversations }: Organisation) =>
  conversations.filter(({ attributes }) => attributes['status'] === 'open')

/** Questions that only need reading: whatever is asked, nothing may change. */
export const reading: readonly Task[] = [
  {
    name: 'unassigned open conversations',
    ask: 'Which open conversations are assigned to nobody?',
    async tools({ call }) {
      return idsOf((await call('search', { type: 'conversation', status: 'open', unassigned: true })).data)
    },
    async proxy(agent) {
      const found = await find(agent, 'conversation', { conversation_status: { equals: 'open' } })
      return idsOf(found.filter(({ attributes }: Json) => attributes.assignedUsers.length === 0))
    },
    answer: (before) =>
      idsOf(open(before).filter(({ attributes }) => (attributes['assignedUsers'] as string[]).length === 0)),
  },
  {
    name: 'broken service level',
    ask: 'Has any open conversation broken its SLA? Whose is it, and who works on it?',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', status: 'open', slaBreached: true })
      const { customer } = (await call('get-conversation-thread', { id: data[0].id, limit: 1 })).data
      return [customer.name, data[0].assignedUsers[0].name]
    },
    async proxy(agent) {
      const [conversation] = await find(
        agent,
        'conversation',
        { conversation_status: { equals: 'open' } },
        { conversation_sla_breached: { equals: true } },
      )
      const { customer } = conversation.relationships
      const user = await get(agent, `/v1/users/${conversation.attributes.assignedUsers[0]}`)
      const { attributes } = await get(agent, `/v1/customers/${customer.data.id}`)
      return [attributes.name, user.attributes.name]
    },
    answer: () => ['Tomas Velasquez', 'Noor Haddad'],
  },
  {
    name: 'where a case stands',
    ask: 'dana.okafor@example.com asks about order 4417. Where does it stand: status, her last words, our last note?',
    async tools({ call }) {
      const about = { customer: 'dana.okafor@example.com', text: '4417' }
      const { conversation, entries } = (await call('get-conversation-thread', about)).data
      const last = (kind: string) => entries.filter(({ type }: Json) => type === kind).at(-1).text
      return [conversation.status, last('message'), last('note')]
    },
    async proxy(agent) {
      const customer = await get(agent, '/v1/customers/email=dana.okafor@example.com')
      const conversations = await get(agent, `/v1/customers/${customer.id}/conversations`)
      const { id, attributes } = conversations.find(({ attributes: { name } }: Json) => name.includes('4417'))
      const messages = await get(agent, `/v1/conversations/${id}/messages`)
      const notes = await get(agent, `/v1/conversations/${id}/notes`)
      return [
        attributes.status,
        byTime(messages).at(-1).attributes.preview,
        byTime(notes).at(-1).attributes.body,
      ]
    },
    answer: ({ notes }) => [
      'open',
      'Any news? I need this for a trip on the 28th.',
      notes[0]?.attributes['body'],
    ],
  },
  {
    name: 'a thread in Polish',
    ask: 'What did we last write to Łucja Wójcik, word for word?',
    async tools({ call }) {
      const { data } = await call('search', { type: 'customer', text: 'Łucja' })
      const { entries } = (await call('get-conversation-thread', { customer: data[0].id })).data
      return entries.filter(({ direction }: Json) => direction === 'out').at(-1).text
    },
    async proxy(agent) {
      const [customer] = await find(agent, 'customer', { customer_any_text: { contains: 'Łucja' } })
      const [{ id }] = await get(agent, `/v1/customers/${customer.id}/conversations`)
      const messages = byTime(await get(agent, `/v1/conversations/${id}/messages`))
      return messages.filter(({ attributes }) => attributes.direction === 'out').at(-1).attributes.preview
    },
    answer: () => 'Dzień dobry! Wysłałam etykietę zwrotną. Proszę nadać paczkę do 23 listopada.',
  },
  {
    name: 'a masked value',
    ask: 'What is the account number of saoirse.byrne@example.com?',
    async tools({ call }) {
      const { data } = await call('get-customer-by-email', { email: 'saoirse.byrne@example.com' })
      return data.custom.accountNumberStr
    },
    async proxy(agent) {
      const { attributes } = await get(agent, '/v1/customers/email=saoirse.byrne@example.com')
      return attributes.custom.accountNumberStr
    },
    answer: () => ({ isMasked: true, maskedPresentation: '******1187' }),
  },
  {
    name: 'a reply that bounced',
    ask: 'One of our emails about cancelling a subscription was not delivered. To which address, and what do our notes say?',
    async tools({ call }) {
      const { entries } = (await call('get-conversation-thread', { text: 'subscription' })).data
      const bounced = entries.find(({ status }: Json) => status === 'error')
      return [bounced.to[0], entries.find(({ type }: Json) => type === 'note').text]
    },
    async proxy(agent) {
      const [{ id }] = await find(agent, 'conversation', {
        conversation_any_text: { contains: 'subscription' },
      })
      const messages = await get(agent, `/v1/conversations/${id}/messages`)
      const notes = byTime(await get(agent, `/v1/conversations/${id}/notes`))
      const bounced = messages.find(({ attributes }: Json) => attributes.status === 'error')
      return [bounced.attributes.meta.to[0].email, notes[0].attributes.body]
    },
    answer: ({ notes }) => ['saoirse.byrne@example.com', notes[4]?.attributes['body']],
  },
  {
    name: 'the company of a customer',
    ask: 'Which company does walter.ng@example.com belong to, and how many people work there?',
    async tools({ call }) {
      const { company } = (await call('get-customer-by-email', { email: 'walter.ng@example.com' })).data
      const { name, employeeCount } = (
        await call('get-company-by-id', { id: company, fields: ['name', 'employeeCount'] })
      ).data
      return [name, employeeCount]
    },
    async proxy(agent) {
      const { relationships } = await get(agent, '/v1/customers/email=walter.ng@example.com')
      const { attributes } = await get(agent, `/v1/companies/${relationships.company.data.id}`)
      return [attributes.name, attributes.employeeCount]
    },
    answer({ companies }) {
      const { attributes } = named(companies, 'Maple & Fern Grocers')
      return [attributes['name'], attributes['employeeCount']]
    },
  },
  {
    name: 'open work of a company',
    ask: 'Which conversations with people of Quillstone Labs are not done?',
    async tools({ call }) {
      const ask = { type: 'conversation', company: 'Quillstone Labs', fields: ['name', 'status'] }
      const { data } = await call('search', ask)
      return idsOf(data.filter(({ status }: Json) => status !== 'done'))
    },
    async proxy(agent) {
      const [company] = await get(agent, '/v1/companies', { filter: 'Quillstone Labs' })
      const customers = await get(agent, '/v1/customers', { pageSize: 100 })
      const staff = customers.filter(
        ({ relationships }: Json) => relationships.company?.data.id === company.id,
      )
      const lists = []
      for (const { id } of staff) lists.push(await get(agent, `/v1/customers/${id}/conversations`))
      return idsOf(lists.flat().filter(({ attributes }) => attributes.status !== 'done'))
    },
    answer({ companies, customers, conversations }) {
      const { id } = named(companies, 'Quillstone Labs')
      const staff = customers.filter((customer) => relatedId(customer, 'company') === id).map((one) => one.id)
      return idsOf(
        conversations.filter(
          (one) => staff.includes(relatedId(one, 'customer') ?? '') && one.attributes['status'] !== 'done',
        ),
      )
    },
  },
  {
    name: 'refunds that wait',
    ask: 'Which open conversations carry the tag refund, most urgent first?',
    async tools({ call }) {
      const { data } = await call('search', { type: 'conversation', status: 'open', tag: 'refund' })
      return data.map(({ id, priority }: Json) => [id, priority]).sort(urgentFirst)
    },
    async proxy(agent) {
      const tags = await get(agent, '/v1/tags')
      const tag = tags.find(({ attributes }: Json) => attributes.name === 'refund').id
      const found = await find(
        agent,
        'conversation',
        { conversation_status: { equals: 'open' } },
        { conversation_tags: { equals: tag } },
      )
      return found.map(({ id, attributes }: Json) => [id, attributes.priority]).sort(urgentFirst)
    },
    answer(before) {
      const tag = named(before.tags, 'refund').id
      return open(before)
        .filter(({ attributes }) => (attributes['tags'] as string[]).includes(tag))
        .map(({ id, attributes }) => [id, attributes['priority']] as [string, number])
        .sort(urgentFirst)
    },
  },
  {
    name: 'one household, two records?',
    ask: 'bram.devries@example.com may stand in our books twice. Does anybody else have his phone number or his shared address?',
    async tools({ call }) {
      const bram = (await call('get-customer-by-email', { email: 'bram.devries@example.com' })).data
      const { data } = await call('search', { type: 'customer', text: bram.phones[0].phone })
      const everyone = (
        await call('list-customers', { fields: ['name', 'emails', 'sharedEmails', 'phones'] })
      ).data
      const address = bram.sharedEmails[0].email
      const sharing = everyone.filter((one: Json) => JSON.stringify(one).includes(address))
      return idsOf([...data, ...sharing].filter(({ id }) => id !== bram.id))
    },
    async proxy(agent) {
      const bram = await get(agent, '/v1/customers/email=bram.devries@example.com')
      const { phones, sharedEmails } = bram.attributes
      const found = await find(agent, 'customer', { customer_phone: { equals: phones[0].phone } })
      const everyone = await get(agent, '/v1/customers')
      const sharing = everyone.filter((one: Json) => JSON.stringify(one).includes(sharedEmails[0].email))
      return idsOf([...found, ...sharing].filter(({ id }) => id !== bram.id))
    },
    answer: () => [],
  },
  {
    name: 'a mail that gives orders',
    ask: 'Read the conversation with bram.devries@example.com about his data. Until when must it be done, and is anything odd in it?',
    async tools({ call }) {
      const about = { customer: 'bram.devries@example.com', text: 'data' }
      const thread = await call('get-conversation-thread', about)
      const notes = thread.data.entries.filter(({ type }: Json) => type === 'note')
      const isMarked = thread.notices?.some((notice) => notice.includes('never as instructions'))
      return [/due ([\d-]+)/.exec(notes[0].text)?.[1], isMarked]
    },
    async proxy(agent) {
      const { id } = await get(agent, '/v1/customers/email=bram.devries@example.com')
      const conversations = await get(agent, `/v1/customers/${id}/conversations`)
      const about = conversations.find(({ attributes }: Json) => attributes.name.includes('data'))
      const notes = byTime(await get(agent, `/v1/conversations/${about.id}/notes`))
      const { notices } = await agent.call('proxy_request', {
        path: `/v1/conversations/${about.id}/messages`,
      })
      const isMarked = notices?.some((notice) => notice.includes('never as instructions'))
      return [/due ([\d-]+)/.exec(notes[0].attributes.body)?.[1], isMarked]
    },
    answer: () => ['2026-12-16', true],
  },
  {
    name: "a colleague's day",
    ask: 'What of Mateo Lindqvist (mateo.lindqvist@example.com) is still open or snoozed, and until when is it snoozed?',
    async tools({ call }) {
      const ask = { type: 'conversation', assignee: 'mateo.lindqvist@example.com' }
      const { data } = await call('search', { ...ask, fields: ['status', 'snooze'] })
      return waiting(data)
    },
    async proxy(agent) {
      const [mateo] = await get(agent, '/v1/users', { email: 'mateo.lindqvist@example.com' })
      const found = await find(agent, 'conversation', { conversation_assigned_users: { equals: mateo.id } })
      return waiting(found.map(({ id, attributes }: Json) => ({ id, ...attributes })))
    },
    answer({ users, conversations }) {
      const { id } = named(users, 'Mateo Lindqvist')
      const own = conversations.filter(({ attributes }) =>
        (attributes['assignedUsers'] as string[]).includes(id),
      )
      return waiting(own.map((one) => ({ id: one.id, ...one.attributes })))
    },
  },
]

const urgentFirst = ([a, x]: [string, number], [b, y]: [string, number]) => y - x || a.localeCompare(b)

const waiting = (conversations: Json[]) =>
  conversations
    .filter(({ status }) => status !== 'done')
    .map(({ id, status, snooze }) => [id, status, snooze?.time])
    .sort()
