import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import actions from '../../src/catalog/actions.json' with { type: 'json' }
import { normaliseSchema } from '../../src/catalog/schema.ts'
import { messySchema, propertyName } from './schema-arbitraries.ts'

type Json = Record<string, unknown>
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const keywords: Record<string, string[]> = {
  object: ['properties', 'required'],
  array: ['items'],
  string: ['enum'],
  number: ['minimum', 'maximum'],
  integer: ['minimum', 'maximum'],
  boolean: [],
}

/** Returns every breach of the rules that model APIs impose on an input schema. */
function breaches(schema: unknown, place = 'root'): string[] {
  if (!isObject(schema)) return [`${place}: not an object`]
  const { type, properties, required, items, enum: values, description } = schema
  if (typeof type !== 'string' || !(type in keywords)) return [`${place}: type ${JSON.stringify(type)}`]
  const allowed = ['type', 'description', 'default', ...(keywords[type] ?? [])]
  const found = Object.keys(schema).filter((keyword) => !allowed.includes(keyword))
  const list = found.map((keyword) => `${place}: keyword ${keyword}`)
  if (description !== undefined && !(typeof description === 'string' && description.length <= 400))
    list.push(`${place}: description`)
  if (isObject(schema['default'])) list.push(`${place}: default`)
  if (type === 'array') list.push(...breaches(items, `${place}[]`))
  if (values !== undefined) {
    const strings = Array.isArray(values) && values.every((value) => typeof value === 'string')
    if (!strings || values.length === 0 || values.length > 100 || new Set(values).size !== values.length)
      list.push(`${place}: enum ${JSON.stringify(values)}`)
  }
  if (properties !== undefined && !isObject(properties)) list.push(`${place}: properties`)
  for (const [name, property] of Object.entries(isObject(properties) ? properties : {})) {
    if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name)) list.push(`${place}: name ${JSON.stringify(name)}`)
    list.push(...breaches(property, `${place}.${name}`))
  }
  if (required !== undefined) {
    const known = isObject(properties) ? Object.keys(properties) : []
    const names = Array.isArray(required) ? required : [undefined]
    if (
      names.some((name) => !known.includes(name)) ||
      new Set(names).size !== names.length ||
      names.length === 0
    )
      list.push(`${place}: required ${JSON.stringify(required)}`)
  }
  return list
}

function expectRules(source: unknown) {
  const { advertised } = normaliseSchema(source)
  expect(advertised.type).toBe('object')
  expect(isObject(advertised.properties)).toBe(true)
  expect(breaches(advertised)).toEqual([])
}

describe('the advertised schema', () => {
  it('obeys the rules of every model API for any schema', () => {
    fc.assert(fc.property(messySchema, expectRules), { numRuns: 300 })
  })

  it('obeys them for any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), expectRules), { numRuns: 300 })
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
      { numRuns: 300 },
    )
  })

  it('keeps descriptions, enums of strings and scalar defaults', () => {
    const description = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ,.'"“”äß日本-]{0,150}[A-Za-z0-9.]$/)
    const values = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 100 })
    const fallback = fc.oneof(fc.string(), fc.integer(), fc.boolean())
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
