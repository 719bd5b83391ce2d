import { describe, expect, it } from 'vitest'
import { localPrincipal, type Principal, type Scope } from '../../src/auth/principal.ts'
import type { Arguments } from '../../src/catalog/coerce.ts'
import { toLiveAction } from '../../src/catalog/live-action.ts'
import { createPolicy, judge, type PolicyOptions } from '../../src/dispatch/policy.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { actionId, liveActions } from '../support/samples.ts'
import {
  type Call,
  contextWith,
  deletion,
  dispatcherOn,
  get,
  id,
  message,
  note,
  outcome,
  plan,
  sent,
  warmServer,
} from './support.ts'

const { signal } = new AbortController()
const request = (key: string, method: string, path: string) => ({
  id: `id-${key}`,
  key,
  name: key,
  config: { request: { method, path } },
})
const live = [
  ...liveActions,
  request('note-for-all', 'POST', 'https://api.kustomerapp.com/v1/customers/{{$.input.id}}/messages?x=1'),
  request('tell-them', 'POST', '/v1/{{what}}'),
  request('rename', 'PATCH', '/v1/customers/{{id}}'),
  request('reply-later', 'POST', '/v1/customers/{{id}}/drafts'),
  request('look', 'GET', '/v1/messages'),
  request('team', 'POST', '/v1/teams'),
  { id: 'id-http-call', key: 'http-call', name: 'HTTP call' },
  { id: 'id-answer-customer', key: 'answer-customer', name: 'Answer the customer' },
  { id: 'id-add-note', key: 'add-note', name: 'Add note' },
  { id: 'id-find-notes', key: 'find-notes', name: 'Find notes' },
].map((action) => toLiveAction(action as never))

/** The risk of a call under a policy, or the reason of its refusal. */
function judged(options: Partial<PolicyOptions>, principal = localPrincipal) {
  const { registry, policy } = dispatcherOn(contextWith(live), options)
  return async (name: string, args: Arguments): Promise<string> => {
    const tool = registry.get(name)
    if (tool === undefined) throw new Error(`no tool ${name}`)
    const call = { tool, principal, args, elicitation: undefined, signal, clientSignal: signal }
    return judge(call, policy, registry).then(
      ({ prepared }) => prepared.risk,
      ({ reason }) => reason,
    )
  }
}

const everything: PolicyOptions = { readOnly: false, tools: undefined, excludeTools: [], proxy: 'full' }
const conversation = `/v1/conversations/${id}`
const post = (path: string, others: object = {}) => ({ method: 'POST', path, body: {}, ...others })

describe('--exclude-tools create-message', () => {
  const judgeCall = judged({ excludeTools: ['create-message'] })

  it.each<object>([
    post('/v1/messages'),
    post('/v1/messages/'),
    post(`${conversation}/messages`),
    post(`/v1/customers/${id}/messages`),
    post('/v1/messages/bulk'),
    post('/v1/messages?a=b'),
    post('/v1/Messages'),
    post('/v1/%6Dessages'),
    post('/v1/%256Dessages'),
    post('/v1%2Fmessages'),
    post('/v1/messages;x=1'),
    post('/v1/messages%3Fa'),
    post('/v1/ｍessages'),
    post('/v1/%EF%BD%8Dessages'),
    post('/v1/{x}', { pathParams: { x: 'messages' } }),
    post('/v1/{x}{y}', { pathParams: { x: 'mess', y: 'ages' } }),
    post(`${conversation}/drafts`),
    post(`/v1/messages/${id}/forwards`),
    { method: 'PUT', path: `/v1/drafts/${id}`, body: {} },
    { method: 'PUT', path: `/v1/messages/${id}?replace=true`, body: {} },
  ])('closes it through the proxy: %j', async (args) => {
    expect(await judgeCall('proxy_request', { ...args })).toBe('refused-by-policy')
  })

  it.each<[string, object]>([
    ['create-message', message[1]],
    [actionId('create-message'), message[1]],
    ['note-for-all', { id }],
    ['tell-them', { what: 'messages' }],
    ['reply-later', { id }],
    ['http-call', { method: 'POST', path: '/v1/messages' }],
    ['answer-customer', { text: 'Hi' }],
    ['add-note', { text: 'Hi' }],
  ])('closes it through the action %s', async (action, input) => {
    expect(await judgeCall('run-action', { action, input })).toBe('refused-by-policy')
  })

  it.each<[string, object, string]>([
    ['proxy_request', post('/v1/notes'), 'internal'],
    ['proxy_request', post('/v1/customers'), 'record'],
    ['proxy_request', { path: '/v1/messages' }, 'read'],
    ['proxy_request', { method: 'DELETE', path: `/v1/messages/${id}` }, 'destructive'],
    ['run-action', { action: 'create-note', input: note[1] }, 'internal'],
    ['run-action', { action: 'look' }, 'read'],
    ['run-action', { action: 'find-notes' }, 'read'],
    ['run-action', { action: 'tell-them', input: { what: 'teams' } }, 'record'],
    ['run-action', { action: 'team' }, 'record'],
  ])('leaves open %s %j', async (name, args, effect) => {
    expect(await judgeCall(name, { ...args })).toBe(effect)
  })
})

describe('a tool', () => {
  it.each<[string, string, object]>([
    ['create-note', 'proxy_request', post(`${conversation}/notes`)],
    ['create-draft', 'proxy_request', post(`/v1/customers/${id}/drafts`)],
    ['create-draft', 'proxy_request', post(`${conversation}/%64rafts/`)],
    ['create-draft', 'run-action', { action: 'reply-later', input: { id } }],
    ['create-draft', 'proxy_request', post('/v1/drafts')],
    ['create-draft', 'proxy_request', post('/v1/messages')],
    ['create-message', 'proxy_request', post(`/v1/customers/${id}/drafts`)],
    ['create-message', 'run-action', { action: 'reply-later', input: { id } }],
    ['create-note', 'run-action', { action: 'http-call' }],
    ['update-customer', 'run-action', { action: 'http-call' }],
    ['create-conversation', 'proxy_request', post(`/v1/customers/${id}/conversations`)],
    ['create-customer', 'proxy_request', post('/v1/customers/bulk')],
    ['update-customer', 'proxy_request', { method: 'PATCH', path: `/v1/customers/${id}`, body: {} }],
    ['update-customer', 'proxy_request', { method: 'PUT', path: '/v1/customers/bulk', body: [] }],
    ['update-customer', 'run-action', { action: 'rename', input: { id } }],
    ['update-conversation', 'proxy_request', { method: 'PUT', path: `${conversation}/`, body: {} }],
  ])('that was excluded, %s, is closed by %s %j', async (left, name, args) => {
    expect(await judged({ excludeTools: [left] })(name, { ...args })).toBe('refused-by-policy')
    expect(await judged({ tools: ['proxy', 'discovery'] })(name, { ...args })).toBe('refused-by-policy')
    expect(['internal', 'record', 'customer-visible', 'destructive']).toContain(
      await judged({})(name, { ...args }),
    )
  })

  it.each<[string, object]>([
    ['update-customer', post('/v1/customers/search')],
    ['update-customer', post('/v1/customers')],
    ['create-customer', { method: 'PUT', path: `/v1/customers/${id}`, body: {} }],
    ['update-conversation', { method: 'PUT', path: `${conversation}/assignments`, body: {} }],
    ['list-customers', { path: '/v1/customers' }],
    ['create-draft', { path: `/v1/customers/${id}/drafts` }],
  ])('that was excluded, %s, does not close %j', async (left, args) => {
    expect(await judged({ excludeTools: [left] })('proxy_request', { ...args })).toBe(
      await judged({})('proxy_request', { ...args }),
    )
  })
})

describe('under --exclude-tools create-note,create-message', () => {
  const judgeCall = judged({ excludeTools: ['create-note', 'create-message'] })

  it.each(['http-call', 'answer-customer', 'add-note'])(
    'an undeclared request is refused: %s',
    async (action) => {
      expect(await judgeCall('run-action', { action, input: {} })).toBe('refused-by-policy')
    },
  )

  it('an action that declares another request runs', async () => {
    expect(await judgeCall('run-action', { action: 'team' })).toBe('record')
  })

  it('create-draft itself stays open', async () => {
    const args = { customer: id, channel: 'email', body: 'Hello.' }
    expect(await judgeCall('create-draft', args)).toBe('customer-visible')
  })
})

describe('the scopes of a principal', () => {
  const holding = (...scopes: Scope[]): Principal => ({
    issuer: 'token',
    subject: 'bot',
    scopes: new Set(scopes),
  })
  const note = { conversation: id, body: 'x' }

  it.each<[Scope[], Partial<PolicyOptions>, string, Arguments, string]>([
    [['kustomer:read'], {}, 'list-notes', {}, 'read'],
    [['kustomer:write'], {}, 'list-notes', {}, 'read'],
    [['kustomer:connect'], {}, 'list-notes', {}, 'refused-by-policy'],
    [[], {}, 'list-notes', {}, 'refused-by-policy'],
    [['kustomer:read'], {}, 'create-note', note, 'refused-by-policy'],
    [['kustomer:read'], {}, 'proxy_request', { path: '/v1/notes' }, 'refused-by-policy'],
    [['kustomer:read'], {}, 'run-action', { action: 'create-note', input: note }, 'refused-by-policy'],
    [['kustomer:write'], {}, 'create-note', note, 'internal'],
    [['kustomer:write'], { readOnly: true }, 'create-note', note, 'refused-by-policy'],
    [['kustomer:write'], { excludeTools: ['create-note'] }, 'create-note', note, 'refused-by-policy'],
    [['kustomer:write'], {}, 'connect-kustomer', {}, 'refused-by-policy'],
    [['kustomer:read'], {}, 'connection-status', {}, 'read'],
  ])('%j under %j: %s %j is %s', async (held, options, name, args, wanted) => {
    expect(await judged(options, holding(...held))(name, args)).toBe(wanted)
  })

  it('refuse a write by a tool that is marked as a read', async () => {
    const { registry } = dispatcherOn(contextWith(live))
    const tool = {
      ...(registry.get('list-notes') as Tool),
      prepare: async () => ({ risk: 'internal' as const, execute: async () => ({ data: 'done' }) }),
    }
    const call = { tool, args: {}, elicitation: undefined, signal, clientSignal: signal }
    const reader = { ...call, principal: holding('kustomer:read') }
    await expect(judge(reader, createPolicy(everything), registry)).rejects.toMatchObject({
      reason: 'refused-by-policy',
    })
  })
})

describe('--read-only', () => {
  it.each(['internal', 'record', 'customer-visible', 'destructive'] as const)(
    'refuses a %s call however its tool is marked',
    async (risk) => {
      const { registry } = dispatcherOn(contextWith(live))
      const tool = {
        ...(registry.get('list-notes') as Tool),
        prepare: async () => ({ risk, execute: async () => ({ data: 'done' }) }),
      }
      const call = {
        tool,
        principal: localPrincipal,
        args: {},
        elicitation: undefined,
        signal,
        clientSignal: signal,
      }
      await expect(
        judge(call, createPolicy({ ...everything, readOnly: true }), registry),
      ).rejects.toMatchObject({
        reason: 'refused-by-policy',
      })
      expect(await judge(call, createPolicy(everything), registry)).toMatchObject({ prepared: { risk } })
    },
  )

  it('refuses writes with a token or a person just the same', async () => {
    let questions = 0
    const harness = await warmServer(['--read-only', '--confirm', 'writes'], [], {
      elicit: () => {
        questions++
        return { action: 'accept', content: { confirm: true } }
      },
    })
    const writes: Call[] = [note, message, ['run-action', { action: 'create-note', input: note[1] }]]
    for (const [name, args] of writes)
      expect(await outcome(harness, [name, { ...args, confirmationToken: 'x' }])).toEqual([
        'refused-by-policy',
        0,
      ])
    for (const args of [deletion[1], post('/v1/customers/search')])
      expect(await outcome(harness, ['proxy_request', args])).toEqual(['invalid-input', 0])
    expect(questions).toBe(0)
  })
})

describe('arguments of hosts', () => {
  it('are taken out before the checks and the CLI', async () => {
    const harness = await warmServer()
    const calls: Call[] = [
      note,
      ['connection-status', {}],
      ['search-actions', { intent: 'note' }],
      ['list-notes', {}],
      get(),
    ]
    for (const [name, args] of calls)
      expect((await harness.call(name, { ...args, wait_for_previous: true })).isError).toBe(false)
    expect(JSON.stringify(harness.calls())).not.toContain('wait_for_previous')
  })
})

it('a listed argument of a host’s name is passed on', async () => {
  const listed = { id: { type: 'string' }, wait_for_previous: { type: 'boolean' } }
  const actions = liveActions.map((action) =>
    action.key === 'list-notes' ? { ...action, inputSchema: { type: 'object', properties: listed } } : action,
  )
  const harness = await warmServer([], [], { plan: { ...plan, actions } })
  expect((await harness.call('list-notes', { wait_for_previous: true })).isError).toBe(false)
  expect(JSON.stringify(sent(harness))).toContain('wait_for_previous')
})

describe('the server', () => {
  it.each<[string, Call]>([
    ['its path', ['proxy_request', post('/v1/messages')]],
    ['a path below a record', ['proxy_request', post(`${conversation}/messages`)]],
    ['an encoded path', ['proxy_request', post('/v1/%6Dessages')]],
    ['its id', ['run-action', { action: actionId('create-message'), input: message[1] }]],
    ['its key', ['run-action', { action: 'create-message', input: message[1] }]],
    ['its name', message],
  ])('closes an excluded tool by %s', async (_, call) => {
    const harness = await warmServer(['--exclude-tools', 'create-message'])
    expect(await outcome(harness, call)).toEqual(['refused-by-policy', 0])
    expect(sent(harness)).toEqual([])
  })

  it('closes drafts with create-draft', async () => {
    const harness = await warmServer(['--exclude-tools', 'create-draft'], [], {
      plan: {
        ...plan,
        actions: [...liveActions, request('reply-later', 'POST', '/v1/customers/{{id}}/drafts')],
      },
    })
    const ways: Call[] = [
      ['proxy_request', post('/v1/drafts')],
      ['proxy_request', post(`/v1/customers/${id}/drafts`)],
      ['run-action', { action: 'reply-later', input: { id } }],
    ]
    for (const way of ways) expect(await outcome(harness, way)).toEqual(['refused-by-policy', 0])
    expect(await outcome(harness, ['proxy_request', post('/v1/notes')])).toEqual(['ok', 1])
  })
})
