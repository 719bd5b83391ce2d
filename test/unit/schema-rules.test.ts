import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import actions from '../../src/catalog/actions.json' with { type: 'json' }
import { normaliseSchema } from '../../src/catalog/schema.ts'
import { trimSchemaForListing } from '../../src/catalog/trim-schema.ts'
import { apiNames, breaches } from '../support/model-apis.ts'
import { messySchema, propertyName } from './schema-arbitraries.ts'

/** Every breach of the rules of the model APIs, but for what the strict form of one cannot say. */
function broken(inputSchema: object): string[] {
  const tool = { name: 'a-tool', title: 'A tool', description: 'Does it.', inputSchema }
  const annotations = { readOnlyHint: true, destructiveHint: false }
  return apiNames
    .flatMap((api) => breaches({ ...tool, annotations }, api))
    .filter((breach) => !/^openai-strict: .*: (no free object|nested five deep at most)$/.test(breach))
}

/** Both forms: the whole one, and what the tool list shows of it. */
function expectRules(source: unknown) {
  const { advertised } = normaliseSchema(source)
  expect(broken(advertised)).toEqual([])
  expect(broken(trimSchemaForListing(advertised, { maxBytes: 300 }).schema)).toEqual([])
}

describe('the advertised schema', () => {
  it('obeys the rules of every model API for any schema', () => {
    fc.assert(fc.property(messySchema, expectRules), { numRuns: 150 })
  })

  it('obeys them for any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), expectRules), { numRuns: 150 })
    expectRules(undefined)
  })

  it.each(actions.map(({ key, inputSchema }) => [key, inputSchema] as const))(
    'obeys them for %s',
    (_, schema) => {
      expectRules(schema)
    },
  )

  it('stays the same when it is normalised again', () => {
    fc.assert(
      fc.property(messySchema, (source) => {
        const { advertised } = normaliseSchema(source)
        expect(normaliseSchema(advertised).advertised).toEqual(advertised)
      }),
      { numRuns: 150 },
    )
  })

  it('keeps descriptions, enums of strings and scalar defaults', () => {
    const description = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ,.'"“”äß日本-]{0,150}[A-Za-z0-9.]$/)
    // A character reference, such as `&#0`, can hide a character: such values are left out.
    const text = fc.string({ minLength: 1 }).filter((value) => !value.includes('&'))
    const values = fc.uniqueArray(text, { minLength: 1, maxLength: 100 })
    const fallback = fc.oneof(text, fc.constant(''), fc.integer(), fc.boolean())
    fc.assert(
      fc.property(propertyName, description, values, fallback, (name, about, choices, standard) => {
        const plain = { type: typeof standard, description: about, default: standard }
        const { properties } = normaliseSchema({
          properties: { [name]: plain, choice: { type: 'string', enum: choices, description: about } },
        }).advertised
        expect(properties[name]).toEqual(plain)
        expect(properties['choice']).toEqual({ type: 'string', enum: choices, description: about })
      }),
    )
  })

  it.each([
    [
      'an enum with a suggestion of custom values',
      { enum: ['email', 'chat'], allowCustom: true },
      'email, chat',
    ],
    ['a numeric enum', { type: 'integer', enum: [1, 2, 3] }, '1, 2, 3'],
    ['an enum of several types', { type: ['string', 'number'], enum: ['a', 1] }, 'a, 1'],
    ['a mixed enum under one type', { type: 'string', enum: ['a', 1] }, 'a, 1'],
    ['more than a hundred values', { enum: Array.from({ length: 101 }, (_, n) => `v${n}`) }, 'v0, v1'],
  ])('tells in words what %s allows', (_, property, words) => {
    const { properties } = normaliseSchema({ properties: { a: property } }).advertised
    expect(properties['a']).not.toHaveProperty('enum')
    expect(properties['a']?.['description']).toContain(words)
  })

  it.each([
    [
      'an own type beside alternatives without one',
      { type: 'number', anyOf: [{ minimum: 1 }, { maximum: -1 }] },
      'number',
    ],
    ['a nullable alternative', { anyOf: [{ type: 'null' }, { type: 'integer' }] }, 'integer'],
    ['a folded allOf', { allOf: [{ type: 'boolean' }, { description: 'x' }] }, 'boolean'],
    ['number and integer', { type: ['integer', 'number'] }, 'number'],
    ['items without a type', { items: { type: 'string' } }, 'array'],
    ['properties without a type', { properties: {} }, 'object'],
    ['a string const', { const: 'x' }, 'string'],
  ])('takes its type from %s', (_, property, type) => {
    expect(normaliseSchema({ properties: { a: property } }).advertised.properties['a']?.['type']).toBe(type)
  })

  it.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'says nothing about a format %s',
    (format) => {
      const { properties } = normaliseSchema({ properties: { a: { type: 'string', format } } }).advertised
      expect(properties['a']).toEqual({ type: 'string' })
    },
  )

  it('never cuts a character in two', () => {
    for (const length of [398, 399, 400, 401]) {
      const description = `${'a'.repeat(length - 2)}😀😀`
      const { properties } = normaliseSchema({
        properties: { a: { type: 'string', description } },
      }).advertised
      expect(() => encodeURIComponent(String(properties['a']?.['description']))).not.toThrow()
    }
  })

  it('takes what is required from every part of an allOf', () => {
    const part = (name: string) => ({ properties: { [name]: { type: 'string' } }, required: [name] })
    expect(
      normaliseSchema({ allOf: [part('a'), part('b')], ...part('c') }).advertised.required?.sort(),
    ).toEqual(['a', 'b', 'c'])
  })
})

describe('the checker', () => {
  const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
  const tool = { name: 'get-it', title: 'Get', description: 'Gets it.', inputSchema: object({}) }
  const annotations = { readOnlyHint: true, destructiveHint: false }
  const text = { type: 'string' }

  it('passes a tool that every API takes', () => {
    const inputSchema = object({ id: text, tags: { type: 'array', items: text } }, { required: ['id'] })
    expect(apiNames.flatMap((api) => breaches({ ...tool, inputSchema, annotations }, api))).toEqual([])
  })

  it.each<[string, object, Parameters<typeof breaches>[1][]]>([
    [
      'a combinator at the root',
      { inputSchema: { type: 'object', anyOf: [] } },
      ['anthropic', 'openai', 'gemini'],
    ],
    [
      'a root that is no object',
      { inputSchema: { type: 'string' } },
      ['anthropic', 'openai', 'gemini', 'vscode'],
    ],
    ['a root without members', { inputSchema: { type: 'object' } }, ['anthropic', 'openai']],
    [
      'an array of anything',
      { inputSchema: object({ a: { type: 'array' } }) },
      ['openai', 'gemini', 'vscode'],
    ],
    ['several types', { inputSchema: object({ a: { type: ['string', 'null'] } }) }, ['openai', 'gemini']],
    [
      'a reference deep inside',
      { inputSchema: object({ a: object({ b: { ...text, $ref: '#/x' } }) }) },
      ['gemini'],
    ],
    ['$schema', { inputSchema: object({}, { $schema: 'x' }) }, ['anthropic', 'gemini']],
    ['additionalProperties', { inputSchema: object({}, { additionalProperties: false }) }, ['gemini']],
    ['a numeric enum', { inputSchema: object({ a: { type: 'integer', enum: [1] } }) }, ['gemini']],
    ['an empty value', { inputSchema: object({ a: { ...text, enum: ['', 'x'] } }) }, ['gemini']],
    ['a format', { inputSchema: object({ a: { ...text, format: 'uri' } }) }, ['gemini']],
    ['a dot in a name', { inputSchema: object({ 'a.b': text }) }, ['anthropic', 'openai']],
    ['what is required and unknown', { inputSchema: object({}, { required: ['a'] }) }, ['openai', 'gemini']],
    [
      'a free object',
      { inputSchema: object({ a: { ...object({}), description: 'Any.' } }) },
      ['openai-strict'],
    ],
    ['a name of 41 characters', { name: 'x'.repeat(41) }, ['cursor']],
    ['two separators in a row', { name: 'get--it' }, ['cursor']],
    ['a dot in the name', { name: 'get.it' }, ['anthropic', 'openai', 'vscode', 'cursor']],
    ['a name that starts with a digit', { name: '1st' }, ['gemini']],
    ['a long description', { description: 'x'.repeat(1025) }, ['openai', 'gemini']],
    ['no title', { title: '' }, ['claude-directory']],
    ['no hints', { annotations: {} }, ['claude-directory']],
  ])('finds %s', (_, change, apis) => {
    for (const api of apis) expect(breaches({ ...tool, annotations, ...change }, api), api).not.toEqual([])
  })
})

describe('normalising', () => {
  it.each([
    ['an enum of objects that are no text', { enum: [{ toString: 1, valueOf: 1 }] }],
    ['a format that is no text', { type: 'string', format: { toString: 1 } }],
    [
      'keywords of the wrong type',
      { type: 5, properties: [], required: {}, items: 3, anyOf: 'x', enum: 'y' },
    ],
  ])('does not throw for %s', (_, property) => {
    expectRules({ properties: { a: property } })
    expectRules(property)
  })

  it.each(['allOf', 'anyOf', 'oneOf', 'items', 'properties'])(
    'does not throw for %s nested 20,000 deep',
    (keyword) => {
      let schema: unknown = { type: 'string' }
      for (let depth = 0; depth < 20_000; depth++)
        schema = {
          [keyword]: keyword === 'properties' ? { a: schema } : keyword === 'items' ? schema : [schema],
        }
      expectRules({ properties: { a: schema } })
    },
  )

  it('does not change its input', () => {
    fc.assert(
      fc.property(messySchema, (source) => {
        const before = JSON.stringify(source)
        normaliseSchema(source)
        expect(JSON.stringify(source)).toBe(before)
      }),
    )
  })

  it('pollutes no prototype', () => {
    const source = JSON.parse(
      '{"properties":{"__proto__":{"type":"object","properties":{"x":{}}}},"allOf":[{"properties":{"__proto__":{"y":1}}}]}',
    )
    const { advertised } = normaliseSchema(source)
    expect({}).not.toHaveProperty('x')
    expect(Object.getPrototypeOf(advertised.properties)).toBe(Object.prototype)
  })
})
