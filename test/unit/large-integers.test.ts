import fc from 'fast-check'
import { expect, it } from 'vitest'
import { lastJsonDocument } from '../../src/membrane/json-output.ts'

it.each([
  ['{"id":9007199254740993}', { id: '9007199254740993' }],
  [
    '{"id":-9007199254740993,"b":[12345678901234567890]}',
    { id: '-9007199254740993', b: ['12345678901234567890'] },
  ],
  ['{"id":9007199254740991}', { id: 9007199254740991 }],
  ['{"a":1234567890123456.5,"b":12345678901234567e3}', { a: 1234567890123456.5, b: 12345678901234567e3 }],
  ['{"a":"x \\"9007199254740993\\" 9007199254740993"}', { a: 'x "9007199254740993" 9007199254740993' }],
  ['notice\n{"id": 9007199254740993 }\n', { id: '9007199254740993' }],
])('keeps every digit of the integers of %s', (text, expected) => {
  expect(lastJsonDocument(text)).toEqual(expected)
})

/** JSON has no other form of a large integer up to 21 digits. */
const asText = (_: string, value: unknown) =>
  typeof value === 'number' &&
  Number.isInteger(value) &&
  !Number.isSafeInteger(value) &&
  Math.abs(value) < 1e21
    ? String(value)
    : value

it('changes nothing else', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.stringMatching(/^\d{16,30}$/),
      (object, digits) => {
        const document = { ...object, digits, [`a${digits}`]: 1 }
        expect(lastJsonDocument(JSON.stringify(document))).toEqual(
          JSON.parse(JSON.stringify(document), asText),
        )
      },
    ),
  )
})
