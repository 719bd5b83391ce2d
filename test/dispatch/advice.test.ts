import { describe, expect, it } from 'vitest'
import { type Harness, setupOnce } from '../support/harness.ts'
import { type Call, id, plan, post, sent } from './support.ts'

const customers = 'Find it with get-customer-by-email or search or list-customers.'
const existing = (finder: string) =>
  `The record exists already, so nothing was created. ${finder} Do not create it again.`
const merge = 'Read the record again, merge your change into what you find, and call once more.'

/** The text of a call that fails, and how many processes it started. */
async function failureOf(harness: Harness, [name, args]: Call): Promise<[string, number]> {
  harness.clear()
  const { isError, text } = await harness.call(name, args)
  expect(isError, text).toBe(true)
  return [text, sent(harness).length]
}

describe.each([
  { dialect: 'old', env: {} },
  { dialect: 'new', env: { MEMBRANE_SANDBOX_DIALECT: 'new' } },
])('in the $dialect dialect of the sandbox', ({ env }) => {
  const server = setupOnce({ args: ['--sandbox'], env })
  const emails = [{ email: 'dana.okafor@example.com' }]

  it.each<[string, Call, string]>([
    ['a customer by email', ['create-customer', { name: 'D', emails }], customers],
    ['a customer by phone', ['create-customer', { phones: [{ phone: '+12075550112' }] }], customers],
    ['a customer by external id', ['create-customer', { externalId: 'cust-2001' }], customers],
    [
      'a company',
      ['create-company', { name: 'Acme', externalId: 'acct-1001' }],
      'Find it with list-companies or search.',
    ],
    ['a customer by the proxy', post('/v1/customers', { emails }), customers],
    [
      'a company by the proxy',
      post('/v1/companies', { name: 'Acme', externalId: 'acct-1001' }),
      'Find it with list-companies or search.',
    ],
    ['a customer by run-action', ['run-action', { action: 'create-customer', input: { emails } }], customers],
  ])('creating %s again says that it exists', async (_, call, finder) => {
    const [text, processes] = await failureOf(server(), call)
    expect(text).toMatch(/^conflict: Kustomer answered 409: “Duplicate: /)
    expect(text.endsWith(existing(finder)), text).toBe(true)
    expect(text).not.toContain('merge')
    expect(processes).toBe(1)
  })

  it.each<[string, Call, string]>([
    [
      'get-customer-by-email',
      ['get-customer-by-email', { email: 'nobody@example.com' }],
      'No customer has this address as their own. Look for a shared address, a name or a phone number with search, or create the customer.',
    ],
    [
      'proxy_request',
      ['proxy_request', { path: `/v1/customers/${'0'.repeat(24)}` }],
      'Check the path and each id in it with a list or search tool. Do not retry unchanged.',
    ],
  ])('what %s does not find has its own advice', async (_, call, advice) => {
    const [text, processes] = await failureOf(server(), call)
    expect(text).toMatch(/^not-found: Kustomer answered 404/)
    expect(text.endsWith(`. ${advice}`), text).toBe(true)
    expect(processes).toBe(1)
  })

  it.each<[string, Call]>([
    ['a read', ['proxy_request', { path: '/v1/business-hours' }]],
    ['a write', post('/v1/business-hours')],
  ])('%s that it does not simulate is no unknown outcome', async (_, call) => {
    // A write that had an unknown outcome would be refused the second time.
    for (let count = 0; count < 2; count++) {
      const [text, processes] = await failureOf(server(), call)
      expect(text).toBe(
        `not-found: Kustomer answered 501: “The sandbox does not simulate ${call[1]['method'] ?? 'GET'} /v1/business-hours”. Nothing was done. Use another tool or path; the same call will fail again.`,
      )
      expect(processes).toBe(1)
    }
  })
})

describe('a conflict', () => {
  const json = { response: { status: 409, data: {} }, request: { url: 'https://api.kustomerapp.com/v1/x' } }
  const faults = ['action run', 'request'].map((when) => ({ when, json, exit: 1 }))
  const server = setupOnce({ plan: { ...plan, faults } })

  it.each<[Call, string]>([
    [
      ['create-conversation', { customer: id }],
      'search or list-customer-conversations or list-conversations',
    ],
    [['create-note', { conversation: id, body: 'x' }], 'get-conversation-thread or list-notes'],
    [
      ['create-message', { conversation: id, channel: 'email', app: 'x', direction: 'in', preview: 'x' }],
      'get-conversation-thread or list-messages',
    ],
    [post(`/v1/conversations/${id}/messages?x=1`), 'get-conversation-thread or list-messages'],
    [post('/v1/tags'), 'proxy_request with GET /v1/tags'],
    [post('/v1/klasses'), 'a list or search tool'],
    [['create-draft', { customer: id, channel: 'email', body: 'x' }], 'a list or search tool'],
  ])('of %j names what finds the record', async (call, finders) => {
    const [text] = await failureOf(server(), call)
    expect(text.endsWith(existing(`Find it with ${finders}.`)), text).toBe(true)
  })

  it.each<[Call]>([
    [['update-customer', { id, company: id, name: 'x' }]],
    [['update-conversation', { id, name: 'x' }]],
    [['proxy_request', { method: 'PUT', path: `/v1/customers/${id}`, body: { rev: 1 } }]],
    [['proxy_request', { method: 'PATCH', path: `/v1/notes/${id}`, body: {} }]],
    [post(`/v1/conversations/${id}/tags`)],
    [post(`/v1/customers/${id}/merge`)],
    [['run-action', { action: 'update-conversation', input: { id, name: 'y' } }]],
  ])('of %j asks to merge the change', async (call) => {
    const [text] = await failureOf(server(), call)
    expect(text).toMatch(/^conflict: /)
    expect(text.endsWith(merge), text).toBe(true)
  })

  describe('with few tools offered', () => {
    const few = setupOnce({ plan: { ...plan, faults }, args: ['--tools', 'create-customer,list-customers'] })
    it('names no other', async () => {
      const [text] = await failureOf(few(), ['create-customer', { name: 'x' }])
      expect(text.endsWith(existing('Find it with list-customers.')), text).toBe(true)
    })
  })
})
