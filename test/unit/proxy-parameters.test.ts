import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkHeaders, checkQuery } from '../../src/kustomer/proxy-checks.ts'

const refused = expect.objectContaining({ reason: 'invalid-input' })
const cases = (name: string) => [
  name,
  name.toUpperCase(),
  [...name].map((letter, index) => (index % 2 ? letter.toUpperCase() : letter)).join(''),
]

describe('a header', () => {
  it.each([
    [
      'that belongs to the connection',
      [
        'connection',
        'keep-alive',
        'proxy-authenticate',
        'proxy-connection',
        'te',
        'trailer',
        'transfer-encoding',
        'upgrade',
        'content-length',
        'host',
        'expect',
        'via',
      ],
    ],
    [
      'that says who asks',
      [
        'authorization',
        'proxy-authorization',
        'cookie',
        'set-cookie',
        'x-api-key',
        'api-key',
        'apikey',
        'x-auth-token',
        'x-access-token',
        'x-client-secret',
        'x-authorization',
      ],
    ],
    [
      'that changes the method or the path',
      ['x-http-method-override', 'x-http-method', 'x-method-override', 'x-original-url', 'x-rewrite-url'],
    ],
    ['that says where it comes from', ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip']],
  ])('%s is refused, in any case', (_, names) => {
    const passed = names.flatMap(cases).filter((name) => {
      try {
        checkHeaders({ [name]: 'x' })
        return true
      } catch (error) {
        expect(error).toEqual(refused)
        return false
      }
    })
    expect(passed).toEqual([])
  })

  it.each([
    '',
    ' ',
    'a b',
    'a:b',
    'a\n',
    'ü',
    '-a',
    'a_b',
    'x'.repeat(65),
    '--connectionId=evil',
    '__proto__',
    'host ',
  ])('cannot be called %j', (name) => {
    expect(() => checkHeaders(JSON.parse(`{${JSON.stringify(name)}:"x"}`))).toThrow(refused)
  })

  it.each(['a\r\nHost: evil', 'a\n', '\r', 'a\0', '\u007f', '\u001b[31m'])('cannot hold %j', (value) => {
    expect(() => checkHeaders({ 'X-Note': value })).toThrow(refused)
    expect(() => checkHeaders({ 'X-Note': ['fine', value] })).toThrow(refused)
  })

  it('passes otherwise, one pair for each value', () => {
    expect(checkHeaders({ Accept: 'text/csv', 'Idempotency-Key': 5, 'If-Match': ['a', 'b'] })).toEqual([
      ['Accept', 'text/csv'],
      ['Idempotency-Key', '5'],
      ['If-Match', 'a'],
      ['If-Match', 'b'],
    ])
  })

  it('is refused without repeating its value', () => {
    fc.assert(
      fc.property(fc.constantFrom('Authorization', 'X-Note', 'a b'), (name) => {
        let message = ''
        try {
          checkHeaders({ [name]: 'S3CR3T\n' })
        } catch (error) {
          message = (error as Error).message
        }
        expect(message).toMatch(/^`headers`/)
        expect(message).not.toContain('S3CR3T')
      }),
    )
  })
})

describe('a query parameter', () => {
  it('is passed on as pairs of text', () => {
    expect(
      checkQuery({ page: 2, archived: false, tag: ['a', 'b'], 'filter[createdAt]': '2026', q: 'a=b&c #d é' }),
    ).toEqual([
      ['page', '2'],
      ['archived', 'false'],
      ['tag', 'a'],
      ['tag', 'b'],
      ['filter[createdAt]', '2026'],
      ['q', 'a=b&c #d é'],
    ])
  })

  it.each(['', 'a=b', 'a\n', '\0'])('cannot be called %j', (name) => {
    expect(() => checkQuery({ [name]: 'x' })).toThrow(refused)
  })

  it.each(['a\r\nb', '\0', '\u007f'])('cannot hold %j', (value) => {
    expect(() => checkQuery({ a: value })).toThrow(refused)
    expect(() => checkQuery({ a: ['x', value] })).toThrow(refused)
  })
})
