import { expect, test } from 'vitest'
import { completionOf } from '../../src/mcp/completion.ts'

const states = ['open', 'snoozed', 'done']

test.each([
  ['', states],
  ['O', ['open']],
  [' sn', ['snoozed']],
  ['pen', []],
])('completes %j from a closed list', (typed, values) => {
  expect(completionOf(states, typed)).toEqual({ values, total: values.length, hasMore: false })
})
