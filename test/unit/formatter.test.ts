import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import { type ResultFormat, resultFormatFor, toMcpResult } from '../../src/mcp/call-result.ts'
import type { ToolOutput } from '../../src/response/envelope.ts'
import { createResponseFormatter, type FormatterOptions } from '../../src/response/formatter.ts'
import { createResultStore } from '../../src/response/result-store.ts'

const formatter = (options: Partial<FormatterOptions> = {}) =>
  createResponseFormatter({
    output: 'compact',
    maxResultChars: 32_000,
    store: createResultStore(),
    ...options,
  })
const resultOf = (output: ToolOutput, format: ResultFormat = 'both') => {
  const result = toMcpResult({ envelope: formatter()(output) }, format)
  return { ...result, text: result.content.map((part) => ('text' in part ? part.text : '')).join('') }
}
const message = (id: number, attributes: object = {}) => ({
  type: 'message',
  id: `m${id}`,
  attributes: { preview: 'Hi', ...attributes },
})

describe('an envelope', () => {
  it.each(['compact', 'raw'] as const)('is the same JSON in text and structure: %s', (output) => {
    const format = formatter({ output })
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const { content, structuredContent, isError } = toMcpResult({ envelope: format({ data }) }, 'both')
        expect(JSON.parse((content[0] as { text: string }).text)).toEqual(
          JSON.parse(JSON.stringify(structuredContent)),
        )
        expect(isError).toBeUndefined()
      }),
    )
  })

  it('omits page and notices where there are none', () => {
    expect(formatter()({ data: [1] })).toEqual({ data: [1] })
    expect(formatter()({ data: undefined })).toEqual({ data: null })
  })

  it.each(['compact', 'raw'] as const)('notes outsiders’ text and masked values: %s', (output) => {
    const masked = { isMasked: true, maskedPresentation: '' }
    const envelope = formatter({ output })({ data: [message(1, { subject: masked })] })
    expect(envelope.notices).toEqual([
      expect.stringMatching(/outside your organisation/),
      expect.stringMatching(/masked/),
    ])
    expect(JSON.stringify(envelope)).toContain(JSON.stringify(masked))
  })

  it('keeps data that is marked exact', () => {
    const data = [{ key: 'x', inputSchema: { type: 'object', default: '', required: [], x: null } }]
    expect(formatter()({ data, exact: true })).toEqual({ data })
  })
})

describe('--result-format', () => {
  const answer = { data: [message(1), message(2)], page: { page: 1 } }

  it('text gives text alone', () => {
    const { text, structuredContent } = resultOf(answer, 'text')
    expect(structuredContent).toBeUndefined()
    expect(JSON.parse(text).data).toHaveLength(2)
  })

  it('structured gives a text that points to the structure', () => {
    const { text, structuredContent } = resultOf(answer, 'structured')
    expect(structuredContent?.['data']).toHaveLength(2)
    expect(JSON.parse(text)).toMatchObject({
      structuredContent: expect.stringMatching(/2 records/),
      page: { page: 1 },
      notices: [expect.stringMatching(/outside/)],
    })
  })

  it.each<[ResultFormat, string, ResultFormat]>([
    ['both', '2025-03-26', 'text'],
    ['structured', '2024-11-05', 'text'],
    ['structured', '2025-06-18', 'structured'],
    ['both', '2025-11-25', 'both'],
  ])('%s at protocol %s gives %s', (configured, version, format) => {
    expect(resultFormatFor(configured, version)).toBe(format)
  })
})

it('an error has its reason, message, advice and facts', () => {
  const error = new ToolError('not-connected', 'There is no connection.', { data: { names: ['a\u202eb'] } })
  const { isError, content, structuredContent } = toMcpResult({ error }, 'both')
  expect(isError).toBe(true)
  expect((content[0] as { text: string }).text).toMatch(
    /^not-connected: There is no connection\. Call connect-kustomer .*\n\{"names":\["ab"\]\}$/,
  )
  expect(structuredContent).toBeUndefined()
})
