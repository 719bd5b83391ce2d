import { describe, expect, it } from 'vitest'
import { createResponseFormatter } from '../../src/response/formatter.ts'
import { createResultStore } from '../../src/response/result-store.ts'
import { toToolOutput } from '../../src/response/tool-output.ts'

const format = createResponseFormatter({
  output: 'compact',
  maxResultChars: 20_000,
  store: createResultStore(),
})
const record = { type: 'user', id: '1', attributes: { name: 'Ada' } }
const noticesOf = (body: object) => format(toToolOutput({ body })).notices ?? []

describe('a search that ran out of time', () => {
  it.each([
    ['in meta', { data: [record], meta: { pageSize: 25, timed_out: true } }],
    ['beside the records', { data: [record], links: {}, timed_out: true }],
    ['in a plain answer', { took: 30_000, timed_out: true, hits: [] }],
  ])('is said where timed_out stands %s', (_, body) => {
    expect(noticesOf(body).join()).toContain('records are missing')
  })

  it.each([
    ['timed_out is false', { data: [record], meta: { timed_out: false } }],
    ['a record has the attribute', { data: { ...record, attributes: { timed_out: true } } }],
  ])('is not said where %s', (_, body) => {
    expect(noticesOf(body)).toEqual([])
  })
})
