import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { acceptArguments } from '../../src/catalog/arguments.ts'
import { type Arguments, coerceArguments } from '../../src/catalog/coerce.ts'
import { normaliseSchema } from '../../src/catalog/schema.ts'
import { ToolError } from '../../src/errors.ts'
import { messySchema, rootPair } from './schema-arbitraries.ts'

/** A schema with every row of the coercions in it. */
const each = normaliseSchema({
  type: 'object',
  properties: {
    text: { type: 'string' },
    nullable: { type: ['string', 'null'] },
    code: { type: 'string', pattern: '^[A-Z]' },
    status: { type: 'string', enum: ['open', 'done', 'null'] },
    count: { type: 'integer' },
    rate: { type: 'number' },
    flag: { type: 'boolean' },
    list: { type: 'array', items: { type: 'string' } },
    lists: { type: 'array', items: { type: 'array', items: { type: 'integer' } } },
    contact: { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] },
    contacts: {
      type: 'array',
      items: { type: 'object', properties: { email: { type: 'string' } }, required: ['email'] },
    },
    meta: { type: 'object', properties: { depth: { type: ['integer', 'null'] } } },
    payload: { type: 'string', description: 'JSON.' },
    any: {},
  },
  required: ['text', 'count'],
}).accepted

const spelling = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom<unknown>(
    null,
    '',
    'null',
    'True',
    ' false ',
    '0',
    1,
    0,
    ' 5 ',
    ' ',
    ' null ',
    '2.50',
    '12345678901234567890',
  ),
  fc.constantFrom<unknown>(
    '[1,"2"]',
    '["[1]"]',
    '{"email":"null"}',
    '{"depth":"null"}',
    '"[1]"',
    ' Open',
    'DONE ',
  ),
  fc.constantFrom<unknown>({ 0: 'a', 1: 'b' }, { 1: 'b' }, { 0: { 0: '1' } }, [null, ''], [{ email: null }]),
)
const spelled = fc.record(Object.fromEntries(Object.keys(each.properties).map((name) => [name, spelling])), {
  requiredKeys: [],
}) as fc.Arbitrary<Arguments>

it.each([' ', '\t', ' null '])('%j is no value where text is trimmed', (code) => {
  expect(coerceArguments({ code }, each)).toEqual({})
})

describe('coercing what was coerced changes nothing', () => {
  it('for any spelling', () => {
    fc.assert(
      fc.property(spelled, (args) => {
        const once = coerceArguments(args, each)
        expect(coerceArguments(once, each)).toEqual(once)
      }),
      { numRuns: 2000 },
    )
  })

  it('for any schema and value', () => {
    fc.assert(
      fc.property(messySchema, fc.dictionary(fc.string(), fc.jsonValue()), (schema, args) => {
        const { accepted } = normaliseSchema(schema)
        const once = coerceArguments(args, accepted)
        expect(coerceArguments(once, accepted)).toEqual(once)
      }),
      { numRuns: 1000 },
    )
  })
})

/** Whether a value has no text that stands for no value or is spaced otherwise. */
const isPlain = (value: unknown): boolean => {
  if (typeof value === 'string') return value !== '' && value !== 'null' && value === value.trim()
  if (typeof value !== 'object') return true
  return value !== null && Object.values(value).every(isPlain)
}

describe('a value that fits its schema', () => {
  it('is not changed', () => {
    fc.assert(
      fc.property(
        rootPair.filter(({ value }) => isPlain(value)),
        ({ schema, value }) => {
          const { accepted } = normaliseSchema(schema)
          expect(acceptArguments(value as Arguments, accepted)).toEqual(value)
        },
      ),
      { numRuns: 1000 },
    )
  })

  it.each<[string, unknown]>([
    ['text', '5'],
    ['text', 'true'],
    ['text', '[1]'],
    ['text', ' spaced '],
    ['nullable', null],
    ['status', 'null'],
    ['payload', '{"a": 1}'],
    ['list', []],
    ['list', ['[1]']],
    ['meta', {}],
    ['meta', { depth: null, other: '5' }],
    ['any', ''],
    ['any', 'null'],
    ['any', { 0: 'a' }],
  ])('%s: %j stays', (name, value) => {
    expect(coerceArguments({ [name]: value }, each)).toEqual({ [name]: value })
  })
})

describe('an empty text', () => {
  const required = (property: object) =>
    normaliseSchema({ type: 'object', properties: { a: property }, required: ['a'] }).accepted

  it.each<[object]>([
    [{ type: 'string', minLength: 1 }],
    [{ type: 'string', minLength: 3, maxLength: 9 }],
    [{ type: 'string', pattern: '^[0-9a-f]{24}$' }],
    [{ type: 'integer' }],
    [{ type: 'boolean' }],
    [{ type: 'array' }],
    [{ type: 'object' }],
    [{ type: 'string', enum: ['a'] }],
  ])('is refused for a required %j', (property) => {
    expect(() => acceptArguments({ a: '' }, required(property))).toThrow(/`a`: must not be empty; takes /)
  })

  it.each<[object]>([
    [{ type: 'string' }],
    [{ type: 'string', pattern: '^a*$' }],
    [{ type: 'string', pattern: '(' }],
  ])('is taken for a required %j, as the source takes it', (property) => {
    expect(acceptArguments({ a: '' }, required(property))).toEqual({ a: '' })
  })
})

describe('a refusal', () => {
  it('names an argument and its form, and no value', () => {
    fc.assert(
      fc.property(spelled, (args) => {
        try {
          acceptArguments({ text: 'x', count: 1, ...args }, each)
        } catch (error) {
          expect(error).toBeInstanceOf(ToolError)
          const { reason, message } = error as ToolError
          expect(reason).toBe('invalid-input')
          expect(message).toMatch(
            /^The arguments do not fit: (?:`[\w.]+`: (?:required but missing|(?:must not be empty; )?takes [^;]+)[;.] ?)+(?:And \d+ more\.)?$/,
          )
        }
      }),
      { numRuns: 500 },
    )
  })
})
