import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptArguments } from '../../src/catalog/arguments.ts'
import type { Arguments } from '../../src/catalog/coerce.ts'
import { normaliseSchema } from '../../src/catalog/schema.ts'
import { ToolError } from '../../src/errors.ts'
import { objectPair, rootPair } from './schema-arbitraries.ts'

const accept = (source: unknown, args: Arguments) => acceptArguments(args, normaliseSchema(source).accepted)
const acceptOne = (property: unknown, value: unknown) =>
  accept({ properties: { a: property } }, { a: value })['a']

/** A value without spaces around texts and without the members that may stand for no value. */
function present(value: unknown): unknown {
  if (typeof value === 'string') return value.trim()
  if (Array.isArray(value)) return value.map(present)
  if (typeof value !== 'object' || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, present(member)])
  return Object.fromEntries(
    members.filter(([, member]) => member !== null && member !== '' && member !== 'null'),
  )
}

function refusal(source: unknown, args: Arguments): ToolError {
  try {
    accept(source, args)
  } catch (error) {
    expect(error).toBeInstanceOf(ToolError)
    expect((error as ToolError).reason).toBe('invalid-input')
    return error as ToolError
  }
  throw new Error('the arguments were accepted')
}

describe('arguments that the source schema accepts', () => {
  it('are accepted as they are', () => {
    fc.assert(
      fc.property(rootPair, ({ schema, value }) => {
        expect(present(accept(schema, value as Arguments))).toEqual(present(value))
      }),
      { numRuns: 1000 },
    )
  })

  const object = (x: object) => ({ type: 'object', properties: { x } })
  it.each<[string, unknown, unknown]>([
    ['a tuple', { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }, ['a', 1]],
    [
      'prefix items',
      { type: 'array', prefixItems: [{ type: 'string' }], items: { type: 'number' } },
      ['a', 1],
    ],
    ['an alternative by reference', { anyOf: [{ type: 'string' }, { $ref: 'x' }] }, { b: 1 }],
    [
      'an alternative of any value or null',
      { anyOf: [{ $ref: 'x', nullable: true }, { type: 'integer' }] },
      'x',
    ],
    ['an alternative of any value', { oneOf: [{ type: 'string' }, {}] }, 5],
    ['an alternative of an unknown type', { type: ['string', 'file'] }, { b: 1 }],
    ['null by const', { anyOf: [{ type: 'string' }, { const: null }] }, null],
    ['null by a list of types', { anyOf: [{ type: 'string' }, { type: ['null'] }] }, null],
    [
      'null of one of two objects',
      { anyOf: [{ type: ['object', 'null'], properties: {} }, { type: 'object' }] },
      null,
    ],
    [
      'one member in two alternatives',
      { anyOf: [object({ type: 'string' }), object({ type: 'number' })] },
      { x: 's' },
    ],
    ['a value beyond the suggestions', { enum: ['a'], allowCustom: true }, 'b'],
    ['an empty text of an enum', { type: 'string', enum: ['', 'a'] }, ''],
  ])('are accepted with %s', (_, schema, value) => {
    expect(acceptOne(schema, value)).toEqual(value)
  })

  it.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'])(
    'are accepted with and without an optional member called %s',
    (name) => {
      const source = JSON.parse(`{"type":"object","properties":{"${name}":{"type":"string"}}}`)
      expect(accept(source, {})).toEqual({})
      const args = JSON.parse(`{"${name}":"x"}`)
      expect(JSON.stringify(accept(source, args))).toBe(JSON.stringify(args))
    },
  )

  it('pass on whatever the schema does not know, unchanged', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 2 }), fc.jsonValue()), (others) => {
        const args = { ...others, a: '5' }
        expect(accept({ properties: { a: { type: 'integer' } } }, args)).toEqual({ ...others, a: 5 })
      }),
    )
  })
})

describe('a required argument', () => {
  it('is asked for by name when it is missing', () => {
    fc.assert(
      fc.property(
        objectPair.filter(({ schema }) => (schema['required'] as string[]).length > 0),
        ({ schema, value }) => {
          const [name = ''] = schema['required'] as string[]
          const { [name]: _, ...others } = value as Arguments
          expect(refusal(schema, others).message).toContain(`\`${name || 'arguments'}\``)
        },
      ),
    )
  })

  it.each([
    { type: 'string' },
    { enum: ['x', 'y'] },
    { type: ['string', 'null'] },
    { type: 'array' },
    {},
    { type: 'object' },
  ])('is said to be missing: %j', (property) => {
    expect(refusal({ properties: { a: property }, required: ['a'] }, {}).message).toContain(
      '`a`: required but missing',
    )
  })
})

describe('coercion', () => {
  const list = { type: 'array', items: { type: 'integer' } }
  const filter = {
    type: 'object',
    properties: { page: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
  }
  it.each<[unknown, unknown, unknown]>([
    [{ type: 'integer' }, '5', 5],
    [{ type: 'integer' }, ' -12 ', -12],
    [{ type: 'number' }, '2.50', 2.5],
    [{ type: 'boolean' }, 'true', true],
    [{ type: 'boolean' }, 'false', false],
    [list, '[1,"2"]', [1, 2]],
    [list, ['1', 2], [1, 2]],
    [list, { 0: '1', 1: 2 }, [1, 2]],
    [filter, '{"page":"2","tags":"[\\"5\\"]","other":"7"}', { page: 2, tags: ['5'], other: '7' }],
    [{ type: ['integer', 'null'] }, '5', 5],
    [{ type: ['integer', 'null'] }, null, null],
    [{ anyOf: [list, { type: 'null' }] }, '[1]', [1]],
    [{ type: 'array', items: filter }, ['{"page":"1"}'], [{ page: 1 }]],
    [{ type: 'boolean' }, 1, true],
    [{ type: 'boolean' }, 'False', false],
    [{ type: 'string' }, 5, '5'],
    [{ type: 'string' }, null, undefined],
    [{ type: 'string' }, 'null', undefined],
    [{ type: 'string' }, '', undefined],
    [{ type: 'integer' }, '', undefined],
    [{ type: ['string', 'null'] }, '', null],
    [{ type: 'string', enum: ['open', 'done'] }, ' Open', 'open'],
    [{ type: 'array', items: { type: 'string' } }, 'vip', ['vip']],
    [
      {
        type: 'array',
        items: { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] },
      },
      ['a@b.example'],
      [{ email: 'a@b.example' }],
    ],
    [{ type: 'array', items: { type: ['array', 'null'] } }, [null, 'x'], [null, ['x']]],
    [{}, null, null],
    [{}, '', ''],
    [{}, 'null', 'null'],
  ])('for %j turns %j into %j', (schema, given, wanted) => {
    expect(acceptOne(schema, given)).toEqual(wanted)
  })

  it.each(['5', '{}', '[]', '{"a":1}', 'true', '007', '1e3', ' '])(
    'leaves the text %j to a text field',
    (text) => {
      expect(acceptOne({ type: 'string' }, text)).toBe(text)
      expect(acceptOne({ type: ['string', 'number'] }, text)).toBe(text)
      expect(acceptOne({}, text)).toBe(text)
      expect(acceptOne({ $ref: 'x' }, text)).toBe(text)
    },
  )

  it.each<[unknown, unknown]>([
    [{ type: 'integer' }, 'five'],
    [{ type: 'integer' }, '5.5'],
    [{ type: 'number' }, '0x10'],
    [{ type: 'number' }, '12345678901234567890'],
    [{ type: 'boolean' }, 'yes'],
    [{ type: 'object' }, '[1]'],
    [{ type: 'object' }, '"x"'],
    [list, '{"a":1}'],
    [list, { 1: 'b' }],
    [list, { 0: 1, length: 1 }],
    [{ type: 'string', enum: ['a'] }, 'b'],
    [{ type: 'integer', maximum: 100 }, '101'],
    [{ type: 'string' }, true],
    [{ type: 'boolean' }, 2],
  ])('for %j refuses %j', (schema, given) => {
    refusal({ properties: { a: schema } }, { a: given })
  })

  it('refuses a required argument without a value', () => {
    for (const given of ['', 'null', null])
      refusal({ properties: { a: { type: 'integer' } }, required: ['a'] }, { a: given })
  })

  it('does not change the arguments it was given', () => {
    const args = Object.freeze({ a: Object.freeze({ page: '5', tags: '["x"]' }) })
    expect(accept({ properties: { a: filter } }, args)).toEqual({ a: { page: 5, tags: ['x'] } })
  })
})

describe('what is said about wrong arguments', () => {
  it('never holds a value of them', () => {
    const secret = 'S3CR3T-value-7781'
    const value = fc.constantFrom<unknown>(
      secret,
      [secret],
      { x: secret },
      { [secret]: 1 },
      [{ x: [secret] }],
      `{"a":"${secret}"}`,
    )
    const types = fc.constantFrom('integer', 'number', 'boolean', 'array', 'object', 'string')
    const property = fc.oneof(
      types.map((type) => ({ type })),
      types.map((type) => ({ type: 'array', items: { type } })),
      types.map((type) => ({ type: 'object', properties: { x: { type } }, required: ['y'] })),
      types.map((type) => ({ type: [type, 'null'] })),
      fc.constant({ enum: ['a', 'b'] }),
    )
    fc.assert(
      fc.property(property, value, (schema, given) => {
        let message = ''
        try {
          acceptOne(schema, given)
        } catch (error) {
          message = (error as Error).message
        }
        expect(message).not.toContain(secret)
      }),
      { numRuns: 300 },
    )
  })

  it('names at most five arguments', () => {
    const properties = Object.fromEntries([...'abcdefgh'].map((name) => [name, { type: 'integer' }]))
    const { message } = refusal({ properties, required: [...'abcdefgh'] }, {})
    expect(message.match(/required but missing/g)).toHaveLength(5)
    expect(message).toContain('And 3 more.')
  })
})
