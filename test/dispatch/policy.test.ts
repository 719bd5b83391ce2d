import { describe, expect, it } from 'vitest'
import { toLiveAction } from '../../src/catalog/live-action.ts'
import { type PolicyOptions, refusal } from '../../src/dispatch/policy.ts'
import { discoveryTools } from '../../src/tools/discovery.ts'
import { proxyRequest } from '../../src/tools/proxy-request.ts'
import { actionId, liveActions } from '../support/samples.ts'
import { contextWith, id, outcome, warmServer } from './support.ts'

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
].map((action) => toLiveAction(action as never))

/** What `proxy_request` and `run-action` say of a call under a policy: its effect, or the reason of its refusal. */
function judged(policy: Partial<PolicyOptions>) {
  const options = { readOnly: false, tools: undefined, excludeTools: [], proxy: 'full' as const, ...policy }
  const context = contextWith(live, (tool) => refusal(options, tool))
  const tools = [proxyRequest(context, 'full'), ...discoveryTools(context)]
  return async (name: string, args: Record<string, unknown>): Promise<string> =>
    tools
      .find((tool) => tool.name === name)
      ?.effect(args, signal)
      .catch(({ reason }) => reason) ?? 'no tool'
}

const conversation = `/v1/conversations/${id}`
const post = (path: string, more: object = {}) => ({ method: 'POST', path, body: {}, ...more })

describe('--exclude-tools create-message', () => {
  const say = judged({ excludeTools: ['create-message'] })

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
    expect(await say('proxy_request', { ...args })).toBe('refused-by-policy')
  })

  it.each<[string, object]>([
    ['create-message', {}],
    [actionId('create-message'), {}],
    ['note-for-all', { id }],
    ['tell-them', { what: 'messages' }],
  ])('closes it through the action %s', async (action, input) => {
    expect(await say('run-action', { action, input })).toBe('refused-by-policy')
  })

  it.each<[string, object, string]>([
    ['proxy_request', post('/v1/notes'), 'internal'],
    ['proxy_request', post('/v1/customers'), 'record'],
    ['proxy_request', { path: '/v1/messages' }, 'read'],
    ['proxy_request', { method: 'DELETE', path: `/v1/messages/${id}` }, 'destructive'],
    ['run-action', { action: 'create-note' }, 'internal'],
    ['run-action', { action: 'look' }, 'read'],
    ['run-action', { action: 'tell-them', input: { what: 'teams' } }, 'record'],
    ['run-action', { action: 'team' }, 'record'],
  ])('leaves open %s %j', async (name, args, effect) => {
    expect(await say(name, { ...args })).toBe(effect)
  })
})

describe('another tool that is left out', () => {
  it.each<[string, string, object]>([
    ['create-note', 'proxy_request', post(`${conversation}/notes`)],
    ['create-draft', 'proxy_request', post(`/v1/customers/${id}/drafts`)],
    ['create-draft', 'proxy_request', post(`${conversation}/%64rafts/`)],
    ['create-draft', 'run-action', { action: 'reply-later', input: { id } }],
    ['create-conversation', 'proxy_request', post(`/v1/customers/${id}/conversations`)],
    ['create-customer', 'proxy_request', post('/v1/customers/bulk')],
    ['update-customer', 'proxy_request', { method: 'PATCH', path: `/v1/customers/${id}`, body: {} }],
    ['update-customer', 'proxy_request', { method: 'PUT', path: '/v1/customers/bulk', body: [] }],
    ['update-customer', 'run-action', { action: 'rename', input: { id } }],
    ['update-conversation', 'proxy_request', { method: 'PUT', path: `${conversation}/`, body: {} }],
  ])('%s is closed by %s %j too', async (left, name, args) => {
    expect(await judged({ excludeTools: [left] })(name, { ...args })).toBe('refused-by-policy')
    expect(await judged({ tools: ['proxy', 'discovery'] })(name, { ...args })).toBe('refused-by-policy')
    expect(await judged({})(name, { ...args })).not.toBe('refused-by-policy')
  })

  it.each<[string, object]>([
    ['update-customer', post('/v1/customers/search')],
    ['update-customer', post('/v1/customers')],
    ['create-customer', { method: 'PUT', path: `/v1/customers/${id}`, body: {} }],
    ['update-conversation', { method: 'PUT', path: `${conversation}/assignments`, body: {} }],
    ['list-customers', { path: '/v1/customers' }],
    ['create-draft', post('/v1/messages')],
    ['create-draft', { path: `/v1/customers/${id}/drafts` }],
  ])('%s does not close %j', async (left, args) => {
    expect(await judged({ excludeTools: [left] })('proxy_request', { ...args })).not.toBe('refused-by-policy')
  })
})

it('is closed at the server, before any process', async () => {
  const harness = await warmServer(['--exclude-tools', 'create-message'])
  const body = { conversation: id, preview: 'x' }
  for (const path of ['/v1/messages', `${conversation}/messages`, '/v1/%6Dessages'])
    expect(await outcome(harness, ['proxy_request', { method: 'POST', path, body }])).toEqual([
      'refused-by-policy',
      0,
    ])
  expect(await outcome(harness, ['run-action', { action: actionId('create-message'), input: body }])).toEqual(
    ['refused-by-policy', 0],
  )
  expect(await outcome(harness, ['proxy_request', { method: 'POST', path: '/v1/notes', body }])).toEqual([
    'ok',
    1,
  ])
})
