import fc from 'fast-check'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, it } from 'vitest'
import { acceptArguments } from '../../src/catalog/arguments.ts'
import { normaliseSchema } from '../../src/catalog/schema.ts'
import { snapshotActions } from '../../src/catalog/snapshot.macro.ts'
import { trimSchemaForListing } from '../../src/catalog/trim-schema.ts'
import { messySchema, objectPair } from './schema-arbitraries.ts'

const text = { type: 'string' }
const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })
const listed = (source: unknown, options = {}) =>
  trimSchemaForListing(normaliseSchema(source).advertised, options)
const bytes = (value: unknown) => Buffer.byteLength(JSON.stringify(value))

describe('what the tool list shows of a schema', () => {
  it('is the schema itself where that is short', () => {
    const source = normaliseSchema(
      object({ id: text, note: { type: 'string', description: 'Any text.' } }, ['id']),
    )
    expect(trimSchemaForListing(source.advertised)).toEqual({ schema: source.advertised, hidden: [] })
  })

  it('leaves out rare members that are not required', () => {
    const source = object(
      {
        id: text,
        rare: text,
        emails: { type: 'array', items: object({ email: text, type: text }, ['email']) },
      },
      ['id'],
    )
    expect(listed(source, { rarelyUsed: ['id', 'rare', 'emails.type', 'emails.email'] })).toEqual({
      schema: {
        type: 'object',
        properties: {
          id: text,
          emails: {
            type: 'array',
            items: { type: 'object', properties: { email: text }, required: ['email'] },
          },
        },
        required: ['id'],
      },
      hidden: ['rare'],
    })
  })

  it('cuts long descriptions first', () => {
    const description = `What it is for. ${'More of it. '.repeat(30)}`
    const names = Array.from({ length: 8 }, (_, index) => `field${index}`)
    const { schema, hidden } = listed(
      object(Object.fromEntries(names.map((name) => [name, { type: 'string', description }]))),
    )
    expect(hidden).toEqual([])
    expect(schema.properties['field7']).toEqual({ type: 'string', description: 'What it is for.' })
  })

  it('names the members of deep objects', () => {
    const wide = object(
      Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`member${index}`, text])),
    )
    const { schema, hidden } = listed(
      object({ a: object({ b: object({ c: wide, d: wide, e: wide, f: wide }) }) }),
    )
    expect(hidden).toEqual([])
    expect(schema.properties['a']?.['properties']).toEqual({
      b: {
        type: 'object',
        properties: { example: { type: 'string', description: 'Any member, by its name.' } },
        description: 'Members: c, d, e, f.',
      },
    })
    const plain = listed(
      object({ a: object({ b: object({ c: wide, d: { type: 'integer' }, e: wide, f: wide, g: wide }) }) }),
    )
    expect(plain.schema.properties['a']?.['properties']).toEqual({
      b: { type: 'object', properties: { d: { type: 'integer' } }, description: 'Members: c, d, e, f, g.' },
    })
  })

  it('names the arguments that it leaves out', () => {
    const names = Array.from({ length: 60 }, (_, index) => `someOptionalField${index}`)
    const source = object(Object.fromEntries([...names, 'wanted', 'needed'].map((name) => [name, text])), [
      'needed',
    ])
    const { schema, hidden } = listed(source, { usual: ['wanted'] })
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining([names[0], 'wanted', 'needed']))
    expect(hidden).toEqual(names.slice(-hidden.length))
    expect(hidden.length).toBeGreaterThan(20)
  })

  it('fits, or shows only required arguments', () => {
    fc.assert(
      fc.property(messySchema, fc.integer({ min: 60, max: 2000 }), (source, maxBytes) => {
        const { schema } = listed(source, { maxBytes })
        const isLeast = Object.keys(schema.properties).every((name) => schema.required?.includes(name))
        expect(bytes(schema) <= maxBytes || isLeast).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  it('names every argument and adds none', () => {
    fc.assert(
      fc.property(messySchema, fc.integer({ min: 60, max: 2000 }), (source, maxBytes) => {
        const full = normaliseSchema(source).advertised
        const { schema, hidden } = trimSchemaForListing(full, { maxBytes })
        expect([...Object.keys(schema.properties), ...hidden].sort()).toEqual(
          Object.keys(full.properties).sort(),
        )
        expect(schema.required).toEqual(full.required)
      }),
    )
  })

  it('accepts arguments that are not shown', () => {
    // These stand for no value and may be left out.
    const absent: unknown[] = [null, '', 'null']
    fc.assert(
      fc.property(objectPair, ({ schema, value }) => {
        const { accepted, advertised } = normaliseSchema(schema)
        const before = acceptArguments(value as Record<string, unknown>, accepted)
        trimSchemaForListing(advertised, { rarelyUsed: Object.keys(advertised.properties), maxBytes: 1 })
        expect(acceptArguments(value as Record<string, unknown>, accepted)).toEqual(before)
        const sent = Object.entries(value as object).filter(([, member]) => !absent.includes(member))
        expect(Object.keys(before)).toEqual(expect.arrayContaining(sent.map(([name]) => name)))
      }),
    )
  })

  it('counts bytes, at least three a token', () => {
    for (const { key, description, schema, listing } of snapshotActions) {
      for (const shown of [schema.advertised, listing.schema]) {
        const content = JSON.stringify({ key, description, shown })
        expect(Buffer.byteLength(content) / countTokens(content), key).toBeGreaterThan(3.5)
      }
    }
    const german = 'Kennung des Kunden, zu dem die Unterhaltung gehört.'
    const japanese = '会話が属する顧客の識別子。'
    for (const description of [german, japanese]) {
      const content = JSON.stringify(
        object(Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { ...text, description }]))),
      )
      expect(Buffer.byteLength(content) / countTokens(content), description).toBeGreaterThan(3)
    }
  })
})

describe('the rare members of the shipped actions', () => {
  const memberAt = (schema: unknown, path: string[]): unknown => {
    const [name = '', ...rest] = path
    const { items, properties } = schema as { items?: unknown; properties?: Record<string, unknown> }
    if (items !== undefined) return memberAt(items, path)
    return rest.length === 0 ? properties?.[name] : memberAt(properties?.[name], rest)
  }

  it.each(snapshotActions.filter(({ rarelyUsed = [] }) => rarelyUsed.length > 0))(
    'are optional in $key, and checked',
    ({ rarelyUsed = [], schema: { advertised, accepted } }) => {
      for (const path of rarelyUsed) {
        expect(memberAt(advertised, path.split('.')), path).toBeDefined()
        expect(memberAt(accepted, path.split('.')), path).toBeDefined()
        expect(advertised.required ?? []).not.toContain(path)
      }
    },
  )
})
