import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import { fillPath, fillPathParams } from '../../src/kustomer/proxy-checks.ts'
import { base, checked, expectNoClimb } from './lenient-server.ts'

describe('a path parameter', () => {
  const filled = (path: string, value: unknown) => {
    try {
      const filled = fillPathParams({ id: value as string }, path)
      return fillPath(filled.path, filled.pathParams)
    } catch (error) {
      expect((error as ToolError).reason).toBe('invalid-input')
      return undefined
    }
  }

  it('never adds a segment or leaves the host', () => {
    const value = fc.oneof(
      fc.string({
        unit: fc.constantFrom('.', '/', '%', '2', 'e', 'f', '\\', ';', '?', '#', ' ', '\n', '@', ':', 'a'),
      }),
      fc.string({ unit: 'binary' }),
    )
    const path = fc.constantFrom(
      '/v1/customers/{id}',
      '/{id}/x',
      '/v1/{id}/notes',
      '/v1/.{id}/x',
      '/v1/email={id}',
    )
    fc.assert(
      fc.property(path, value, (template, given) => {
        const result = filled(template, given)
        if (result === undefined) return
        expect(new URL(result, base).pathname.split('/')).toHaveLength(template.split('/').length)
        expectNoClimb(result)
        expect(checked(result)).toEqual({ path: result, query: [] })
      }),
      { numRuns: 3000 },
    )
  })

  it('leaves as many segments as the template, however it is decoded', () => {
    /** Every text that a server may take a path for: decoded as UTF-8 or byte by byte, and made plain, up to six times. */
    const readings = (text: string, depth = 6): string[] => {
      const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex) =>
        String.fromCharCode(Number.parseInt(hex, 16)),
      )
      const utf8 = text.replace(/(?:%[0-9a-f]{2})+/gi, (run) =>
        Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
      )
      const others = [bytes, utf8, text.normalize('NFKC')].filter((reading) => reading !== text)
      return depth === 0 ? [text] : [text, ...new Set(others.flatMap((other) => readings(other, depth - 1)))]
    }
    const unit = fc.constantFrom(
      ...[
        '/',
        '\\',
        '.',
        '%',
        '%2',
        'f',
        'F',
        'c',
        'C',
        '5',
        '25',
        'e',
        ' ',
        '／',
        '＼',
        '．',
        '％',
        'é',
        '"',
        'a',
      ],
    )
    const template = fc.constantFrom(
      '/v1/customers/{id}',
      '/v1/customers/{id}/notes',
      '/v1/customers/email={id}',
    )
    fc.assert(
      fc.property(template, fc.string({ unit, maxLength: 12 }), (path, value) => {
        const result = filled(path, value)
        if (result === undefined) return
        for (const reading of readings(result))
          expect(reading.split(/[/\\]/), reading).toHaveLength(path.split('/').length)
      }),
      { numRuns: 2000 },
    )
  })

  it('completes no encoding that the path begins', () => {
    const template = '/v1/%25{id}%25{id}/%25{id}%25{id}/admin'
    const accepted = checked(template) && filled(template, '2e')
    if (accepted) expectNoClimb(template.replaceAll('{id}', '2e'))
  })

  it.each(['a', 'a@b.com', '+15550100', 5, 'ext-1', '5f00000000000000000000aa', true])(
    '%j is passed on',
    (value) => {
      expect(filled('/v1/{id}', value)).toBe(`/v1/${value}`)
    },
  )

  it.each([
    ['a b', 'a%20b'],
    ['ü', '%C3%BC'],
    ['50%', '50%25'],
    ['a?b', 'a%3Fb'],
    ['a#b', 'a%23b'],
    ['注文-1', '%E6%B3%A8%E6%96%87-1'],
    ['Zażółć', 'Za%C5%BC%C3%B3%C5%82%C4%87'],
    ['😀', '%F0%9F%98%80'],
    ['"a"', '%22a%22'],
    ["o'b", "o'b"],
    ['a&b=c', 'a%26b%3Dc'],
    ['100%25', '100%2525'],
    ['{id}', '%7Bid%7D'],
  ])('%j is encoded', (value, encoded) => {
    expect(fillPathParams({ id: value }, '/v1/{id}')).toEqual({ path: `/v1/${encoded}`, pathParams: {} })
  })

  it.each([
    ...['', '.', '..', 'a/b', 'a\\b', '%2e', '../x', '..;', 'x'.repeat(257)],
    // Slashes and dots that appear when it is decoded once, twice, or made plain.
    ...[
      '%2f',
      'a%2Fb',
      'a%252Fb',
      'a%25252fb',
      'a%5cb',
      '%2e%2e',
      '%252e%252e',
      'a／b',
      '．．',
      'a%EF%BC%8Fb',
      'a\uFF3Cb',
    ],
    ...['a\nb', 'a\0', '\u007f', '\u001b[31m', 'a%00', 'a%250Ab', ' a', 'a ', '\ud800'],
  ])('%j is refused', (value) => {
    expect(filled('/v1/{id}', value)).toBeUndefined()
  })

  it('needs its place in the path', () => {
    expect(() => fillPathParams({ other: 'x' }, '/v1/{id}')).toThrow(ToolError)
    expect(() => fillPathParams({}, '/v1/{id}')).toThrow(/id/)
    expect(() => fillPathParams({ id: 'x', other: 'y' }, '/v1/{id}')).toThrow(/other/)
    expect(() => fillPathParams({}, '/v1/{constructor}')).toThrow(/constructor/)
    expect(fillPathParams({}, '/v1')).toEqual({ path: '/v1', pathParams: {} })
  })
})
