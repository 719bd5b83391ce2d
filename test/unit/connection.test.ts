import { describe, expect, it } from 'vitest'
import { ToolError } from '../../src/errors.ts'
import { chooseConnection, isKustomer, isUsable, toConnectionSummary } from '../../src/membrane/connection.ts'
import {
  actionSchema,
  type Connection,
  connectionSchema,
  readDocument,
  readPage,
} from '../../src/membrane/documents.ts'

const connection = (fields: object = {}): Connection =>
  connectionSchema.parse({
    id: 'c1',
    key: 'kustomer',
    name: 'Kustomer',
    state: 'READY',
    connected: true,
    ...fields,
  })

describe('a connection is usable', () => {
  it.each<[object, boolean]>([
    [{}, true],
    [{ state: undefined }, true],
    [{ state: '', connected: undefined }, true],
    [{ connected: null, disconnected: null, archivedAt: null }, true],
    [{ errors: [{ message: 'old' }], isTest: true }, true],
    [{ state: 'BUILDING' }, false],
    [{ state: 'CLIENT_ACTION_REQUIRED' }, false],
    [{ state: 'CONFIGURATION_ERROR' }, false],
    [{ state: 'SETUP_FAILED' }, false],
    [{ state: 'DISCONNECTING' }, false],
    [{ state: 'NEW_STATE' }, false],
    [{ connected: false }, false],
    [{ disconnected: true }, false],
    [{ isDefunct: true }, false],
    [{ isDeactivated: true }, false],
    [{ archivedAt: '2026-01-01' }, false],
  ])('with %j: %s', (fields, usable) => {
    expect(isUsable(connection(fields))).toBe(usable)
  })
})

describe('a connection is one to Kustomer', () => {
  const bare = { key: undefined, name: undefined }
  it.each<[object, boolean]>([
    [{ key: 'kustomer' }, true],
    [{ key: 'Kustomer-2' }, true],
    [{ name: 'KUSTOMER (EU)' }, true],
    [{ integrationKey: 'kustomer' }, true],
    [{ connectorKey: 'kustomer' }, true],
    [{ integration: { key: 'kustomer' } }, true],
    [{ integration: { name: 'Kustomer' } }, true],
    [{ integration: null }, false],
    [{}, false],
    [{ name: 'Not Kustomer' }, false],
    [{ key: 'slack', name: 'Slack' }, false],
  ])('with %j: %s', (fields, expected) => {
    expect(isKustomer(connection({ ...bare, ...fields }))).toBe(expected)
  })
})

describe('the connection to use', () => {
  const ready = connection()
  const second = connection({ id: 'c2', key: 'kustomer-eu', name: 'Kustomer EU' })
  const broken = connection({ id: 'c3', state: 'CLIENT_ACTION_REQUIRED', connected: false })
  const slack = connection({ id: 'c4', key: 'slack', name: 'Slack' })
  it.each<[string, Connection[], string | undefined, string]>([
    ['the only usable one', [slack, broken, ready], undefined, 'c1'],
    ['the one named by id', [ready, second], 'c2', 'c2'],
    ['the one named by key', [ready, second], 'kustomer-eu', 'c2'],
    ['one of another app, when named', [ready, slack], 'slack', 'c4'],
  ])('is %s', (_, list, configured, id) => {
    expect(chooseConnection(list, configured).id).toBe(id)
  })

  it.each<[string, Connection[], string | undefined, string, string[]]>([
    ['there is none', [], undefined, 'not-connected', []],
    ['there is none of Kustomer', [slack], undefined, 'not-connected', []],
    ['the named one is missing', [ready, slack], 'nope', 'not-connected', ['c1']],
    ['none is usable', [broken, slack], undefined, 'connection-needs-attention', ['c3']],
    ['the named one is not usable', [ready, broken], 'c3', 'connection-needs-attention', ['c3']],
    ['two are usable', [ready, second, slack], undefined, 'ambiguous-connection', ['c1', 'c2']],
  ])('is refused when %s', (_, list, configured, reason, ids) => {
    const choose = () => chooseConnection(list, configured)
    expect(choose).toThrow(ToolError)
    expect(choose).toThrow(
      expect.objectContaining({
        reason,
        data: { connections: ids.map((id) => expect.objectContaining({ id })) },
      }),
    )
  })

  it('is told with a name that is clean, short and on one line', () => {
    const { name } = toConnectionSummary(
      connection({ name: `Kustomer\u202e\n\u001b[31m Bearer abcdefgh1234 ${'x'.repeat(200)}` }),
    )
    expect(name).toMatch(/^Kustomer Bearer \[redacted\] x+…$/)
    expect(name.length).toBeLessThanOrEqual(81)
  })
})

describe('documents of the CLI', () => {
  const item = { id: 'a', name: 'A' }
  it.each<[string, object, object]>([
    ['items', { items: [item] }, { items: [item] }],
    ['items and a cursor', { items: [item], cursor: '3' }, { items: [item], cursor: '3' }],
    ['a numeric cursor', { items: [], cursor: 3 }, { items: [], cursor: '3' }],
    ['no further page, by null', { items: [], cursor: null }, { items: [] }],
    ['no further page, by an empty cursor', { items: [], cursor: '' }, { items: [] }],
    ['a bare list', [item], { items: [item] }],
    ['a list in output', { output: [item] }, { items: [item] }],
    ['a page in output', { output: { items: [item], cursor: 'x' } }, { items: [item], cursor: 'x' }],
    ['unknown members', { items: [{ ...item, x: 1 }], total: 5 }, { items: [item] }],
  ])('may be %s', (_, document, expected) => {
    const page = readPage(document, actionSchema)
    expect({ ...page, items: page.items.map(({ id, name }) => ({ id, name })) }).toEqual(expected)
  })

  it.each([
    {},
    { items: null },
    { items: {} },
    { items: [{}] },
    { items: [{ id: null }] },
    { items: [{ id: '' }] },
    { items: [{ id: {} }] },
    { output: null },
    { items: [null] },
  ])('fail loudly without what is needed: %j', (document) => {
    expect(() => readPage(document, actionSchema)).toThrow(expect.objectContaining({ reason: 'bad-output' }))
  })

  it('may hold optional fields of any type', () => {
    const odd = {
      id: 5,
      name: 5,
      key: {},
      state: [],
      connected: 'yes',
      integration: 'x',
      clientAction: 1,
      errors: {},
    }
    expect(readDocument(odd, connectionSchema)).toMatchObject({ id: '5' })
  })
})
