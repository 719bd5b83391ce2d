import fc from 'fast-check'
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, it, test } from 'vitest'
import { droppedFields, duplicateFields } from '../../src/kustomer/redundant-field-rules.ts'
import { compact } from '../../src/response/compact.ts'
import { pickFields } from '../../src/response/pick-fields.ts'
import organisation from '../../src/sandbox/organisation.json' with { type: 'json' }

type Json = Record<string, unknown>

/** All scalars of a value but those under a name that is left out, links and empty ones aside. */
function facts(value: unknown, path: string[] = []): Set<unknown> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...facts(item, path)]))
  if (typeof value !== 'object' || value === null)
    return new Set(value === null || value === '' ? [] : [value])
  return new Set(
    Object.entries(value)
      .filter(([name]) => name !== 'links' && !isListed([...path, name]))
      .flatMap(([name, member]) => [...facts(member, [...path, name])]),
  )
}

const listed = new Set(droppedFields.map(({ name }) => name))
/** The name of a relation tells the type of most records. */
const isListed = (path: string[]) =>
  (path.includes('relationships') && path.at(-2) === 'data' && path.at(-1) === 'type') ||
  listed.has(path.at(-1) ?? '') ||
  listed.has(path.slice(-2).join('.'))

const id = fc.stringMatching(/^[0-9a-f]{24}$/)
const time = fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
const type = fc.constantFrom(
  'customer',
  'conversation',
  'message',
  'note',
  'user',
  'company',
  'kobject.order',
)
const scalar = fc.oneof(id, time, fc.integer(), fc.boolean(), fc.string(), fc.constant(null))
const masked = fc.constant({ isMasked: true, maskedPresentation: '' })
const names = [
  ...['rev', 'status', 'externalId', 'name', 'customer', 'type', 'id', 'sla', 'meta', 'custom', 'emails'],
  ...['page', 'lastMessageIn', 'lastMessageUnrespondedTo', 'subject', 'answers', 'x_', 'customerId'],
  ...duplicateFields.map(({ name }) => name),
  'createdAt',
]
const name = fc.constantFrom(...names)
const value = fc.oneof(
  { weight: 6, arbitrary: scalar },
  masked,
  fc.array(fc.dictionary(name, scalar, { maxKeys: 3 }), { maxLength: 2 }),
  fc.dictionary(name, scalar, { maxKeys: 5 }),
)
const reference = fc.record({ type, id })
const relation = fc.record(
  {
    data: fc.oneof(reference, fc.array(reference, { maxLength: 3 }), fc.constant(null)),
    links: fc.constant({ self: '/v1/x' }),
    meta: fc.constantFrom({ kobject: true }, { count: 3 }),
  },
  { requiredKeys: [] },
)
const resource = fc.record(
  {
    type,
    id,
    attributes: fc.dictionary(name, value, { maxKeys: 12 }),
    relationships: fc.dictionary(
      fc.constantFrom('customer', 'createdBy', 'sla', 'tags', 'org', 'type'),
      relation,
    ),
    links: fc.constant({ self: '/v1/x/1' }),
    meta: fc.dictionary(name, scalar, { maxKeys: 2 }),
  },
  { requiredKeys: ['type', 'id', 'attributes'] },
)
const document = fc.record(
  {
    data: fc.oneof(resource, fc.array(resource, { maxLength: 4 })),
    included: fc.array(resource, { maxLength: 3 }),
  },
  { requiredKeys: ['data'] },
)

describe('compaction', () => {
  it('loses nothing but the listed fields', () => {
    fc.assert(
      fc.property(document, (given) => {
        const kept = facts(compact(given))
        // `{ kobject: true }` says that a type is one of a custom object.
        const missing = [...facts(given)].filter((fact) => !kept.has(fact) && fact !== true)
        expect(missing.filter((fact) => typeof fact !== 'string' || !isWords(fact, kept))).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('keeps the order, types, ids and revisions', () => {
    fc.assert(
      fc.property(fc.array(resource, { maxLength: 5 }), (records) => {
        const results = compact(records) as Json[]
        expect(results).toHaveLength(records.length)
        for (const [index, { type: kind, id: key, attributes }] of records.entries()) {
          expect(results[index]).toMatchObject({ type: kind, id: key })
          const { rev } = attributes
          if (typeof rev === 'number' || typeof rev === 'string')
            expect(results[index]?.['rev'] ?? '').toEqual(rev)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('leaves JSON without records as it is, whatever its names', () => {
    const plain = fc.jsonValue().filter((json) => !/"id"|"included"/.test(JSON.stringify(json)))
    fc.assert(fc.property(plain, (json) => void expect(compact(json)).toEqual(json)))
    const other = { links: { next: 'x' }, avatarUrl: '', tags: [], org: 'o', deleted: false, data: null }
    expect(compact(other)).toEqual(other)
  })

  it('drops empty members of an unwrapped record', () => {
    expect(
      compact({ id: 1, links: { self: 'x' }, avatarUrl: 'y', tags: [], note: '', n: 0, b: false }),
    ).toEqual({
      id: 1,
      links: { self: 'x' },
      avatarUrl: 'y',
      n: 0,
      b: false,
    })
  })

  test.each<[string, object, object]>([
    ['an id by the relation', { customer: { data: { type: 'customers', id: 'c' } } }, { customer: 'c' }],
    ['ids', { messages: { data: [{ type: 'message', id: 'a' }] } }, { messages: ['a'] }],
    ['an author', { createdBy: { data: { type: 'user', id: 'u' } } }, { createdBy: 'u' }],
    [
      'a type that the name does not tell',
      { endedBy: { data: { type: 'customer', id: 'c' } } },
      { endedBy: { type: 'customer', id: 'c' } },
    ],
    ['nothing for links alone', { messages: { links: { self: '/x' } } }, {}],
    ['nothing for no record', { company: { data: null } }, {}],
    ['an id beside an attribute of the name', { sla: { data: { type: 'sla', id: 's' } } }, { slaId: 's' }],
    [
      'what else a relation says',
      { tags: { data: [], meta: { n: 1 } } },
      { tags: { data: [], meta: { n: 1 } } },
    ],
  ])('gives %s', (_, relationships, expected) => {
    const attributes = 'sla' in relationships ? { sla: { breached: true } } : {}
    const given = { type: 'conversation', id: 'x', attributes, relationships }
    expect(compact(given)).toEqual({ type: 'conversation', id: 'x', ...attributes, ...expected })
  })

  it('keeps attributes called type and id apart', () => {
    const given = { type: 'tag', id: '1', attributes: { type: 'x', id: 'y', name: 'n' } }
    expect(compact(given)).toEqual({ type: 'tag', id: '1', name: 'n', attributes: { type: 'x', id: 'y' } })
  })

  it('shows a repeated record once', () => {
    const last = { id: 'm', createdAt: 't', sentAt: 't' }
    const given = {
      type: 'conversation',
      id: 'c',
      attributes: { lastMessageIn: last, lastMessageUnrespondedTo: last },
    }
    expect(compact(given)).toEqual({
      type: 'conversation',
      id: 'c',
      lastMessageIn: { id: 'm', createdAt: 't' },
      lastMessageUnrespondedTo: 'm',
    })
    const user = { type: 'user', id: 'u', attributes: { name: 'Ada' } }
    expect(compact({ data: [user], included: [user, { ...user, id: 'v' }] })).toEqual({
      data: [{ type: 'user', id: 'u', name: 'Ada' }],
      included: [{ type: 'user', id: 'v', name: 'Ada' }],
    })
  })

  test('no rule about repeated members is circular', () => {
    const of = new Map(duplicateFields.map((row) => [row.name, row.of]))
    const reaches = (from: string, to: string): boolean =>
      (of.get(from) ?? []).some((next) => next === to || reaches(next, to))
    for (const { name: start } of duplicateFields) expect(reaches(start, start), start).toBe(false)
  })

  test('what support work reads most costs at most a third', () => {
    const { conversations, customers, messages, notes } = organisation
    const sums = [conversations, customers, messages, notes].map((records) => ({
      raw: countTokens(JSON.stringify(records)),
      compact: countTokens(JSON.stringify(compact(records))),
    }))
    const total = (column: 'raw' | 'compact') => sums.reduce((sum, row) => sum + row[column], 0)
    expect(total('compact') / total('raw')).toBeLessThan(1 / 3)
  })
})

/** First and last names are left out where the name has them as words. */
const isWords = (text: string, kept: Set<unknown>) =>
  [...kept].some(
    (other) =>
      typeof other === 'string' &&
      text
        .toLowerCase()
        .split(/\s+/)
        .filter(Boolean)
        .every((word) => other.toLowerCase().split(/\s+/).includes(word)),
  )

describe('fields', () => {
  const records = organisation.conversations.slice(0, 3)
  const [first] = records

  it('keeps named fields unchanged, with type, id and rev', () => {
    const asked = ['status', 'externalId', 'modifiedAt', 'customer', 'lastMessageIn.sentAt', 'custom']
    const { value: picked, unknown } = pickFields(records, asked, true)
    expect(unknown).toEqual([])
    expect((picked as Json[])[0]).toEqual({
      type: 'conversation',
      id: first?.id,
      externalId: null,
      status: first?.attributes.status,
      lastMessageIn: { sentAt: first?.attributes.lastMessageIn?.sentAt },
      modifiedAt: first?.attributes.modifiedAt,
      rev: first?.attributes.rev,
      custom: first?.attributes.custom,
      customer: first?.relationships.customer.data.id,
    })
  })

  it('keeps resources what they are without flattening', () => {
    const { value: picked } = pickFields({ data: first }, ['status', 'customer'], false)
    expect(picked).toEqual({
      data: {
        type: 'conversation',
        id: first?.id,
        attributes: { status: first?.attributes.status, rev: first?.attributes.rev },
        relationships: { customer: first?.relationships.customer },
      },
    })
  })

  it('names those that no record has', () => {
    const { unknown, available } = pickFields(records, ['stauts', 'priority', 'custom.nope'], true)
    expect(unknown).toEqual(['stauts', 'custom.nope'])
    expect(available).toEqual(expect.arrayContaining(['status', 'priority', 'custom', 'customer']))
  })
})
