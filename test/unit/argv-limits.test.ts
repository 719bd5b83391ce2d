import { describe, expect, it } from 'vitest'
import type { ProxyRequest } from '../../src/membrane/app-call.ts'
import * as argv from '../../src/membrane/argv.ts'
import { current, dialects, old } from './dialects.ts'

const id = '66b0c0ffee0000000000a001'

describe('the size of an argument', () => {
  const limit = 120 * 1024
  const frame = Buffer.byteLength('--input={"a":""}')
  it.each([
    ['a', limit - frame, true],
    ['a', limit - frame + 1, false],
    ['é', Math.floor((limit - frame) / 2), true],
    ['é', Math.floor((limit - frame) / 2) + 1, false],
    ['日', Math.floor((limit - frame) / 3), true],
    ['日', Math.floor((limit - frame) / 3) + 1, false],
    ['😀', Math.floor((limit - frame) / 4) + 1, false],
    ['"', (limit - frame) / 2, true],
    ['"', (limit - frame) / 2 + 1, false],
  ])('is counted in bytes: %s, %d times', (unit, count, fits) => {
    const build = () => argv.runAction(id, id, { a: unit.repeat(count) }, old)
    if (fits) expect(Buffer.byteLength(build()[4] ?? '')).toBeLessThanOrEqual(limit)
    else expect(build).toThrow(expect.objectContaining({ reason: 'too-large' }))
  })

  it.each(dialects)('holds for every part of a request, in the %s dialect', (_, can) => {
    const long = 'x'.repeat(limit)
    const empty = { method: 'POST' as const, path: '/v1', query: [], pathParams: {}, headers: [] }
    for (const part of [
      { query: [['a', long]] as const },
      { headers: [['a', long]] as const },
      { body: { raw: long } },
      { body: { json: long } },
    ])
      expect(() => argv.request(id, { ...empty, ...part }, can)).toThrow(
        expect.objectContaining({ reason: 'too-large' }),
      )
  })
})

describe('act --api', () => {
  const api = (request: Partial<ProxyRequest>) =>
    JSON.parse(
      (
        argv.request(
          id,
          { method: 'GET', path: '/v1', query: [], pathParams: {}, headers: [], ...request },
          current,
        )[1] ?? ''
      ).slice('--api='.length),
    )

  it('fills in path parameters, encoded, and leaves unknown ones', () => {
    expect(api({ path: '/v1/{id}/{other}/{constructor}', pathParams: { id: 'a b@c' } }).path).toBe(
      '/v1/a%20b%40c/{other}/{constructor}',
    )
  })

  it('keeps every value of a header that has several', () => {
    const { headers } = api({
      headers: [
        ['Accept', 'a'],
        ['Accept', 'b'],
      ],
    })
    expect(JSON.stringify(headers)).toMatch(/a.*b/)
  })
})
