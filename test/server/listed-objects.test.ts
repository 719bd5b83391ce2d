import { describe, expect, test } from 'vitest'
import { isObject, type Json } from '../../src/json.ts'
import { setup, setupOnce } from '../support/harness.ts'
import { breaches } from '../support/model-apis.ts'
import { connection, liveActions } from '../support/samples.ts'

interface Listed {
  place: string
  schema: Json
}

/** Every schema below the root of a tool's input, with its place. */
function schemasIn(schema: Json, place: string): Listed[] {
  const { properties, items } = schema
  const members = isObject(properties) ? Object.entries(properties) : []
  const inner: [string, unknown][] = [
    ...members,
    ...(items === undefined ? [] : [['[]', items] as const]),
  ] as [string, unknown][]
  return inner.flatMap(([name, member]) => [
    { place: `${place}.${name}`, schema: member as Json },
    ...schemasIn(member as Json, `${place}.${name}`),
  ])
}

/** Objects that some model API refuses, or that tell a model nothing. */
const poorObjects = (tools: { name: string; inputSchema: object }[]): string[] =>
  tools.flatMap(({ name, inputSchema }) => [
    ...('additionalProperties' in inputSchema ? [name] : []),
    ...schemasIn(inputSchema as Json, name)
      .filter(({ schema }) => {
        const members = isObject(schema['properties']) ? Object.values(schema['properties']) : []
        const isTelling = members.some(
          (member) => isObject(member) && (member['type'] ?? member['description']),
        )
        return 'additionalProperties' in schema || (schema['type'] === 'object' && !isTelling)
      })
      .map(({ place }) => place),
  ])

const many = (count: number, schema: object) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`member${index}`, schema]))
const text = { type: 'string', description: 'A text that is described in so many words that it takes room.' }
const live = (inputSchema: object) => {
  const actions = liveActions.map((action) =>
    action.key === 'create-note' ? { ...action, inputSchema } : action,
  )
  return { connections: [connection], actions }
}
const objectOf = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })

describe('every listed object has a member that says something, and none is closed', () => {
  test.each<[string, string[]]>([
    ['all tools', []],
    ['the proxy for reads', ['--proxy', 'read']],
    ['with confirmation', ['--confirm', 'writes']],
  ])('%s', async (_, args) => {
    const { client } = await setup({ args: ['--cli', '/nowhere/membrane', ...args] })
    const { tools } = await client.listTools()
    expect(tools.length).toBeGreaterThan(20)
    expect(poorObjects(tools)).toEqual([])
    expect(tools.flatMap((tool) => breaches(tool, 'gemini'))).toEqual([])
  })

  test.each<[string, object]>([
    ['a free object', objectOf({ custom: { type: 'object' } })],
    ['a free object in a list', objectOf({ list: { type: 'array', items: { type: 'object' } } })],
    ['a list of unknown items', objectOf({ list: { type: 'array' } })],
    ['a closed free object', objectOf({ custom: objectOf({}, { additionalProperties: false }) })],
    [
      'an object of any texts',
      objectOf({ custom: { type: 'object', additionalProperties: { type: 'string' } } }),
    ],
    ['a patterned object', objectOf({ custom: { type: 'object', patternProperties: { '^x': text } } })],
    [
      'members that are read only',
      objectOf({ custom: objectOf({ id: { type: 'string', readOnly: true } }) }),
    ],
    ['members without a legal name', objectOf({ custom: objectOf({ 'a b': text, 'ü.x': text }) })],
    ['an object or null', objectOf({ custom: { type: ['object', 'null'] } })],
    ['an object or text', objectOf({ custom: { anyOf: [{ type: 'object' }, { type: 'string' }] } })],
    ['a large object', objectOf({ custom: objectOf(many(40, text)) })],
    ['large objects in a list', objectOf({ list: { type: 'array', items: objectOf(many(40, text)) } })],
    ['an object of large objects', objectOf({ custom: objectOf(many(9, objectOf(many(9, text)))) })],
    [
      'an object of lists',
      objectOf({ custom: objectOf(many(30, { type: 'array', items: objectOf(many(3, text)) })) }),
    ],
    ['many free objects', objectOf(many(40, { type: 'object', description: text.description }))],
    [
      'required large objects',
      objectOf(many(9, objectOf(many(9, text))), { required: Object.keys(many(9, {})) }),
    ],
    ['an action without a schema', {}],
  ])('%s', async (_, inputSchema) => {
    const { client } = await setup({ plan: live(inputSchema) })
    const { tools } = await client.listTools()
    const created = tools.filter(({ name }) => name === 'create-note')
    expect(created).toHaveLength(1)
    expect(poorObjects(created)).toEqual([])
    expect(created.flatMap((tool) => breaches(tool, 'gemini'))).toEqual([])
  })
})

describe('a nullable member', () => {
  const nullables: [string, object][] = [
    ['a list of types', { type: ['string', 'null'] }],
    ['nullable', { type: 'string', nullable: true }],
    ['an alternative', { anyOf: [{ type: 'string' }, { type: 'null' }] }],
    ['a const', { oneOf: [{ const: null }, { type: 'string' }] }],
    ['an enum', { type: ['string', 'null'], enum: ['a', null] }],
  ]
  const names = nullables.map((_, index) => `member${index}`)
  const properties = Object.fromEntries(nullables.map(([, schema], index) => [`member${index}`, schema]))
  const server = setupOnce({ plan: live(objectOf({ ...properties, plain: { type: 'string' } })) })

  test.each<unknown>([null, '', 'null'])('is null for %j, in every spelling of the schema', async (given) => {
    const args = Object.fromEntries([...names, 'plain'].map((name) => [name, given]))
    const { isError, text } = await server().call('create-note', args)
    expect(isError, text).toBe(false)
    const [{ argv } = { argv: [] }] = server().calls()
    const sent = JSON.parse(argv.find((part) => part.startsWith('--input='))?.slice(8) ?? '')
    expect(sent).toEqual(Object.fromEntries(names.map((name) => [name, null])))
  })

  test('is listed by its one type', async () => {
    const { tools } = await server().client.listTools()
    const { inputSchema } = tools.find(({ name }) => name === 'create-note') ?? {}
    for (const name of names) expect(inputSchema?.properties?.[name]).toMatchObject({ type: 'string' })
    expect(JSON.stringify(inputSchema)).not.toMatch(/"null"|nullable|anyOf/)
  })
})

describe('Gemini refuses', () => {
  const tool = (member: object) => ({
    ...{ name: 'a-tool', title: 'A tool', description: 'Does it.' },
    inputSchema: { type: 'object', properties: { a: member } },
  })
  test.each<[string, object, string]>([
    [
      'an object without properties',
      { type: 'object', description: 'Any.' },
      'gemini: root.a: no free object',
    ],
    ['an object with no property', { type: 'object', properties: {} }, 'gemini: root.a: no free object'],
    [
      'items without properties',
      { type: 'array', items: { type: 'object' } },
      'gemini: root.a[]: no free object',
    ],
  ])('%s', (_, member, breach) => {
    expect(breaches(tool(member), 'gemini')).toContain(breach)
  })
})
