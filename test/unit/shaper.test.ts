import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import { errorResult } from '../../src/response/envelope.ts'
import { createResponseFormatter, type FormatterOptions } from '../../src/response/formatter.ts'
import { createResultStore } from '../../src/response/result-store.ts'

const shaper = (options: Partial<FormatterOptions> = {}) =>
  createResponseFormatter({
    output: 'compact',
    resultFormat: 'both',
    maxResultChars: 32_000,
    store: createResultStore(),
    ...options,
  })
const textOf = (result: { content: { text: string }[] }) => result.content[0]?.text ?? ''
const message = (id: number, attributes: object = {}) => ({
  type: 'message',
  id: `m${id}`,
  attributes: { preview: 'Hi', ...attributes },
})

describe('a success', () => {
  it.each(['compact', 'raw'] as const)(
    'is the same object as text and as structured content: %s',
    (output) => {
      const shape = shaper({ output })
      fc.assert(
        fc.property(fc.jsonValue(), (data) => {
          const result = shape({ data })
          expect(JSON.parse(textOf(result))).toEqual(JSON.parse(JSON.stringify(result.structuredContent)))
          expect(result.isError).toBeUndefined()
        }),
      )
    },
  )

  it('has no page and no notices where there are none', () => {
    expect(shaper()({ data: [1] }).structuredContent).toEqual({ data: [1] })
    expect(shaper()({ data: undefined }).structuredContent).toEqual({ data: null })
  })

  it('says that outsiders wrote its text, and that values are masked, compact or raw', () => {
    for (const output of ['compact', 'raw'] as const) {
      const masked = { isMasked: true, maskedPresentation: '' }
      const { structuredContent } = shaper({ output })({ data: [message(1, { subject: masked })] })
      expect(structuredContent?.['notices']).toEqual([
        expect.stringMatching(/outside your organisation/),
        expect.stringMatching(/masked/),
      ])
      expect(JSON.stringify(structuredContent)).toContain(JSON.stringify(masked))
    }
  })

  it('passes on what is marked exact as it is', () => {
    const data = [{ key: 'x', inputSchema: { type: 'object', default: '', required: [], x: null } }]
    expect(shaper()({ data, exact: true }).structuredContent).toEqual({ data })
  })
})

describe('--result-format', () => {
  const answer = { data: [message(1), message(2)], page: { page: 1 } }

  test('text gives text alone', () => {
    const { content, structuredContent } = shaper({ resultFormat: 'text' })(answer)
    expect(structuredContent).toBeUndefined()
    expect(JSON.parse(content[0]?.text ?? '').data).toHaveLength(2)
  })

  test('structured gives a short JSON text that says where the answer is', () => {
    const { content, structuredContent } = shaper({ resultFormat: 'structured' })(answer)
    expect(structuredContent?.['data']).toHaveLength(2)
    expect(JSON.parse(content[0]?.text ?? '')).toMatchObject({
      structuredContent: expect.stringMatching(/2 records/),
      page: { page: 1 },
      notices: [expect.stringMatching(/outside/)],
    })
  })
})

it('a failure is its reason, what happened, what to do, and its facts, cleaned', () => {
  const failure = new ToolError('not-connected', 'There is no connection.', { data: { names: ['a\u202eb'] } })
  const result = errorResult(failure)
  expect(result.isError).toBe(true)
  expect(textOf(result)).toMatch(
    /^not-connected: There is no connection\. Call connect-kustomer .*\n\{"names":\["ab"\]\}$/,
  )
  expect(result.structuredContent).toBeUndefined()
})
