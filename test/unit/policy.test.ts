import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import {
  createPolicy,
  type Governed,
  type PolicyOptions,
  proxyMode,
  unknownNames,
} from '../../src/dispatch/policy.ts'

const tool = (name: string, group: Governed['group'], readOnlyHint: boolean): Governed => ({
  name,
  group,
  annotations: { readOnlyHint },
})
const list = tool('list-customers', 'actions', true)
const create = tool('create-note', 'actions', false)
const proxy = tool('proxy_request', 'proxy', false)
const readProxy = tool('proxy_request', 'proxy', true)
const all = [list, create, proxy]
const options = (given: Partial<PolicyOptions> = {}): PolicyOptions => ({
  readOnly: false,
  tools: undefined,
  excludeTools: [],
  proxy: 'full',
  ...given,
})

describe('a tool', () => {
  it.each<[Partial<PolicyOptions>, typeof list, string | undefined]>([
    [{}, create, undefined],
    [{ readOnly: true }, list, undefined],
    [{ readOnly: true }, create, '--read-only'],
    [{ readOnly: true }, proxy, '--read-only'],
    [{ readOnly: true }, readProxy, undefined],
    [{ readOnly: true, tools: ['create-note'] }, create, '--read-only'],
    [{ tools: ['create-note'] }, create, undefined],
    [{ tools: ['actions'] }, create, undefined],
    [{ tools: ['actions'] }, proxy, '--tools'],
    [{ tools: [] }, list, '--tools'],
    [{ excludeTools: ['actions'] }, list, '--exclude-tools'],
    [{ excludeTools: ['list-customers'], tools: ['list-customers'] }, list, '--exclude-tools'],
    [{ excludeTools: ['create-note'] }, list, undefined],
    [{ proxy: 'off' }, readProxy, '--proxy'],
    [{ proxy: 'off' }, create, undefined],
    [{ proxy: 'read' }, readProxy, undefined],
  ])('under %j: %j is refused for %s', (given, which, option) => {
    const why = createPolicy(options(given)).refusal(which, localPrincipal)
    expect(/--[a-z-]+/.exec(why ?? '')?.[0]).toBe(option)
  })
})

it.each<[Partial<PolicyOptions>, string]>([
  [{}, 'full'],
  [{ proxy: 'read' }, 'read'],
  [{ readOnly: true }, 'read'],
  [{ readOnly: true, proxy: 'full' }, 'read'],
])('under %j the proxy may %s', (given, mode) => {
  expect(proxyMode(options(given))).toBe(mode)
})

it('names what is neither a tool nor a group', () => {
  const given = options({
    tools: ['actions', 'list-customer', 'proxy_request'],
    excludeTools: ['writes', 'constructor', 'proxy'],
  })
  expect(unknownNames(given, all)).toEqual(['list-customer', 'writes', 'constructor'])
  expect(unknownNames(options(), all)).toEqual([])
})
