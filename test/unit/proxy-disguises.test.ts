import { describe, expect, it } from 'vitest'
import { checkHeaders, checkPath, checkQuery } from '../../src/kustomer/proxy-checks.ts'
import {
  decodeAllForms,
  hasDestructiveFlag,
  riskOfAnyAction,
  riskOfRequest,
} from '../../src/kustomer/risk.ts'
import { identifier } from '../../src/membrane/argv.ts'

const refused = expect.objectContaining({ reason: 'invalid-input' })
const thrown = (task: () => unknown): unknown => {
  try {
    return task()
  } catch (error) {
    return error
  }
}

describe('another method than the one that was judged', () => {
  it.each(
    [
      ...['_method', '__method', '_METHOD', '%5Fmethod', '%255Fmethod', '_method[]', ' _method', '＿method'],
      ...['http_method', 'X-HTTP-Method-Override', 'x-http-method', 'methodOverride', 'method-override'],
    ].filter((name) => name !== 'http_method'),
  )('is not taken from the query %s', (name) => {
    expect(thrown(() => checkQuery({ [name]: 'DELETE' }))).toEqual(refused)
    expect(thrown(() => checkPath(`/v1/customers?${encodeURIComponent(name)}=DELETE`))).toEqual(refused)
  })

  it.each(['X-HTTP-Method', 'X-Method-Override', 'X-HTTP-Verb', 'X-Override', 'Content-Encoding'])(
    'is not taken from the header %s',
    (name) => {
      expect(thrown(() => checkHeaders({ [name]: 'DELETE' }))).toEqual(refused)
    },
  )

  it.each<[unknown]>([
    [{ _method: 'DELETE' }],
    ['_method=DELETE'],
    ['_method=PUT'],
    ['{"_method":"DELETE"}'],
    [{ method: ' delete ' }],
    [{ request: { verb: ['DELETE'] } }],
    [{ method: { toString: 'delete' } }],
    [{ headers: { 'X-HTTP-Method-Override': 'DELETE' } }],
    [{ headers: { x_http_method_override: 'PUT' } }],
    [{ options: { request: { headers: { xMethodOverride: 'delete' } } } }],
    [{ headers: [{ name: 'X-Http-Method-Override', value: 'DELETE' }] }],
    [{ headers: [['x-method-override', 'DELETE']] }],
    [{ replace: true }],
    [{ replace: 1 }],
    [{ options: { replaceAll: 'yes' } }],
    [{ deleted: 'true' }],
  ])('in a body is destructive: %j', (body) => {
    expect(hasDestructiveFlag(body)).toBe(true)
    expect(riskOfRequest({ method: 'POST', path: '/v1/notes', query: [] }, body)).toBe('destructive')
  })

  it.each<[unknown]>([
    [{ method: 'POST' }],
    [{ paymentMethod: 'delete it' }],
    [{ replace: false, deleted: 'false' }],
    [{ body: 'Use the method override.' }],
    [undefined],
  ])('is not suspected in the body %j', (body) => {
    expect(hasDestructiveFlag(body)).toBe(false)
  })

  it.each(['_method', 'X-HTTP-Method-Override', 'method_override'])(
    'in the query is destructive: %s',
    (name) => {
      expect(riskOfRequest({ method: 'POST', path: '/v1/notes', query: [[name, 'DELETE']] })).toBe(
        'destructive',
      )
    },
  )

  it.each(['method', 'payment_method', 'page', 'methods'])('is not suspected in the query %s', (name) => {
    expect(checkQuery({ [name]: 'x' })).toEqual([[name, 'x']])
  })
})

describe('a body that says something else than it seems to', () => {
  it.each([
    'application/json; charset=utf-16',
    'application/json;charset="utf-7"',
    'text/plain; Charset=latin1',
  ])('by the character set of %s is refused', (value) => {
    expect(thrown(() => checkHeaders({ 'Content-Type': value }))).toEqual(refused)
  })

  it.each(['application/json', 'application/json; charset=utf-8', 'text/csv; charset="UTF-8"'])(
    'is not suspected for %s',
    (value) => {
      expect(checkHeaders({ 'content-type': value })).toEqual([['content-type', value]])
    },
  )

  it.each([
    '{"deleted":true,"deleted":false}',
    '{"\\u0064eleted":true,"deleted":false}',
    '{"a":{"deleted":true},"b":{"deleted":true}}',
  ])('by a name that stands twice is destructive: %s', (text) => {
    expect(hasDestructiveFlag(text)).toBe(true)
  })

  it.each(['{"deleted":false}', '{"name":"x"}', '[{"a":"\\u00e9"}]'])('is not suspected for %s', (text) => {
    expect(hasDestructiveFlag(text)).toBe(false)
  })
})

describe('letters that stand for others', () => {
  it.each(['/v1/．．/x', '/v1/%EF%BC%8E%EF%BC%8E/x', '/v1/x／..／y', '/／evil.example', '/v1/a＼b'])(
    'make no way up and no other host: %s',
    (path) => {
      expect(thrown(() => checkPath(path))).toEqual(refused)
    },
  )

  it('are read as what they stand for', () => {
    expect(decodeAllForms('%EF%BD%8Derges')).toContain('merges')
    for (const path of [
      '/v1/customers/ｍerges',
      '/v1/customers/%EF%BD%8Derges',
      '/v1/customers/%25EF%25BD%258Derges',
    ])
      expect(riskOfRequest({ method: 'POST', path, query: [] })).toBe('destructive')
    for (const name of ['re%70lace', 're%2570lace', 'ｒeplace'])
      expect(riskOfRequest({ method: 'PUT', path: '/v1/customers/x', query: [[name, 'true']] })).toBe(
        'destructive',
      )
  })
})

it.each(['.', '..'])('%s is no id', (value) => {
  expect(thrown(() => identifier(value))).toEqual(refused)
})

describe('an action that is not built in', () => {
  const effect = (name: string, method?: string, path?: string, input: unknown = {}) =>
    riskOfAnyAction({ name, method, path, readOnly: method === 'GET' }, input)

  it.each<[string, string | undefined, string | undefined, object, string]>([
    ['Do it', 'POST', '/v1/messages', {}, 'customer-visible'],
    ['Do it', 'POST', 'https://api.kustomerapp.com/v1/customers/merges', {}, 'destructive'],
    ['Do it', 'PUT', '/v1/customers/{{id}}?replace=true', {}, 'destructive'],
    ['Do it', 'POST', '/v1/{{ $.input.what }}', { what: 'messages' }, 'customer-visible'],
    ['Do it', 'POST', '/v1/{{what}}', { what: 'notes/../messages' }, 'customer-visible'],
    ['Do it', 'POST', '/v1/{{ $.input.to.what }}', { to: { what: 'messages' } }, 'customer-visible'],
    ['Do it', 'POST', '/v1/notes?_method=DELETE', {}, 'destructive'],
    ['Do it', 'POST', '/v1/notes', { replace: true }, 'destructive'],
    ['Do it', 'POST', '/v1/notes', { method: 'Delete' }, 'destructive'],
    ['HTTP call', undefined, undefined, {}, 'destructive'],
    ['HTTP call', 'POST', undefined, {}, 'destructive'],
    ['Add note', undefined, undefined, {}, 'internal'],
    ['Add note', undefined, undefined, { headers: { 'X-HTTP-Method-Override': 'DELETE' } }, 'destructive'],
    ['remove-conversation-tags', 'DELETE', '/v1/conversations/{id}/tags', { id: 'f'.repeat(24) }, 'internal'],
    ['Remove note', 'DELETE', '/v1/notes/{id}', {}, 'destructive'],
    ['Remove note', 'POST', '/v1/notes', {}, 'internal'],
    ['Send something', 'POST', '/v1/hooks', {}, 'customer-visible'],
    ['Add note', 'POST', '/v1/hooks', {}, 'record'],
    ['Update', 'PUT', '/v1/companies/{id}', { deleted: true }, 'destructive'],
    ['Send something', 'POST', undefined, {}, 'customer-visible'],
    ['Do it', 'DELETE', undefined, {}, 'destructive'],
    ['Do it', undefined, '/v1/messages', {}, 'destructive'],
  ])('%s %s %s with %j: %s', (name, method, path, input, expected) => {
    expect(effect(name, method, path, input)).toBe(expected)
  })

  it('is no read when its input asks to delete', () => {
    const action = { name: 'find-anything', readOnly: true, path: undefined }
    expect(riskOfAnyAction({ ...action, method: undefined }, { method: 'DELETE' })).toBe('destructive')
    expect(riskOfAnyAction({ ...action, method: undefined }, { method: 'GET' })).toBe('read')
    expect(riskOfAnyAction({ ...action, method: 'GET' }, { method: 'DELETE' })).toBe('read')
  })
})
