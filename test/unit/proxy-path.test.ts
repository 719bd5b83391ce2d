import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkPath } from '../../src/kustomer/proxy-checks.ts'
import { checked, expectNoClimb } from './lenient-server.ts'

describe('a path', () => {
  it.each([
    '/',
    '/v1/customers',
    '/v1/customers/email=a%2Bb%40example.com',
    '/v1/customers/{id}/conversations',
    '/v1/kobjects/x.y-z_~',
    '/v1/customers/100%25',
    '/v1/customers/phone=+15550100',
    '/v1/customers/caf%C3%A9',
    '/v1/notes/',
  ])('that is legal is passed on unchanged: %s', (path) => {
    expect(checkPath(path)).toEqual({ path, query: [] })
  })

  const dots = [
    '..',
    '.',
    '%2e%2e',
    '%2E.',
    '.%2e',
    '%252e%252e',
    '%252E.',
    '%25252e%25252e',
    '..;',
    '..;a=b',
    '%2e%2e%3b',
    '.;',
    '%2e',
  ]
  it.each(
    dots.flatMap((part) => [
      `/v1/${part}/x`,
      `/v1/${part}`,
      `/${part}/v1`,
      `/v1%2f${part}%2fx`,
      `/v1%252F${part}`,
    ]),
  )('that climbs is refused: %s', (path) => {
    expect(checked(path)).toBeUndefined()
  })

  it.each([
    ['a question mark', '/v1/..%3Fx'],
    ['a question mark, encoded twice', '/v1/..%253Fx'],
    ['a hash', '/v1/..%23x'],
    ['a space', '/v1/..%20'],
    ['a space before it', '/v1/%20..'],
    ['a broken encoding elsewhere', '/v1/%25/%252e%252e/%252e%252e/admin'],
    ['a broken encoding in two steps', '/v1/%25zz/%25252e%25252e/%25252e%25252e/admin'],
    ['an overlong encoding', '/v1/%25c0%25ae%25c0%25ae/%252e%252e/admin'],
  ])('that climbs once decoded is refused, with %s', (_, path) => {
    expect(checked(path)).toBeUndefined()
  })

  it.each([
    [
      'another host',
      [
        '//evil.example',
        '///evil.example',
        '/\\evil.example',
        '\\\\evil.example',
        '/%2fevil.example',
        '/%2Fevil',
        '/%5cevil',
        '/%252fevil',
        '/%255Cevil',
      ],
    ],
    [
      'a full URL',
      [
        'https://evil.example/v1',
        'HTTP://evil.example',
        'javascript:alert(1)',
        'file:///etc/passwd',
        '@evil.example',
        'evil.example/v1',
        'v1/customers',
        '',
      ],
    ],
    ['a backslash', ['/v1\\..\\x', '/v1/%5c', '/v1/%255c%252e']],
    [
      'control characters',
      [
        '/v1/\n',
        '/v1/\r\nHost: evil',
        '/v1/\0',
        '/v1/\t',
        '/v1/\u007f',
        '/v1/%00',
        '/v1/%0d%0aX',
        '/v1/%250A',
        '/v1/%7f',
        '/v1/%2509',
        '\n/v1',
      ],
    ],
    ['spaces and fragments', ['/v1/a b', '/v1/#x', '/v1 ', ' /v1', '/v1/\u00a0', '/v1/\u2028']],
    ['a broken encoding', ['/v1/%', '/v1/%2', '/v1/%zz', '/v1/%c0%ae%c0%ae/', '/v1/%e0%80%af', '/v1/%ff']],
    ['more than one ?', ['/v1?a=1?b=2']],
    ['too many characters', [`/v1/${'a'.repeat(2000)}`]],
  ])('with %s is refused', (_, paths) => {
    for (const path of paths) expect([path, checked(path)]).toEqual([path, undefined])
  })

  it('that is accepted stays on the host', () => {
    const pieces = fc.constantFrom(
      ...[
        '/',
        '.',
        '..',
        '%',
        '%2e',
        '%2E',
        '%252e',
        '%2f',
        '%252F',
        '%5c',
        '%5C',
        '\\',
        '%00',
        '%0a',
        '%20',
        ' ',
        '%3f',
        '%23',
        '%25',
        '%2525',
      ],
      ...[
        '#',
        '?',
        '@',
        ':',
        ';',
        'v1',
        'a',
        '%61',
        '{id}',
        '25',
        '2e',
        '%c0%ae',
        '%zz',
        '／',
        '．',
        '\t',
        '%c2%85',
        '%ef%bc%8e',
      ],
    )
    const path = fc.oneof(
      fc.array(pieces, { maxLength: 10 }).map((parts) => `/v1/${parts.join('')}`),
      fc.array(pieces, { maxLength: 10 }).map((parts) => `/${parts.join('')}`),
      fc.string({ unit: 'binary' }).map((text) => `/${text}`),
    )
    fc.assert(
      fc.property(path, (given) => {
        const result = checked(given)
        if (result === undefined) return
        expect(given.startsWith(result.path)).toBe(true)
        expectNoClimb(result.path)
      }),
      { numRuns: 5000 },
    )
  })
})

describe('the query inside a path', () => {
  it('is split into pairs', () => {
    expect(checkPath('/v1/customers?page=2&sort=-name&tag=a&tag=b+c')).toEqual({
      path: '/v1/customers',
      query: [
        ['page', '2'],
        ['sort', '-name'],
        ['tag', 'a'],
        ['tag', 'b c'],
      ],
    })
  })

  it.each(['/v1?a=%0d%0aX', '/v1?a=\n', '/v1?a=%00', '/v1?a%0a=1', '/v1?a%3Db=1', '/v1?=1', '/v1?a=\u007f'])(
    'is held to the same rules as `query`: %j',
    (path) => {
      expect(checked(path)).toBeUndefined()
    },
  )
})
