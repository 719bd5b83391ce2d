import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { unwrapResponse } from '../../src/membrane/app-call.ts'
import { noticesOf } from '../../src/response/formatter.ts'
import { toToolOutput } from '../../src/response/tool-output.ts'

const customer = { type: 'customer', id: 'c1', attributes: { name: 'Ada' } }

describe('the response in an answer', () => {
  it.each<[string, unknown, unknown]>([
    [
      'an envelope with body',
      { status: 200, headers: {}, body: { data: [] } },
      { status: 200, body: { data: [] } },
    ],
    [
      'an envelope with data',
      { status: 200, headers: {}, data: { data: customer } },
      { status: 200, body: { data: customer } },
    ],
    ['an envelope without headers', { status: 201, body: null }, { status: 201, body: null }],
    ['an envelope without a body', { status: 204, headers: {} }, { status: 204, body: undefined }],
    ['both body and data', { status: 200, headers: {}, body: 1, data: 2 }, { status: 200, body: 1 }],
    ['a bare body', { data: [customer] }, { body: { data: [customer] } }],
    [
      'a bare body with a status of its own',
      { status: 'open', data: {} },
      { body: { status: 'open', data: {} } },
    ],
    [
      'an envelope without headers, with data',
      { status: 200, data: { data: customer } },
      { status: 200, body: { data: customer } },
    ],
    [
      'a redirect',
      { status: 302, headers: { Location: 'https://files.example/a' }, body: '' },
      { status: 302, body: '', location: 'https://files.example/a' },
    ],
    ['a status that is none', { status: 42, headers: {} }, { body: { status: 42, headers: {} } }],
    ['no errors', { errors: [] }, { body: { errors: [] } }],
    ['nothing', undefined, { body: undefined }],
    ['text', 'x', { body: 'x' }],
    ['a list', [1], { body: [1] }],
  ])('is read from %s', (_, document, expected) => {
    expect(unwrapResponse(document)).toEqual(expected)
  })

  it('is what the app sent, whatever it sent', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.integer({ min: 100, max: 399 }), (body, status) => {
        expect(unwrapResponse({ status, headers: {}, body })).toEqual({ status, body })
      }),
    )
  })
})

describe('the answer made of a body', () => {
  it.each<[string, unknown, unknown]>([
    ['one record', { data: customer }, customer],
    [
      'a list with its page',
      {
        data: [customer],
        meta: { page: 1, pageSize: 2, total: 9 },
        links: { next: '/v1/customers?page=2&pageSize=2' },
      },
      { data: [customer], page: { page: 1, pageSize: 2, next: 2, total: 9 } },
    ],
    [
      'a last page',
      { data: [customer], meta: { page: 3, pageSize: 2 }, links: { next: null } },
      { data: [customer], page: { page: 3, pageSize: 2 } },
    ],
    ['an empty list', { data: [], meta: { page: 1 } }, { data: [], page: { page: 1 } }],
    [
      'a cursor',
      { data: [], links: { next: '/v1/x?page[after]=abc' } },
      { data: [], page: { next: '/v1/x?page[after]=abc' } },
    ],
    [
      'an empty page parameter',
      { data: [], links: { next: '/v1/x?page=' } },
      { data: [], page: { next: '/v1/x?page=' } },
    ],
    [
      'included records',
      { data: [customer], included: [{ id: 'x' }], jsonapi: {} },
      { data: { data: [customer], included: [{ id: 'x' }] } },
    ],
    ['no included records', { data: [customer], included: [] }, { data: [customer] }],
    ['what is no document', { total: 5, data: 5 }, { data: { total: 5, data: 5 } }],
    ['a list', [1, 2], { data: [1, 2] }],
    ['text', 'x', { data: 'x' }],
    ['zero', 0, { data: 0 }],
    ['false', false, { data: false }],
  ])('of %s', (_, body, expected) => {
    const wanted = expected === customer ? { data: customer } : expected
    expect(toToolOutput({ body })).toEqual(wanted)
  })

  it.each([
    'https://evil.example/v1?page=2',
    '//evil.example/?page=2',
    '/\\evil.example',
    'javascript:x',
    '',
    5,
    {},
  ])('has no next page that leads elsewhere: %j', (next) => {
    const body = { data: [], meta: { page: 1 }, links: { next } }
    expect(toToolOutput({ body }).page).toEqual({ page: 1 })
  })

  it.each([
    [undefined, undefined, 'The action gave no output.'],
    [null, 204, 'The API answered 204 without a body.'],
    ['', 200, 'The API answered 200 without a body.'],
  ])('of nothing (%j, %s) says so', (body, status, notice) => {
    expect(toToolOutput({ body, status })).toEqual({ data: null, notices: [notice] })
  })

  it.each<[unknown, number]>([
    [{ data: customer }, 1],
    [
      {
        data: [
          { type: 'user', id: 'u', attributes: {}, relationships: { x: { data: { type: 'message' } } } },
        ],
      },
      1,
    ],
    [[{ type: 'conversation' }], 1],
    [{ data: { type: 'user', attributes: {} } }, 0],
    [{ data: { ...customer, attributes: { isMasked: true } } }, 2],
    [{ data: { type: 'team', attributes: { isMasked: 'true' } } }, 0],
  ])('of %j has %i notices', (body, count) => {
    expect(noticesOf(toToolOutput({ body }).data)).toHaveLength(count)
  })
})
