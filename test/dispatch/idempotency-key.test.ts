import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import type { Arguments } from '../../src/catalog/coerce.ts'
import { toLiveAction } from '../../src/catalog/live-action.ts'
import type { Membrane } from '../../src/membrane/client.ts'
import { idempotencyKeyOf } from '../../src/tools/idempotency-key.ts'
import type { Tool } from '../../src/tools/tool.ts'
import type { Json } from '../support/harness.ts'
import { actionId, liveActions } from '../support/samples.ts'
import { contextWith, dispatcherOn, id } from './support.ts'

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

const answer = async () => ({ status: 200, body: { done: true } })
const membrane = { request: answer, runAction: answer } as unknown as Membrane
const { registry, dispatch } = dispatcherOn(contextWith(live, { membrane }), {}, { confirmMode: 'writes' })

const toolOf = (name: string): Tool => {
  const tool = registry.get(name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  return tool
}
const keyOf = async (name: string, args: Arguments) =>
  (await toolOf(name).prepare(args, signal)).idempotencyKey

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
    'numbers as text of an action that is not built in',
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

describe('an idempotency key', () => {
  it.each(same)('is one for %s', async (_, spellings) => {
    const keys = await Promise.all(spellings.map(([name, args]) => keyOf(name, args)))
    expect([...new Set(keys)]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)])
  })

  it('differs for every other write', async () => {
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
    const keys = await Promise.all(others.map(([name, args]) => keyOf(name, args)))
    expect(new Set(keys).size).toBe(others.length)
  })

  it.each<Spelling>([
    ['list-customers', {}],
    ['proxy_request', { path: '/v1/customers' }],
    ['run-action', { action: 'list-customers', input: {} }],
    ['search', { type: 'customer' }],
  ])('is absent on a read: %s', async (name, args) => {
    expect(await keyOf(name, args)).toBeUndefined()
  })

  it('is equal just where the JSON is', () => {
    const args = fc.dictionary(fc.string(), fc.jsonValue())
    fc.assert(
      fc.property(args, args, fc.string(), (one, another, tool) => {
        const key = idempotencyKeyOf(tool, one)
        expect(idempotencyKeyOf(tool, reversed(one))).toBe(key)
        expect(idempotencyKeyOf(`${tool}x`, one)).not.toBe(key)
        expect(idempotencyKeyOf(tool, another) === key).toBe(canonical(one) === canonical(another))
      }),
      { numRuns: 300 },
    )
  })

  it('refuses arguments that nest too deeply', () => {
    const nested = (depth: number) => JSON.parse(`${'[{"a":'.repeat(depth / 2)}1${'}]'.repeat(depth / 2)}`)
    expect(idempotencyKeyOf('x', nested(100))).toMatch(/^[0-9a-f]{64}$/)
    for (const depth of [300, 4000, 100_000])
      expect(() => idempotencyKeyOf('x', nested(depth))).toThrow(
        expect.objectContaining({ reason: 'invalid-input' }),
      )
  })
})

it.each(same)('a token fits every spelling of one tool: %s', async (_, [first, ...others]) => {
  for (const [name, args] of others.filter(([other]) => other === first?.[0])) {
    const [firstName, firstArgs] = first as Spelling
    const plan = await dispatch(toolOf(firstName), firstArgs, { principal: localPrincipal, signal })
    const data = 'envelope' in plan ? (plan.envelope.data as { confirmationToken: string }) : undefined
    const confirmed = { ...args, confirmationToken: data?.confirmationToken }
    expect(await dispatch(toolOf(name), confirmed, { principal: localPrincipal, signal })).toEqual({
      envelope: { data: { done: true } },
    })
  }
})

describe('JSON text that becomes an object', () => {
  it.each<Spelling>([
    ['update-customer', { id, custom: '{"deleted": true}' }],
    ['run-action', { action: 'tidy-up', input: { rules: '{"deleted": true}' } }],
  ])('has the risk of the object: %s %j', async (name, args) => {
    expect(await toolOf(name).prepare(args, signal)).toMatchObject({ risk: 'destructive' })
  })
})

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, reversed(member)]),
  )
}

/** One text for all objects that are equal but for the order of their names. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const names = Object.keys(value).sort()
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`
}
