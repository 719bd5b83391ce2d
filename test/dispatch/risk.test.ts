import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import snapshot from '../../src/catalog/actions.json' with { type: 'json' }
import { toLiveAction, unknownSchema } from '../../src/catalog/live-action.ts'
import { snapshotActions } from '../../src/catalog/snapshot.macro.ts'
import { ToolError } from '../../src/errors.ts'
import { type RiskLevel, riskOfAnyAction, riskOfRequest } from '../../src/kustomer/risk.ts'
import type { ProxyRequest } from '../../src/membrane/app-call.ts'
import * as argv from '../../src/membrane/argv.ts'
import type { Capabilities } from '../../src/membrane/capabilities.ts'
import { prepareAction } from '../../src/tools/prepare-action.ts'
import { proxyRequest } from '../../src/tools/proxy-request.ts'
import { actionTool } from '../../src/tools/registry.ts'
import { actionId, connectionId, keys, liveActions } from '../support/samples.ts'
import { attempt, type Call, contextWith, id, message, note, plan, sent, warmServer } from './support.ts'

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

const live = liveActions.map((action) => toLiveAction(action as never))
const context = contextWith(live)
const riskOfTool = async (key: string, args: Record<string, unknown>): Promise<RiskLevel> => {
  const action = snapshotActions.find((entry) => entry.key === key)
  if (action === undefined) throw new Error(`no action ${key}`)
  return (await actionTool(action, context).prepare(args, signal)).risk
}
/** The risk of an input that the live schema, which takes anything, lets through. */
async function riskOfInput(key: string, input: Record<string, unknown>): Promise<RiskLevel> {
  const open = live.map((action) => ({ ...action, schema: unknownSchema }))
  return (await prepareAction(key, input, contextWith(open), signal)).risk
}
/** The least arguments that each action takes, and one that changes a record. */
const validArgs = (key: string): Record<string, unknown> => {
  const properties = snapshotActions.find((entry) => entry.key === key)?.schema.accepted
  const required = Object.fromEntries(
    (properties?.required ?? []).map((name) => [
      name,
      (properties?.properties[name]?.['enum'] as string[] | undefined)?.[0] ?? id,
    ]),
  )
  return key.startsWith('update-') ? { ...required, name: 'x' } : required
}

describe('the built-in actions', () => {
  it('are all listed here', () => {
    expect(Object.keys(actions)).toEqual(keys)
  })

  it.each(Object.entries(actions))('%s: %s', async (key, effect) => {
    const entry = snapshot.find((action) => action.key === key)
    expect(entry?.risk).toBe(effect)
    expect(entry?.annotations.readOnlyHint).toBe(effect === 'read')
    expect(entry?.method === 'GET').toBe(effect === 'read')
    expect(await riskOfTool(key, validArgs(key))).toBe(effect)
  })

  it.each<[object, RiskLevel]>([
    [{ tags: ['vip'] }, 'internal'],
    [{ assignedUsers: [id], assignedTeams: [], queue: { id }, rev: 3 }, 'internal'],
    [{ tags: ['vip'], status: 'done' }, 'record'],
    [{ tags: ['vip'], custom: {} }, 'record'],
    [{ name: 'x' }, 'record'],
  ])('update-conversation with %j: %s', async (args, effect) => {
    expect(await riskOfTool('update-conversation', { id, ...args })).toBe(effect)
  })

  it.each<[object]>([[{ tags: ['vip'], somethingNew: 1 }], [{ constructor: 'x' }]])(
    'update-conversation with the unknown %j: record',
    async (args) => {
      expect(await riskOfInput('update-conversation', { id, ...args })).toBe('record')
    },
  )

  it('tags of a customer are a change of the record', async () => {
    expect(await riskOfTool('update-customer', { id, tags: ['vip'] })).toBe('record')
  })

  it.each(
    ['update-customer', 'update-conversation'].flatMap((key) =>
      [
        { deleted: true },
        { deleted: 'true' },
        { replace: true },
        { method: 'DELETE' },
        { method: ' delete' },
      ].map((args) => [key, args] as const),
    ),
  )('%s with %j is destructive', async (key, args) => {
    expect(await riskOfInput(key, { id, ...args })).toBe('destructive')
  })

  it('that write are no reads for any input', async () => {
    const args = fc.dictionary(
      fc.oneof(
        fc.string(),
        fc.constantFrom('id', 'tags', 'method', 'readOnly', 'effect', 'annotations', '__proto__'),
      ),
      fc.jsonValue(),
    )
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...writes), args, async (key, input) => {
        // An input may be refused, such as a name that stands for nothing.
        const risk = await riskOfInput(key, input).catch(({ reason }: ToolError) => reason)
        expect(risk).not.toBe('read')
      }),
    )
  })
})

describe('an action that declares no request', () => {
  const riskOfName = (name: string, readOnly = false) =>
    riskOfAnyAction({ name, readOnly, method: undefined, path: undefined }, {})

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
    ['update-company', 'destructive'],
    ['get-or-create-customer', 'destructive'],
    ['do-something', 'destructive'],
    ['', 'destructive'],
  ])('%s: %s', (name, effect) => {
    expect(riskOfName(name)).toBe(effect)
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
  ])('in another spelling: %s: %s', (name, effect) => {
    expect(riskOfName(name)).toBe(effect)
  })

  it('is a read only when it is known to be one', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.constantFrom(...keys)), (name) => {
        expect(riskOfName(name)).not.toBe('read')
        expect(riskOfName(name, true)).toBe('read')
      }),
    )
  })
})

/** A `proxy_request` whose request is kept. */
function proxy() {
  let request: ProxyRequest | undefined
  const membrane = {
    async request(_: string, given: ProxyRequest) {
      request = given
      return { status: 200, body: {} }
    },
  }
  const tool = proxyRequest(contextWith([], { membrane: membrane as never }), 'full')
  return {
    risk: async (args: object) => (await tool.prepare({ ...args }, signal)).risk,
    async request(args: object) {
      await (await tool.prepare({ ...args }, signal)).execute(signal)
      return request as ProxyRequest
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
    ['customer-visible', { method: 'POST', path: `/v1/drafts/${id}/attachments`, body: {} }],
    ['customer-visible', { method: 'POST', path: '/v1/kb/articles', body: {} }],
    ['customer-visible', { method: 'POST', path: '/v1/satisfaction', body: {} }],
    ['read', { path: `${conversation}/events?changed=status` }],
    ['read', { path: '/v1/kb/articles/search?term=refund' }],
    ['read', { path: '/v1/shortcuts/categories' }],
    ['read', { path: `/v1/slas/${id}?versions=active` }],
    ['read', { path: `${customer}/drafts` }],
    ['record', { method: 'PUT', path: '/v1/metadata/customer', body: {} }],
    ['record', { method: 'POST', path: `${customer}/events`, body: {} }],
    ['destructive', { method: 'DELETE', path: `/v1/drafts/${id}` }],
    ['destructive', { method: 'POST', path: '/v1/conversations/merges', body: {} }],
    ['destructive', { method: 'POST', path: `${customer}/merges`, body: { source: id, target: id } }],
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
    expect(await proxy().risk(args)).toBe(effect)
  })

  /** Each asks for something grave in a disguise: its risk must not be below that of the plain request. */
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
    ['destructive', { method: 'PUT', path: customer, body: { replace: true } }],
    ['destructive', { method: 'POST', path: customer, body: { _method: 'DELETE' } }],
    ['destructive', { method: 'POST', path: customer, body: { 'X-Http_Method-Override': 'DELETE' } }],
    ['destructive', { method: 'POST', path: customer, rawBody: '_method=PUT&replace=1' }],
  ])('disguised, at least %s: %j', async (effect, args) => {
    const given = await proxy().risk(args)
    expect([given, isGraver(effect, given)]).toEqual([given, false])
  })

  it.each<object>([
    { method: 'SEARCH', path: '/v1/customers' },
    { method: ['GET'], path: '/v1/customers' },
    { method: 'POST', path: '/v1/x/../customers/search' },
    { method: 'POST', path: 'https://evil.example/v1/customers/search' },
    { method: 'POST', path: '/v1/customers/{x}' },
    { method: 'POST', path: '/v1/customers/{x}', pathParams: { x: 'a/../search' } },
    { method: 'GET', path: '/v1/customers', body: { deleted: true } },
    { method: 'POST', path: '/v1/notes', body: {}, rawBody: '{}' },
    { path: '/v1/customers', headers: { 'X-HTTP-Method-Override': 'DELETE' } },
    { method: 'POST', path: '/v1/customers', headers: { 'x-method-override': 'DELETE' } },
    { method: 'POST', path: '/v1/customers', headers: { 'X-HTTP-Verb': 'DELETE' } },
    { method: 'POST', path: '/v1/customers?_method=DELETE' },
    { method: 'POST', path: '/v1/customers', query: { 'x-http-method-override': 'DELETE' } },
  ])('that is wrong is refused: %j', async (args) => {
    await expect(proxy().risk(args)).rejects.toMatchObject({ reason: 'invalid-input' })
  })

  it('that writes is never a read', async () => {
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
        const { risk, request } = proxy()
        const is = await risk(given).catch((error: unknown) => error)
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

  it('has a risk for any path and body', () => {
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
function methodsSent(request: ProxyRequest): string[] {
  const old = argv.request(connectionId, request, { proxy: 'request' } as Capabilities)
  const act = argv.request(connectionId, request, { proxy: 'act' } as Capabilities)
  const api = act.find((argument) => argument.startsWith('--api='))?.slice('--api='.length) ?? ''
  const inOld = old.filter((argument) => argument.startsWith('--method=')).map((flag) => flag.slice(9))
  return [...inOld, JSON.parse(api).method]
}

describe('run-action', () => {
  it('has the risk of the built-in action', async () => {
    const harness = await warmServer(['--confirm', 'writes'])
    for (const key of writes) {
      for (const action of [key, actionId(key)]) {
        const { outcome, data, started } = await attempt(harness, [
          'run-action',
          { action, input: validArgs(key) },
        ])
        expect([key, outcome, started, data?.plan?.effect]).toEqual([key, 'plan', 0, actions[key]])
      }
    }
    for (const action of ['list-notes', actionId('get-note-by-id')]) {
      const { outcome, started } = await attempt(harness, ['run-action', { action, input: { id } }])
      expect([outcome, started]).toEqual(['ok', 1])
    }
  })

  const action = (name: string, key?: string, request?: object) => ({
    id: `id-${name.replaceAll(' ', '-')}`,
    ...(key === undefined ? {} : { key }),
    name,
    state: 'READY',
    ...(request === undefined ? {} : { config: { request } }),
  })
  const own = [
    action('Delete Note', 'delete-note'),
    action('Delete a Note'),
    action('Tidy up', 'tidy-up', { method: 'DELETE' }),
    action('Contact', 'removeContact'),
    action('List and purge', 'list-and-purge'),
    action('Get or create', 'get-or-create-customer'),
    action('Find customers', 'find-customers', { method: 'POST' }),
    action('Read later', 'read-later', { method: 'GET' }),
    action('Update Company', 'update-company', { method: 'PUT', path: '/v1/companies/{{id}}' }),
    action('HTTP call', 'http-call'),
    action('Add note', 'add-note'),
  ]

  it.each<[string, object, RiskLevel]>([
    ['delete-note', { id }, 'destructive'],
    ['delete-a-note', { id }, 'destructive'],
    ['id-Delete-a-Note', { id }, 'destructive'],
    ['tidy-up', {}, 'destructive'],
    ['removeContact', {}, 'destructive'],
    ['list-and-purge', {}, 'destructive'],
    ['get-or-create-customer', {}, 'destructive'],
    ['find-customers', {}, 'destructive'],
    ['http-call', { method: 'GET' }, 'destructive'],
    ['update-company', { id, name: 'x' }, 'record'],
    ['update-company', { id, deleted: true }, 'destructive'],
    ['update-company', { id, replace: true }, 'destructive'],
    ['update-company', { id, method: 'DELETE' }, 'destructive'],
    ['update-company', { id, Method: ' delete ' }, 'destructive'],
    ['update-company', { id, request: { httpMethod: 'Delete' } }, 'destructive'],
    ['update-company', { id, headers: { 'X-HTTP-Method-Override': 'DELETE' } }, 'destructive'],
    ['add-note', {}, 'internal'],
    ['add-note', { replace: 'true' }, 'destructive'],
  ])('%s with %j: %s', async (name, input, risk) => {
    const harness = await warmServer(['--confirm', 'writes'], [], {
      plan: { ...plan, actions: [...liveActions, ...own] },
    })
    const { data } = await attempt(harness, ['run-action', { action: name, input }])
    expect(data?.plan?.effect).toBe(risk)
    expect(sent(harness)).toEqual([])
  })

  it('runs a declared read at once', async () => {
    const harness = await warmServer(['--confirm', 'writes'], [], {
      plan: { ...plan, actions: [...liveActions, ...own] },
    })
    const { outcome, started } = await attempt(harness, ['run-action', { action: 'read-later', input: {} }])
    expect([outcome, started]).toEqual(['ok', 1])
  })
})

describe('--confirm customer-visible asks for one deed by every way', () => {
  const replaceable = liveActions.map((action) =>
    action.key === 'update-customer'
      ? {
          ...action,
          inputSchema: {
            type: 'object',
            properties: { id: { type: 'string' }, replace: { type: 'boolean' } },
          },
        }
      : action,
  )
  it.each<[string, Call]>([
    ['update-customer', ['update-customer', { id, replace: true }]],
    ['run-action', ['run-action', { action: 'update-customer', input: { id, replace: true } }]],
    ['a query', ['proxy_request', { method: 'PUT', path: `/v1/customers/${id}?replace=true`, body: {} }]],
    ['a body', ['proxy_request', { method: 'PUT', path: `/v1/customers/${id}`, body: { replace: true } }]],
    ['create-message', message],
    ['its action', ['run-action', { action: 'create-message', input: message[1] }]],
    ['its endpoint', ['proxy_request', { method: 'POST', path: '/v1/messages', body: message[1] }]],
  ])('%s', async (_, call) => {
    const harness = await warmServer(['--confirm', 'customer-visible'], [], {
      plan: { ...plan, actions: replaceable },
    })
    const { outcome, started } = await attempt(harness, call)
    expect([outcome, started]).toEqual(['plan', 0])
  })

  it.each<[string, Call]>([
    ['create-note', note],
    ['its action', ['run-action', { action: 'create-note', input: note[1] }]],
    ['its endpoint', ['proxy_request', { method: 'POST', path: '/v1/notes', body: note[1] }]],
  ])('and none for a note: %s', async (_, call) => {
    const harness = await warmServer(['--confirm', 'customer-visible'])
    const { outcome, started } = await attempt(harness, call)
    expect([outcome, started]).toEqual(['ok', 1])
  })
})
