import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lastJsonDocument } from '../../src/membrane/json-output.ts'

const awkward = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  '[]',
  '{}',
  '"',
  '\\',
  '\\"',
  ':',
  ',',
  '\n',
  '\u001b',
  ' ',
)
const text = fc
  .oneof(fc.string({ unit: awkward }), fc.string({ unit: 'binary' }), fc.string())
  // C1 codes and line separators have tests of their own below.
  .map((value) => value.replace(/[\u0080-\u009f\u2028\u2029]/g, ''))
const { object } = fc.letrec<{ value: unknown; object: Record<string, unknown> }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'json' },
    text,
    fc.integer(),
    fc.constantFrom(null, true, false),
    fc.array(tie('value'), { maxLength: 4, depthIdentifier: 'json' }),
    tie('object'),
  ),
  object: fc.dictionary(text, tie('value'), { maxKeys: 4, depthIdentifier: 'json' }),
}))
const json = fc.oneof(object, fc.array(object, { maxLength: 3 }))
const printed = fc
  .tuple(json, fc.constantFrom(undefined, 2, '\t'))
  .map(([value, indent]) => JSON.stringify(value, null, indent))
const pretty = json.map((value) => JSON.stringify(value, null, 2))
const notice = fc.oneof(
  fc.constantFrom(
    '[warn] the connection is slow',
    '[1/3] Fetching actions…',
    '\u001b[33mDEPRECATED: `membrane request` will be removed, use `membrane act --api`.\u001b[39m',
    '\u001b[2K\u001b[1G⠋ Loading [=====>   ]',
    'Update available: 1.18.0 → 1.18.3 (run "npm i -g")',
    'an unmatched " quote, and a {placeholder} and [options]',
    '(node:12) [DEP0040] DeprecationWarning: punycode',
    '}',
  ),
  fc.string().map((line) => line.replace(/[{}[\]]/g, '')),
)
const notices = fc.array(notice, { maxLength: 4 }).map((lines) => lines.map((line) => `${line}\n`).join(''))
const found = (output: string) => JSON.stringify(lastJsonDocument(output))
const compact = (document: string) => JSON.stringify(JSON.parse(document))

describe('the last document', () => {
  it('is found exactly, between notices', () => {
    fc.assert(
      fc.property(notices, printed, notices, (before, document, after) => {
        expect(found(`${before}${document}\n${after}`)).toBe(compact(document))
      }),
    )
  })

  it.each([
    ['a label', 'Result: ', ''],
    ['colours', '\u001b[32m', '\u001b[39m'],
    ['a cleared line', '\u001b[2K\u001b[1G', ''],
    ['Windows line ends', 'Done\r\n', '\r\n'],
    ['a byte order mark', '\uFEFF', ''],
  ])('is found exactly, behind %s', (_, before, after) => {
    fc.assert(
      fc.property(printed, (document) => {
        expect(found(`${before}${document}${after}\n`)).toBe(compact(document))
      }),
    )
  })

  it('is the second of two', () => {
    fc.assert(
      fc.property(printed, notices, printed, (first, between, second) => {
        expect(found(`${first}\n${between}${second}\n`)).toBe(compact(second))
      }),
    )
  })

  it('keeps a C1 control character in a string, which JSON does not escape', () => {
    const document = '{"text":"a\u009b31mb"}'
    expect(found(`notice\n${document}`)).toBe(document)
  })

  it.each(['\u2028', '\u2029'])('is not looked for behind a line separator in a string (%j)', (separator) => {
    const document = `{"text":"a${separator}{}","list":["${separator}[]"]}`
    expect(found(`Result: ${document}`)).toBe(document)
  })
})

describe('a document that is cut off', () => {
  it('counts as none, wherever it is cut', () => {
    fc.assert(
      fc.property(notices, pretty, fc.nat(), (before, document, place) => {
        const cut = document.slice(0, place % document.length)
        expect(lastJsonDocument(`${before}${cut}`)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })

  it('counts as none when it is a list that starts with a scalar', () => {
    expect(lastJsonDocument('[\n  1,\n  {}\n')).toBeUndefined()
    expect(lastJsonDocument('notice\n[\n  null,\n  {"a": 1}\n')).toBeUndefined()
  })
})

describe('any other text', () => {
  it('gives no document and no exception', () => {
    const any = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: awkward, maxLength: 200 }))
    fc.assert(
      fc.property(any, (output) => {
        expect(['object', 'undefined']).toContain(typeof lastJsonDocument(output))
      }),
      { numRuns: 500 },
    )
  })

  it.each(['', ' ', 'null', '5', '"text"', 'true', '[warn]', '{', '}', '[', '{"', '{"a"'])(
    'such as %j is no document',
    (output) => {
      expect(lastJsonDocument(output)).toBeUndefined()
    },
  )

  it.each(['{"', '[[', '{"":', '{"a":"\\', '["', '[{"]}', '\u001b[', '{ ', '{\n', '"{', '\n'])(
    'of 2 MB is read to its end: %j over and over',
    (unit) => {
      const output = unit.repeat(Math.ceil(2_000_000 / unit.length))
      expect(lastJsonDocument(`x${output}`)).toBeUndefined()
    },
  )

  it('of 30 MB that looks like one endless terminal code does not throw', () => {
    expect(lastJsonDocument(`\u001b${';a'.repeat(15_000_000)}`)).toBeUndefined()
  })
})
