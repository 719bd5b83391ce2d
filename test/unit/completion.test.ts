import { expect, it } from 'vitest'
import { completionOf } from '../../src/mcp/completion.ts'

const statuses = ['open', 'snoozed', 'done']

it.each<[string, readonly string[]]>([
  ['', statuses],
  ['o', ['open']],
  [' SNOO', ['snoozed']],
  ['pen', []],
])('completes %j', (typed, values) => {
  expect(completionOf(statuses, typed)).toEqual({ values, total: values.length, hasMore: false })
})
