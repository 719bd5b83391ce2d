import fc from 'fast-check'
import { expect, it } from 'vitest'
import { stripHidden } from '../../src/text/invisible.ts'
import { sanitize } from '../../src/text/redact.ts'

/** Zero-width, direction-changing, tag and filler characters. */
const hidden = [0x200b, 0x202e, 0x2066, 0xfeff, 0xad, 0x034f, 0xe0041, 0xe0100, 0x3164]

it.each([
  ...hidden.map((code) => [`&#${code};`]),
  ...hidden.map((code) => [`&#x${code.toString(16).toUpperCase()};`]),
  ['&zwj;'],
  ['&ZeroWidthSpace;'],
  ['&#82&#8203;03;'],
  ['&#x20&#x200B;2E;'],
])('the entity %s of a hidden character is removed', (entity) => {
  expect(sanitize({ text: `a${entity}b` })).toEqual({ text: 'ab' })
  expect(stripHidden(`a${entity}b`)).toBe('ab')
})

it('of ASCII, all but the control characters is kept', () => {
  const ascii = String.fromCharCode(...Array.from({ length: 128 }, (_, code) => code))
  const kept = [...ascii].filter((character) => character >= ' ' && character !== '\x7f').join('')
  // A line or page separator becomes a line break.
  expect(stripHidden(ascii)).toBe(`\t\n\n\n\r${kept}`)
  for (const character of ascii) {
    const expected = /[\v\f]/.test(character) ? '\n' : /[\t\n\r -~]/.test(character) ? character : ''
    expect(stripHidden(character)).toBe(expected)
  }
})

it.each([1, 3, 4, 5, 9, 40])('%i nested entities leave none behind', (depth) => {
  const text = stripHidden(`${'&#'.repeat(depth)}x200b;${'x200b;'.repeat(depth - 1)}`)
  expect(text).not.toMatch(/&#x200b;/)
  expect(stripHidden(text)).toBe(text)
})

it('names that differ by hidden characters stay apart', () => {
  const digits = ['\u200B', '\u2060', '\uFEFF', '\u202E']
  const name = (index: number) => `a${[...index.toString(4)].map((digit) => digits[Number(digit)]).join('')}`
  const names = Array.from({ length: 1000 }, (_, index) => name(index))
  const safe = sanitize(Object.fromEntries(names.map((own, index) => [own, index]))) as object
  expect(Object.keys(safe).length).toBe(names.length)
  expect(Object.keys(safe).slice(0, 3)).toEqual(['a', 'a_', 'a_2'])
  expect(Math.max(...Object.keys(safe).map(({ length }) => length))).toBeLessThan(10)
})

it.each<[string, string, string]>([
  ['joiners between Latin letters', 'a\u200Cb\u200Dc', 'abc'],
  ['a row of joiners', 'नि\u200D\u200C\u200D\u200Cष', 'नि\u200Dष'],
  ['joiners at the start', '\u200D\u200Cabc', 'abc'],
  ['rare selectors', '😀\uFE00\uFE05\uFE0A', '😀'],
  ['a row of the usual ones', '❤\uFE0F\uFE0E\uFE0F\uFE0F', '❤\uFE0F'],
])('%s, which could spell out a text, are taken out', (_, text, left) => {
  expect(sanitize({ text })).toEqual({ text: left })
  expect(stripHidden(text)).toBe(left)
})

it.each(['می\u200Cخواهم', 'क्\u200Dष', '👩\u200D💻', '❤\uFE0F', '🏳\uFE0F\u200D🌈'])(
  '%s stays as it is',
  (text) => {
    expect(sanitize(text)).toBe(text)
  },
)

it('entities of visible characters stay', () => {
  const text = 'Fish &amp; chips &#65;&#x42; &copy; R&D &#; &#x; &#99999999; &euro;5'
  expect(sanitize(text)).toBe(text)
})

it('a mixture leaves no hidden character', () => {
  const part = fc.oneof(
    fc.constantFrom(...hidden).map((code) => String.fromCodePoint(code)),
    fc.constantFrom(...hidden).map((code) => `&#${code};`),
    fc.string({ maxLength: 3 }),
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
      const text = sanitize(parts.join('')) as string
      for (const code of hidden) expect(text.includes(String.fromCodePoint(code))).toBe(false)
    }),
  )
})
