import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { causesIn } from '../../src/membrane/causes.ts'
import { resetSecondsIn } from '../../src/membrane/headers.ts'
import { errorIn, errorOf, responseError } from './app-answers.ts'
import { exit, json } from './error-cases.ts'

describe('the cause in an error body', () => {
  it.each<[string, unknown, string]>([
    ['a text', 'Internal Server Error', 'Internal Server Error'],
    ['error as text', { error: 'pageSize is too large' }, 'pageSize is too large'],
    ['error as object', { error: { code: 404, message: 'No such customer' } }, 'No such customer'],
    [
      'a list of texts',
      { errors: ['pageSize is too large', 'page is 0'] },
      'pageSize is too large; page is 0',
    ],
    ['errors as one object', { errors: { title: 'No' } }, 'No'],
    ['errors by field', { errors: { email: ['is taken', 'is long'] } }, 'email: is taken; email: is long'],
    [
      'errors within errors',
      {
        errors: [{ code: 'c', message: 'Invalid', errors: [{ path: 'emails[0]', message: 'is no email' }] }],
      },
      'Invalid: is no email (at emails[0])',
    ],
    [
      'JSON:API',
      { errors: [{ title: 'Invalid', detail: 'must be an email', source: { pointer: '/data/email' } }] },
      'Invalid: must be an email (at /data/email)',
    ],
    ['a code alone', { errors: [{ code: 'notfound' }] }, 'notfound'],
    [
      'a description',
      { error: 'invalid_grant', error_description: 'Token expired' },
      'Token expired: invalid_grant',
    ],
    ['a list at the root', [{ message: 'No' }], 'No'],
    [
      'details',
      { message: 'Invalid', details: [{ field: 'name', message: 'is empty' }] },
      'Invalid: is empty (at name)',
    ],
    ['a page of a gateway', '<html><body>502</body></html>', ''],
    ['nothing', null, ''],
    ['an echo', { data: 'sent text', message: 'No' }, 'No'],
  ])('is read from %s', (_, body, cause) => {
    expect(causesIn(body).join('; ')).toBe(cause)
    if (cause !== '') expect(responseError(422, body, true)?.message).toContain(cause)
  })

  it('is read from any JSON without an exception', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 12 }), (body) => {
        expect(causesIn(body).every((cause) => typeof cause === 'string')).toBe(true)
      }),
    )
  })

  it('is told in both dialects', () => {
    const envelope = { status: 400, data: { error: 'pageSize is too large' } }
    for (const error of [errorIn(envelope, true, 'response'), errorIn({ output: envelope }, true, 'run')])
      expect(error).toMatchObject({
        reason: 'invalid-input',
        message: 'Kustomer answered 400: “pageSize is too large”.',
      })
  })
})

const now = Date.parse('2026-11-25T08:00:00Z')

describe('the reset of a rate limit', () => {
  it.each<[string, object | undefined, number | undefined]>([
    ['seconds', { 'retry-after': '17' }, 17],
    ['a number', { 'retry-after': 17 }, 17],
    ['any spelling', { 'Retry-After': '17' }, 17],
    ['a list', { 'RETRY-AFTER': ['17'] }, 17],
    ['a date', { 'retry-after': 'Wed, 25 Nov 2026 08:00:20 GMT' }, 20],
    ['milliseconds', { 'retry-after-ms': '1500' }, 2],
    ['epoch seconds', { 'X-RateLimit-Reset': String(now / 1000 + 42) }, 42],
    ['epoch milliseconds', { 'x-ratelimit-reset': String(now + 42_000) }, 42],
    ['seconds of the reset', { 'ratelimit-reset': '30' }, 30],
    ['the first of two', { 'x-ratelimit-reset': '4102444800', 'retry-after': '17' }, 17],
    ['the one that can be', { 'retry-after': 'soon', 'x-ratelimit-reset': String(now / 1000 + 9) }, 9],
    ['the past', { 'retry-after': 'Wed, 25 Nov 2026 07:00:00 GMT' }, undefined],
    ['more than an hour', { 'retry-after': '3601' }, undefined],
    ['text', { 'retry-after': '' }, undefined],
    ['no headers', undefined, undefined],
  ])('is read from %s', (_, headers, seconds) => {
    expect(resetSecondsIn(headers, now)).toBe(seconds)
  })

  const headers = { 'Retry-After': '17' }
  const data = { errors: [{ title: 'too many' }] }
  const envelope = { status: 429, headers, data }
  it.each([
    ['a request', errorIn(envelope, false, 'response')],
    ['a run', errorIn({ output: envelope }, false, 'run')],
    ['an error', errorOf(exit({ stdout: json({ response: envelope, request: {} }) }), false)],
    [
      'a cause',
      errorOf(
        exit({
          stdout: json({
            type: 'action_run',
            message: 'x',
            causedByError: { type: 'internal', message: 'y', data: { response: envelope } },
          }),
        }),
        false,
      ),
    ],
    [
      'an AxiosError',
      errorOf(exit({ stdout: json({ name: 'AxiosError', message: 'x', response: envelope }) }), false),
    ],
  ])('is told for %s', (_, error) => {
    expect(error?.reason).toBe('rate-limited')
    expect(error?.message).toMatch(/The limit is free again in 17 s\./)
  })
})
