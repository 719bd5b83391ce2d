import { describe, expect, it } from 'vitest'
import type { Arguments } from '../../src/catalog/coerce.ts'
import { toLiveAction } from '../../src/catalog/live-action.ts'
import { createConfirmations } from '../../src/dispatch/confirmation.ts'
import { createGuard } from '../../src/dispatch/guard.ts'
import { actionTool } from '../../src/tools/action.ts'
import { discoveryTools } from '../../src/tools/discovery.ts'
import { proxyRequest } from '../../src/tools/proxy-request.ts'
import type { Tool } from '../../src/tools/tool.ts'
import { actionId, liveActions } from '../support/samples.ts'
import { contextWith, id } from './support.ts'

const { signal } = new AbortController()
const live = [
  ...liveActions,
  {
    id: 'abcdefabcdefabcdefabcdef',
    key: 'tidy-up',
    name: 'Tidy up',
    inputSchema: { type: 'object', properties: { rules: { type: 'object' }, count: { type: 'integer' } } },
  },
].map((action) => toLiveAction(action as never))

const context = contextWith(live)
const tools = [
  ...context.catalog.builtIn().map((action) => actionTool(action, context)),
  ...discoveryTools(context),
  proxyRequest(context, 'full'),
]

/** The digest under which a call is remembered, and the plan's token where it is asked for one. */
async function identified(name: string, args: Arguments, confirm: 'none' | 'writes' = 'none') {
  let digest = ''
  const guard = createGuard({
    refusal: () => undefined,
    readOnly: false,
    confirm,
    confirmations,
    memory: {
      async run(given) {
        digest = given
        return { data: 'done' } as never
      },
      heard: async () => undefined,
    },
    audit: undefined,
    connection: async () => undefined,
    log: undefined as never,
  })
  const tool = tools.find((candidate) => candidate.name === name) as Tool
  const { data } = await guard.run(tool, args, { ask: undefined, signal, unheard: signal })
  return { digest, data: data as { confirmationToken?: string } | 'done' }
}
const confirmations = createConfirmations()

type Spelling = [name: string, args: Arguments]
const create = { name: 'Ada', custom: { level: 3 }, tags: ['vip'] }
const same: [string, Spelling[]][] = [
  [
    'JSON text for an object or a list, and another order',
    [
      ['create-customer', create],
      ['create-customer', { ...create, custom: '{"level": 3}' }],
      ['create-customer', { custom: { level: 3 }, tags: '["vip"]', name: 'Ada' }],
    ],
  ],
  [
    'run-action by key, by id, with its input as text, and the tool of the same name',
    [
      ['create-customer', create],
      ['run-action', { action: 'create-customer', input: create }],
      ['run-action', { action: actionId('create-customer'), input: JSON.stringify(create) }],
    ],
  ],
  [
    'numbers as text of an action beyond the popular ones',
    [
      ['run-action', { action: 'tidy-up', input: { rules: { a: 1 }, count: 5 } }],
      ['run-action', { action: 'abcdefabcdefabcdefabcdef', input: { rules: '{"a":1}', count: '5' } }],
    ],
  ],
  [
    'a proxied request with its parts in other places',
    [
      ['proxy_request', { method: 'PUT', path: `/v1/customers/${id}?a=1`, body: { name: 'x' } }],
      [
        'proxy_request',
        { method: 'PUT', path: `/v1/customers/${id}`, query: { a: 1 }, body: '{"name":"x"}' },
      ],
      [
        'proxy_request',
        {
          method: 'PUT',
          path: '/v1/customers/{id}',
          pathParams: { id },
          query: { a: '1' },
          body: { name: 'x' },
        },
      ],
    ],
  ],
]

describe('one write in several spellings', () => {
  it.each(same)('is one: %s', async (_, spellings) => {
    const digests = new Set<string>()
    for (const [name, args] of spellings) digests.add((await identified(name, args)).digest)
    expect([...digests]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  })

  it('has one token, within one tool', async () => {
    for (const [, [first, ...others]] of same)
      for (const [name, args] of others.filter(([other]) => other === first?.[0])) {
        const { data } = await identified(...(first as Spelling), 'writes')
        const token = data !== 'done' && data.confirmationToken
        expect((await identified(name, { ...args, confirmationToken: token }, 'writes')).data).toBe('done')
      }
  })

  it('is not any other', async () => {
    const others: Spelling[] = [
      ['create-customer', create],
      ['create-customer', { ...create, custom: { level: 4 } }],
      ['create-customer', { ...create, name: '"Ada"' }],
      ['run-action', { action: 'tidy-up', input: {} }],
      ['run-action', { action: 'tidy-up', input: { count: 1 } }],
      ['proxy_request', { method: 'POST', path: '/v1/customers', body: create }],
      ['proxy_request', { method: 'PUT', path: '/v1/customers', body: create }],
      ['proxy_request', { method: 'POST', path: '/v1/customers', rawBody: JSON.stringify(create) }],
      ['proxy_request', { method: 'POST', path: '/v1/customers', body: create, headers: { 'X-A': 'b' } }],
    ]
    const digests = new Set<string>()
    for (const [name, args] of others) digests.add((await identified(name, args)).digest)
    expect(digests.size).toBe(others.length)
  })
})

describe('what is hidden in text that becomes an object', () => {
  it.each<Spelling>([
    ['update-customer', { id, custom: '{"deleted": true}' }],
    ['run-action', { action: 'tidy-up', input: { rules: '{"deleted": true}' } }],
  ])('counts as what it becomes: %s %j', async (name, args) => {
    const tool = tools.find((candidate) => candidate.name === name) as Tool
    expect(await tool.effect(args, signal)).toBe('destructive')
  })
})
