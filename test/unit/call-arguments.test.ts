import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseArguments } from '../../src/cli/call-arguments.ts'
import { UsageError } from '../../src/errors.ts'

const parse = (text: string | undefined, pairs: string[] = [], stdin = '') =>
  parseArguments({ text, pairs }, async () => stdin)

test('arguments come from JSON, stdin or pairs', async () => {
  expect(await parse(undefined)).toEqual({})
  expect(await parse('{"a": 1}')).toEqual({ a: 1 })
  expect(await parse('-', [], '\uFEFF{"a": 1}\n')).toEqual({ a: 1 })
  expect(await parse('{"a": 1, "b": 2}', ['a=x=y', 'c='])).toEqual({ a: 'x=y', b: 2, c: '' })
})

test.each<[string, string, string[], RegExp]>([
  [
    'a bracket that is not closed',
    '{"pageSize": 2',
    [],
    /not JSON: line 1, column 15: a closing } is missing/,
  ],
  ['a comma too many', '{"pageSize": 2,}', [], /not JSON: line 1, column 15: there is a comma too many/],
  ['a comment', '{"a": 1} // one', [], /not JSON: line 1, column 10: there is a comment/],
  ['nothing', '', [], /not JSON: line 1, column 1: there is nothing/],
  ['text in single quotes', "{'a': 1}", [], /not JSON: line 1, column 2: there is a single quote/],
  ['a list', '[1]', [], /must be a JSON object/],
  ['a pair without a value', '{}', ['pageSize'], /--arg: "pageSize" is not accepted\. Give name=value/],
  ['a pair without a name', '{}', ['=5'], /--arg: "=5" is not accepted/],
])('%s is wrong usage, and the place is named', async (_, text, pairs, says) => {
  await expect(parse(text, pairs)).rejects.toThrow(says)
  await expect(parse(text, pairs)).rejects.toBeInstanceOf(UsageError)
})

test('whatever JSON.parse refuses is refused with a place in it', async () => {
  const almost = fc
    .tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 }))
    .map(
      ([json, at, more]) => json.slice(0, at % (json.length + 1)) + more + json.slice(at % (json.length + 1)),
    )
  await fc.assert(
    fc.asyncProperty(almost, async (text) => {
      fc.pre(text !== '-')
      const isJson = (() => {
        try {
          return JSON.parse(text.replace(/^\uFEFF/, '')) !== undefined
        } catch {
          return false
        }
      })()
      const error = await parse(text).catch((thrown) => thrown)
      if (!isJson) expect(error.message).toMatch(/line \d+, column \d+: [a-z]/)
      else if (error instanceof UsageError) expect(error.message).toMatch(/must be a JSON object/)
    }),
  )
})
