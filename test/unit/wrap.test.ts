import fc from 'fast-check'
import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { wrapLines } from '../../src/cli/terminal/wrap.ts'

const word = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom('a', 'ü', '漢', '.', '/') })

test('wraps at words, keeps every word, and indents what follows a mark', () => {
  const line = fc.record({
    start: fc.constantFrom('', '      ', 'ok    ', 'fail  '),
    words: fc.array(word, { minLength: 1, maxLength: 30 }),
  })
  fc.assert(
    fc.property(line, ({ start, words }) => {
      const wrapped = wrapLines(start + words.join(' '), 60)
      expect(wrapped.split(/\s+/).filter(Boolean)).toEqual([...start.split(/\s+/).filter(Boolean), ...words])
      for (const row of wrapped.split('\n')) {
        const isOneWord = row.slice(start.length).trim().split(' ').length === 1
        expect(stringWidth(row) <= 60 || isOneWord).toBe(true)
      }
      for (const row of wrapped.split('\n').slice(1))
        expect(row.startsWith(' '.repeat(start.length))).toBe(true)
    }),
  )
})

test('leaves the lines of a diff alone', () => {
  const diff = `+  "args": ["${'x y '.repeat(40)}"]`
  expect(wrapLines(diff, 80)).toBe(diff)
})
