import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import snapshot from '../../src/catalog/actions.json' with { type: 'json' }
import { createCatalog } from '../../src/catalog/catalog.ts'
import { ToolError } from '../../src/errors.ts'
import { type RiskLevel, riskOfAction, riskOfRequest } from '../../src/kustomer/risk.ts'
import * as argv from '../../src/membrane/argv.ts'
import type { Capabilities } from '../../src/membrane/capabilities.ts'
import type { Membrane } from '../../src/membrane/client.ts'
import type { Cache } from '../../src/store/cache.ts'
import { actionTool } from '../../src/tools/action.ts'
import { proxyRequest } from '../../src/tools/proxy-request.ts'
import type { ToolContext } from '../../src/tools/tool.ts'
import { actionId, connectionId, keys, liveActions } from '../support/samples.ts'
import { attempt, id, plan, sent, warmServer } from './support.ts'

const signal = new AbortController().signal
const gravity: readonly RiskLevel[] = ['read', 'internal', 'record', 'customer-visible', 'destructive']
const isGraver = (one: RiskLevel, other: RiskLevel) => gravity.indexOf(one) > gravity.indexOf(other)

const actions: Record<string, RiskLevel> = {
  'list-customers': 'read',
  'list-conversations': 'read',
  'list-companies': 'read',
  'list-users': 'read',
  'list-messages': 'read',
  'list-notes': 'read',
  'get-customer-by-id': 'read',
  'get-customer-by-email': 'read',
  'get-conversation-by-id': 'read',
  'get-company-by-id': 'read',
  'get-user-by-id': 'read',
  'get-message-by-id': 'read',
  'get-note-by-id': 'read',
  'create-customer': 'record',
  'create-conversation': 'record',
  'create-company': 'record',
  'create-message': 'customer-visible',
  'create-note': 'internal',
  'update-customer': 'record',
  'update-conversation': 'record',
}
const writes = keys.filter((key) => actions[key] !== 'read')

const catalog = createCatalog({
  membrane: {} as Membrane,
  cache: {} as Cache,
  scope: '',
  version: '',
})
const popular = catalog.builtIn()
const tools = popular.map((action) => actionTool(action, { catalog } as ToolContext))
const toolOf = (key: string) => tools.find(({ name }) => name === key) as (typeof tools)[number]

describe('the 20 actions', () => {
  it('are all in this table', () => {
    expect(Object.keys(actions)).toEqual(keys)
  })

  it.each(Object.entries(actions))('%s: %s', async (key, effect) => {
    const entry = snapshot.find((action) => action.key === key)
    expect(entry?.risk).toBe(effect)
    expect(entry?.annotations.readOnlyHint).toBe(effect === 'read')
    expect(entry?.method === 'GET').toBe(effect === 'read')
    expect(await toolOf(key).effect({ id, name: 'x' }, signal)).toBe(effect)
  })

  it.each<[object, RiskLevel]>([
    [{ tags: ['vip'] }, 'internal'],
    [{ assignedUsers: [id], assignedTeams: [], queue: id, rev: 3 }, 'internal'],
    [{ tags: ['vip'], status: 'done' }, 'record'],
    [{ tags: ['vip'], custom: {} }, 'record'],
    [{ tags: ['vip'], somethingNew: 1 }, 'record'],
    [{ name: 'x' }, 'record'],
    [{ constructor: 'x' }, 'record'],
  ])('update-conversation with %j: %s', async (args, effect) => {
    expect(await toolOf('update-conversation').effect({ id, ...args }, signal)).toBe(effect)
  })

  it('tags of a customer are a change of the record', async () => {
    expect(await toolOf('update-customer').effect({ id, tags: ['vip'] }, signal)).toBe('record')
  })

  it.each(['update-customer', 'update-conversation'])('%s with deleted: true is destructive', async (key) => {
    expect(await toolOf(key).effect({ id, deleted: true }, signal)).toBe('destructive')
  })

  it('that write are never taken for reads, whatever their arguments', async () => {
    const args = fc.dictionary(
      fc.oneof(
        fc.string(),
        fc.constantFrom('id', 'tags', 'method', 'readOnly', 'effect', 'annotations', '__proto__'),
      ),
      fc.jsonValue(),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), args, async (key, given) => {
        expect(await toolOf(key).effect(given, signal)).not.toBe('read')
      }),
    )
  })
})

describe('an action by its name', () => {
  it.each<[string, RiskLevel]>([
    ['delete-note Delete Note', 'destructive'],
    ['merge_customers', 'destructive'],
    ['Redact a Message', 'destructive'],
    ['unmask-customer', 'destructive'],
    ['create-unmasking-window', 'destructive'],
    ['remove-conversation-tags', 'destructive'],
    ['bulk-update-customers', 'destructive'],
    ['send-message', 'customer-visible'],
    ['create-draft', 'customer-visible'],
    ['update-draft', 'customer-visible'],
    ['forward-conversation', 'customer-visible'],
    ['create-note', 'internal'],
    ['add-conversation-tags', 'internal'],
    ['assign-conversation', 'internal'],
    ['update-company', 'record'],
    ['get-or-create-customer', 'record'],
    ['do-something', 'record'],
    ['', 'record'],
  ])('%s: %s', (name, effect) => {
    expect(riskOfAction(name, false)).toBe(effect)
  })

  it.each<[string, RiskLevel]>([
    ['deleteNote', 'destructive'],
    ['mergeCustomers', 'destructive'],
    ['conversationDelete', 'destructive'],
    ['sendEmail', 'customer-visible'],
    ['Merging of customers', 'destructive'],
    ['customer-merges', 'destructive'],
    ['message-redactions', 'destructive'],
    ['Send Emails', 'customer-visible'],
    ['create-forwards', 'customer-visible'],
  ])('in another spelling or form, %s: %s', (name, effect) => {
    expect(riskOfAction(name, false)).toBe(effect)
  })

  it('is no read unless it is known to be one, and nothing else then', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...keys)), (name) => {
        expect(riskOfAction(name, false)).not.toBe('read')
        expect(riskOfAction(name, true)).toBe('read')
      }),
    )
  })
})

/** What `proxy_request` would send, and the class that it gives the call. */
function proxy() {
  let request: argv.ProxyRequest | undefined
  const context = {
    refusal: () => undefined,
    catalog: { popular: () => [] },
    workspace: { use: (_: AbortSignal, task: (given: string) => unknown) => task(connectionId) },
    membrane: {
      async request(_: string, given: argv.ProxyRequest) {
        request = given
        return { status: 200, body: {} }
      },
    },
  } as unknown as ToolContext
  const tool = proxyRequest(context, 'full')
  return {
    effect: (args: object) => tool.effect({ ...args }, signal),
    async request(args: object) {
      await tool.run({ ...args }, signal)
      return request as argv.ProxyRequest
    },
  }
}

describe('a proxied request', () => {
  const customer = `/v1/customers/${id}`
  const conversation = `/v1/conversations/${id}`

  it.each<[RiskLevel, object]>([
    ['read', { path: '/v1/customers' }],
    ['read', { method: 'GET', path: `${customer}/merges` }],
    ['read', { method: 'GET', path: '/v1/messages?replace=true' }],
    ['read', { method: 'POST', path: '/v1/customers/search', body: { and: [] } }],
    ['read', { method: 'POST', path: '/v1/customers/search?page=2', body: {} }],
    ['read', { method: 'POST', path: '/v1/customers/archive/search', body: {} }],
    // Other spellings of the search may lead elsewhere, so they count as writes.
    ['record', { method: 'POST', path: '/v1/customers/%73earch', body: {} }],
    ['record', { method: 'POST', path: '/v1/customers/Search', body: {} }],
    ['read', { method: 'POST', path: '/v1/customers/{what}', pathParams: { what: 'search' }, body: {} }],
    ['internal', { method: 'POST', path: '/v1/notes', body: {} }],
    ['internal', { method: 'POST', path: `${conversation}/notes`, body: {} }],
    ['internal', { method: 'POST', path: `${conversation}/tags`, body: { tags: ['vip'] } }],
    ['internal', { method: 'DELETE', path: `${conversation}/tags`, body: { tags: ['vip'] } }],
    ['record', { method: 'PUT', path: customer, body: { name: 'x' } }],
    ['record', { method: 'PATCH', path: customer, body: { name: 'x' } }],
    ['record', { method: 'POST', path: '/v1/customers', body: {} }],
    ['record', { method: 'POST', path: '/v1/customers/searches', body: {} }],
    ['record', { method: 'PUT', path: '/v1/customers/search', body: {} }],
    ['record', { method: 'POST', path: '/v1/conversations/search', body: {} }],
    ['record', { method: 'POST', path: '/v2/customers/search', body: {} }],
    ['record', { method: 'PUT', path: customer, body: { deleted: false } }],
    ['customer-visible', { method: 'POST', path: '/v1/messages', body: {} }],
    ['customer-visible', { method: 'POST', path: `${conversation}/messages`, body: {} }],
    ['customer-visible', { method: 'POST', path: `${customer}/drafts`, body: {} }],
    ['customer-visible', { method: 'PUT', path: `/v1/drafts/${id}`, body: {} }],
    ['customer-visible', { method: 'POST', path: `/v1/messages/${id}/forwards`, body: {} }],
    ['destructive', { method: 'DELETE', path: `/v1/notes/${id}` }],
    ['destructive', { method: 'DELETE', path: customer }],
    ['destructive', { method: 'DELETE', path: `/v1/tags/${id}` }],
    ['destructive', { method: 'DELETE', path: `${customer}/unmasking-windows` }],
    ['destructive', { method: 'POST', path: '/v1/customers/merges', body: {} }],
    ['destructive', { method: 'POST', path: '/v1/Customers/MERGES', body: {} }],
    ['destructive', { method: 'POST', path: `/v1/messages/${id}/redactions` }],
    ['destructive', { method: 'POST', path: `${customer}/unmasking-windows` }],
    ['destructive', { method: 'POST', path: '/v1/messages/bulk', body: [] }],
    ['destructive', { method: 'PUT', path: `${customer}?replace=true`, body: {} }],
    ['destructive', { method: 'PUT', path: `${customer}?Replace=true`, body: {} }],
    ['destructive', { method: 'PUT', path: `${customer}?re%70lace=true`, body: {} }],
    ['destructive', { method: 'PUT', path: customer, query: { replace: true }, body: {} }],
    ['destructive', { method: 'PUT', path: customer, query: { a: 1, replace: ['true'] }, body: {} }],
    ['destructive', { method: 'PATCH', path: customer, query: { replace: 'true' }, body: {} }],
    ['destructive', { method: 'POST', path: '/v1/customers/{x}', pathParams: { x: 'merges' }, body: {} }],
    ['destructive', { method: 'POST', path: '/v1/customers/{x}{y}', pathParams: { x: 'mer', y: 'ges' } }],
    ['destructive', { method: 'POST', path: '/v1/customers/%6Derges', body: {} }],
    ['destructive', { method: 'POST', path: '/v1/customers%2Fmerges', body: {} }],
    ['destructive', { method: 'PUT', path: `/v1/companies/${id}`, body: { deleted: true } }],
    ['destructive', { method: 'PUT', path: `/v1/companies/${id}`, rawBody: '{ "deleted" : true }' }],
  ])('%s: %j', async (effect, args) => {
    expect(await proxy().effect(args)).toBe(effect)
  })

  /** Each is a way to ask for something grave in other words; the class must be that of the plain words, or a graver. */
  it.each<[RiskLevel, object]>([
    ['destructive', { method: 'POST', path: '/v1/customers/%256Derges', body: {} }],
    ['destructive', { method: 'POST', path: '/v1/customers/merges;x=1', body: {} }],
    ['destructive', { method: 'POST', path: '/v1/customers/merges%3Fa', body: {} }],
    ['customer-visible', { method: 'POST', path: '/v1/%256Dessages', body: {} }],
    ['destructive', { method: 'DELETE', path: `${customer}%3F/tags` }],
    ['destructive', { method: 'DELETE', path: `${customer}%23/tags` }],
    ['destructive', { method: 'PUT', path: customer, rawBody: '{"\\u0064eleted":true}' }],
    ['destructive', { method: 'PUT', path: customer, rawBody: 'deleted=true' }],
    ['destructive', { method: 'PUT', path: customer, body: { deleted: 'true' } }],
    ['destructive', { method: 'PUT', path: customer, body: { data: { attributes: { deleted: true } } } }],
    ['destructive', { method: 'PUT', path: '/v1/companies', body: [{ id, deleted: true }] }],
  ])('disguised, at least %s: %j', async (effect, args) => {
    const given = await proxy().effect(args)
    expect([given, isGraver(effect, given)]).toEqual([given, false])
  })

  it.each<object>([
    { method: 'post', path: '/v1/customers' },
    { method: 'SEARCH', path: '/v1/customers' },
    { method: ['GET'], path: '/v1/customers' },
    { method: 'POST', path: '/v1/x/../customers/search' },
    { method: 'POST', path: 'https://evil.example/v1/customers/search' },
    { method: 'POST', path: '/v1/customers/{x}' },
    { method: 'POST', path: '/v1/customers/{x}', pathParams: { x: 'a/../search' } },
    { method: 'GET', path: '/v1/customers', body: { deleted: true } },
    { method: 'POST', path: '/v1/notes', body: {}, rawBody: '{}' },
    { path: '/v1/customers', headers: { 'X-HTTP-Method-Override': 'DELETE' } },
  ])('that is wrong has no effect, only an error: %j', async (args) => {
    const error = await proxy()
      .effect(args)
      .catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ToolError)
    expect((error as ToolError).reason).toBe('invalid-input')
  })

  it('that writes is never taken for a read, whatever the arguments', async () => {
    const pieces = fc.constantFrom(
      ...['/', 'v1', 'customers', 'search', 'archive', 'merges', 'messages', 'notes', 'tags', 'bulk', '{a}'],
      ...['%73earch', '%2f', '%2F', '%2573earch', '%3f', '%23', ';', '?', '&', '=', 'SEARCH', 'ſearch', 'x'],
    )
    const text = fc.constantFrom('search', 'customers', 'merges', 'GET', 'true', 'replace', '_method', 'x y')
    const path = fc.oneof(
      fc.array(pieces, { maxLength: 6 }).map((parts) => `/v1/customers/${parts.join('')}`),
      fc.array(pieces, { maxLength: 8 }).map((parts) => `/${parts.join('')}`),
    )
    const args = fc
      .record({
        method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
        path,
        query: fc.dictionary(text, text, { maxKeys: 2 }),
        a: fc.constantFrom('search', 'SEARCH', 'archive', 'x', 'ſearch', '..'),
        body: fc.dictionary(text, fc.jsonValue(), { maxKeys: 2 }),
      })
      .map(({ a, body, ...rest }) => ({
        ...rest,
        ...(rest.path.includes('{a}') ? { pathParams: { a } } : {}),
        ...(rest.method === 'GET' ? {} : { body }),
      }))
    let [reads, others] = [0, 0]
    await fc.assert(
      fc.asyncProperty(args, async (given) => {
        const { effect, request } = proxy()
        const is = await effect(given).catch((error: unknown) => error)
        if (typeof is !== 'string') {
          expect(is).toBeInstanceOf(ToolError)
          return
        }
        const asked = await request(given)
        const sentAs = methodsSent(asked)
        if (is !== 'read') {
          others++
          expect(sentAs).not.toContain('GET')
          return
        }
        reads++
        const isGet = sentAs.every((method) => method === 'GET')
        const place = decodeURIComponent(asked.path.replaceAll('{a}', asked.pathParams['a'] ?? ''))
        expect(isGet || /^\/v1\/customers(\/archive)?\/search\/?$/i.test(place)).toBe(true)
      }),
      { numRuns: 900 },
    )
    expect(Math.min(reads, others)).toBeGreaterThan(100)
  })

  it('is classed without a throw, for any path that was let through and any body', () => {
    fc.assert(
      fc.property(
        fc.webPath({ size: 'small' }),
        fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
        fc.oneof(fc.jsonValue(), fc.string(), fc.constant(undefined)),
        (path, method, body) => {
          const effect = riskOfRequest({ method, path, query: [] }, body)
          expect(gravity).toContain(effect)
          if (method !== 'GET') expect(effect).not.toBe('read')
        },
      ),
    )
  })
})

/** The method in the CLI's arguments, in both dialects. */
function methodsSent(request: argv.ProxyRequest): string[] {
  const old = argv.request(connectionId, request, { proxy: 'request' } as Capabilities)
  const act = argv.request(connectionId, request, { proxy: 'act' } as Capabilities)
  const api = act.find((argument) => argument.startsWith('--api='))?.slice('--api='.length) ?? ''
  const inOld = old.filter((argument) => argument.startsWith('--method=')).map((flag) => flag.slice(9))
  return [...inOld, JSON.parse(api).method]
}

test('run-action has the effect of what it runs, by key and by id, and never a lesser one than the tool', async () => {
  const harness = await warmServer(['--confirm', 'writes'])
  for (const key of writes) {
    for (const action of [key, actionId(key)]) {
      const { outcome, data, started } = await attempt(harness, ['run-action', { action, input: {} }])
      expect([key, outcome, started]).toEqual([key, 'plan', 0])
      const effect: RiskLevel = data.plan.effect
      expect([key, effect, isGraver(actions[key] as RiskLevel, effect)]).toEqual([key, effect, false])
    }
  }
  for (const action of ['list-notes', actionId('get-note-by-id')]) {
    const { outcome, started } = await attempt(harness, ['run-action', { action, input: { id } }])
    expect([outcome, started]).toEqual(['ok', 1])
  }
})

test('an action beyond the 20 has the effect of its method, its words and its input', async () => {
  const action = (key: string | undefined, name: string, method?: string) => ({
    id: `id-${name.replaceAll(' ', '-')}`,
    ...(key === undefined ? {} : { key }),
    name,
    state: 'READY',
    ...(method === undefined ? {} : { config: { request: { method } } }),
  })
  const own = [
    action('delete-note', 'Delete Note'),
    action(undefined, 'Delete a Note'),
    action('tidy-up', 'Tidy up', 'DELETE'),
    action('removeContact', 'Contact'),
    action('list-and-purge', 'List and purge'),
    action('get-or-create-customer', 'Get or create'),
    action('find-customers', 'Find customers', 'POST'),
    action('read-later', 'Read later', 'GET'),
    action('update-company', 'Update Company'),
  ]
  const harness = await warmServer(['--confirm', 'writes'], [], {
    plan: { ...plan, actions: [...liveActions, ...own] },
  })
  const rows: [string, object, RiskLevel | 'none'][] = [
    ['delete-note', { id }, 'destructive'],
    ['delete-a-note', { id }, 'destructive'],
    ['id-Delete-a-Note', { id }, 'destructive'],
    ['tidy-up', {}, 'destructive'],
    ['removeContact', {}, 'destructive'],
    ['list-and-purge', {}, 'destructive'],
    ['get-or-create-customer', {}, 'record'],
    ['find-customers', {}, 'record'],
    ['read-later', {}, 'none'],
    ['update-company', { id, name: 'x' }, 'record'],
    ['update-company', { id, deleted: true }, 'destructive'],
  ]
  const given: typeof rows = []
  for (const [name, input] of rows) {
    const { data } = await attempt(harness, ['run-action', { action: name, input }])
    given.push([name, input, data?.plan?.effect ?? 'none'])
  }
  expect((await sent(harness)).length).toBe(1)
  expect(given).toEqual(rows)
})
