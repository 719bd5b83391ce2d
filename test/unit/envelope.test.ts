import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/failure.ts'
import { failed, success } from '../../src/result/envelope.ts'

const textOf = (result: ReturnType<typeof success>) => result.content[0]?.text ?? ''

describe('a success', () => {
  it('is the same object as text and as structured content, for any data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const result = success({ data })
        expect(JSON.parse(textOf(result))).toEqual(JSON.parse(JSON.stringify(result.structuredContent)))
        expect(result.isError).toBeUndefined()
      }),
    )
  })

  it('keeps the first records of a list that is too long, whole, and says how many', () => {
    const records = Array.from({ length: 3000 }, (_, id) => ({ id, text: 'é'.repeat(500) }))
    const result = success({ data: records, page: { page: 1, total: 3000 } })
    const { data, notices, page } = JSON.parse(textOf(result))
    expect(textOf(result).length).toBeLessThan(1_010_000)
    expect(data.length).toBeGreaterThan(1000)
    expect(data).toEqual(records.slice(0, data.length))
    expect(notices.at(-1)).toMatch(new RegExp(`^Only the first ${data.length} of 3000 records`))
    expect(page).toEqual({ page: 1, total: 3000 })
  })

  it('leaves out anything else that is too long, and says so without failing what was done', () => {
    const { data, notices } = JSON.parse(textOf(success({ data: { text: 'x'.repeat(2_000_000) } })))
    expect(data).toBeNull()
    expect(notices).toEqual([expect.stringMatching(/^The answer has 20000\d\d characters/)])
  })

  it('has no page and no notices where there are none', () => {
    expect(success({ data: [1] }).structuredContent).toEqual({ data: [1] })
    expect(success({ data: undefined }).structuredContent).toEqual({ data: null })
  })
})

it('a failure is its reason, what happened, what to do, and its facts, cleaned', () => {
  const failure = new Failure('not-connected', 'There is no connection.', { data: { names: ['a\u202eb'] } })
  const result = failed(failure)
  expect(result.isError).toBe(true)
  expect(textOf(result)).toMatch(
    /^not-connected: There is no connection\. Call connect-kustomer .*\n\{"names":\["ab"\]\}$/,
  )
  expect(result.structuredContent).toBeUndefined()
})
