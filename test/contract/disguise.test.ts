import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createDisguise } from '../../src/cli/doctor/contract/disguise.ts'
import { createReplacer } from '../../src/cli/doctor/contract/replacer.ts'

const key = Buffer.from('a key of the test')
const listing = ['connection', 'list', '--json']
const disguised = (value: object) =>
  JSON.parse(createDisguise(createReplacer(key)).output(JSON.stringify(value), listing))

test('the date of a header is replaced as one unit', () => {
  const [date, expires] = ['Wed, 25 Nov 2026 14:17:00 GMT', 'Wed, 25 Nov 2026 15:18:01 GMT']
  const headers = Object.values<string>(disguised({ date, expires, modified: date, note: 'Nov 2026 Wed' }))
  const [first = '', second = '', third = ''] = headers
  expect(new Date(first).toUTCString()).toBe(first)
  expect(third).toBe(first)
  expect(second.slice(0, 16)).not.toBe(first.slice(0, 16))
  expect(headers.join(' ')).not.toContain('25 Nov 2026')
})

test('numbers of the account are replaced, whatever they are called', () => {
  const numbers = { status: 404, limit: 2500, page: 7314, pageSize: 8812, minimum: 4021 }
  const values = { attributes: numbers, custom: numbers, input: numbers }
  for (const value of [values, { output: { data: [values] } }, { text: JSON.stringify(values) }])
    expect(JSON.stringify(disguised(value))).not.toMatch(/404|2500|7314|8812|4021/)
  expect(JSON.stringify(disguised({ limit: [2500], status: 4021, page: [[7314]] }))).not.toMatch(
    /2500|4021|7314/,
  )
  const shape = { response: { status: 404 }, meta: { page: 2, pageSize: 100 } }
  expect(disguised(shape)).toEqual(shape)
  const schema = { inputSchema: { properties: { custom: { type: 'string', maxLength: 2500 } } } }
  expect(disguised(schema)).toEqual(schema)
})

test.each([
  ['Customer Will Page (An No) not found', 'Customer', ['Will', 'Page', 'An', 'No']],
  ['Error: Service An Token is unavailable', 'Error: Service', ['An', 'Token']],
  ['✖ Invalid input: Will Page', '□ Invalid input', ['Will', 'Page']],
  ['Will Page', '', ['Will', 'Page']],
])('a name that is made of plain words is replaced in %j', (sentence, start, names) => {
  const { output } = createDisguise(createReplacer(key))
  const message = JSON.parse(output(JSON.stringify({ isMembraneError: true, message: sentence }), listing))
  for (const said of [output(sentence, listing), message.message]) {
    expect(said.startsWith(start)).toBe(true)
    expect(said.split(/\W+/).filter((word: string) => names.includes(word))).toEqual([])
  }
})

test.each([
  'Error making request to https://api.kustomerapp.com/v1/customers: 404',
  'Request failed with status code 503',
  'Error: connect ECONNREFUSED',
  'You are not logged in. Please run membrane login.',
  'Unknown option: --json',
])('%j says nothing of anybody, and stays', (sentence) => {
  expect(createDisguise().output(sentence, ['connection', 'list', '--json'])).toBe(sentence)
})

test('JSON stays JSON with its layout, whatever it holds', () => {
  const { output } = createDisguise(createReplacer(key))
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      const source = JSON.stringify({ value }, undefined, indent)
      const disguised = output(source, ['connection', 'list', '--json'])
      expect(JSON.stringify(JSON.parse(disguised), undefined, indent)).toBe(disguised)
    }),
  )
})
