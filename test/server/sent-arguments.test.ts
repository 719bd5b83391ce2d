import { describe, expect, test } from 'vitest'
import { type Harness, type Json, setupOnce } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const other = 'bbbbbbbbbbbbbbbbbbbbbbbb'
const text = { type: 'string' }
const contact = {
  type: 'object',
  properties: { email: { type: 'string', format: 'email' }, name: text },
  required: ['email'],
  additionalProperties: false,
}
const members = {
  title: { type: 'string', minLength: 1 },
  note: { type: ['string', 'null'] },
  at: { type: 'string', format: 'date-time' },
  code: { type: 'string', pattern: '^[A-Z]+$' },
  count: { type: 'integer', minimum: 0, maximum: 9_007_199_254_740_991 },
  rate: { type: 'number' },
  urgent: { type: 'boolean' },
  status: { type: 'string', enum: ['open', 'done'] },
  tags: { type: 'array', items: text },
  numbers: { type: 'array', items: { type: 'integer' } },
  contact,
  contacts: { type: 'array', items: contact },
  meta: { type: 'object', properties: { depth: { type: 'integer' } } },
  payload: { type: 'string', description: 'JSON, as the app expects it.' },
  any: {},
}
const action = (key: string, index: number, inputSchema: object | undefined, method = 'POST') => ({
  id: `69e0c0ffee00000000f${index.toString().padStart(5, '0')}`,
  key,
  name: key,
  state: 'READY',
  config: { request: { method, path: '/v1/calls' } },
  inputSchema,
})
const closed = { type: 'object', properties: members, required: ['title'], additionalProperties: false }
const { additionalProperties: _, ...open } = closed
const actions = [
  ...liveActions,
  action('log-call', 1, closed),
  action('log-open-call', 2, open),
  action('log-any-call', 3, undefined),
  action('list-calls', 4, { ...closed, required: [] }, 'GET'),
]
const body = { data: { type: 'draft', id: other, attributes: { status: 'draft' } } }
const server = setupOnce({ plan: { connections: [connection], actions, body } })

/** A draft is looked for before it is written. */
const isDraftList = (argv: string[]) => argv[2]?.endsWith('/drafts') && argv.includes('--method=GET')

/** What reached the CLI: the input of an action, or the parts of a request. */
function sentBy(harness: Harness): unknown {
  const calls = harness.calls().filter(({ argv }) => !isDraftList(argv))
  const [{ argv } = { argv: [] }, ...others] = calls
  expect(others).toEqual([])
  const valuesOf = (flag: string) =>
    argv.filter((part) => part.startsWith(`--${flag}=`)).map((part) => part.slice(flag.length + 3))
  const [input] = valuesOf('input')
  if (input !== undefined) return JSON.parse(input)
  const [data] = valuesOf('data')
  const query = valuesOf('query')
  const pathParams = valuesOf('pathParam')
  return {
    path: argv[2],
    ...(query.length === 0 ? {} : { query }),
    ...(pathParams.length === 0 ? {} : { pathParams }),
    ...(data === undefined ? {} : { body: JSON.parse(data) }),
  }
}

async function sentFor(name: string, args: Json) {
  const harness = server()
  harness.clear()
  const result = await harness.call(name, args)
  expect(result.isError, result.text).toBe(false)
  return { sent: sentBy(harness), notices: result.structured.notices ?? [] }
}

async function refusalOf(name: string, args: Json): Promise<string> {
  const harness = server()
  const before = harness.calls().length
  const result = await harness.call(name, args)
  expect(result.isError, result.text).toBe(true)
  expect(harness.calls()).toHaveLength(before)
  expect(result.text).toMatch(/^invalid-input: /)
  return result.text.replace(/^invalid-input: (The arguments do not fit: )?/, '')
}

const runCall = (input: Json, key = 'log-call') =>
  ['run-action', { action: key, input: { title: 't', ...input } }] as const

describe('a live action gets', () => {
  const huge = '12345678901234567890'
  test.each<[string, Json, Json]>([
    ['no member for null', { code: null, count: null, tags: null, contact: null }, {}],
    ['no member for an empty text', { code: '', count: '', urgent: '', at: '' }, {}],
    ['no member for the text "null"', { code: 'null', rate: 'null', meta: 'null' }, {}],
    ['null where the schema has it', { note: null }, { note: null }],
    ['null for an empty text where the schema has it', { note: '' }, { note: null }],
    ['null for the text "null" where the schema has it', { note: 'null' }, { note: null }],
    ['null as it is where any value fits', { any: null }, { any: null }],
    ['a boolean for "True"', { urgent: 'True' }, { urgent: true }],
    ['a boolean for " FALSE "', { urgent: ' FALSE ' }, { urgent: false }],
    ['a boolean for 1', { urgent: 1 }, { urgent: true }],
    ['a boolean for "0"', { urgent: '0' }, { urgent: false }],
    ['an integer for text', { count: ' 5 ' }, { count: 5 }],
    ['a number for text', { rate: '-2.50' }, { rate: -2.5 }],
    ['text for an integer', { code: 4417 }, { code: '4417' }],
    ['text for a number', { payload: 2.5 }, { payload: '2.5' }],
    ['the case of the enum', { status: ' DONE ' }, { status: 'done' }],
    ['a list for JSON text', { tags: '["a","b"]' }, { tags: ['a', 'b'] }],
    ['integers for a list as JSON text', { numbers: '["1", 2]' }, { numbers: [1, 2] }],
    ['a list for one value', { tags: 'vip' }, { tags: ['vip'] }],
    ['a list for one number', { tags: 7 }, { tags: ['7'] }],
    ['a list for one object', { contacts: { email: 'a@b.c' } }, { contacts: [{ email: 'a@b.c' }] }],
    ['a list for an indexed object', { tags: { 0: 'a', 1: 'b' } }, { tags: ['a', 'b'] }],
    ['an object for JSON text', { meta: '{"depth":"2"}' }, { meta: { depth: 2 } }],
    ['an object for its one required text', { contact: 'a@b.c' }, { contact: { email: 'a@b.c' } }],
    ['objects for their required texts', { contacts: ['a@b.c'] }, { contacts: [{ email: 'a@b.c' }] }],
    ['a list of an object for one text', { contacts: 'a@b.c' }, { contacts: [{ email: 'a@b.c' }] }],
    ['JSON text for an object', { payload: { a: [1] } }, { payload: '{"a":[1]}' }],
    ['JSON text for a list', { payload: [1, null] }, { payload: '[1,null]' }],
    ['trimmed text of a pattern', { code: ' ABC\n' }, { code: 'ABC' }],
    ['trimmed text of a format', { contact: { email: ' a@b.c ' } }, { contact: { email: 'a@b.c' } }],
    ['free text with its spaces', { title: '  t  ' }, { title: '  t  ' }],
    ['a large integer as the text it is', { code: huge }, { code: huge }],
  ])('%s', async (_, given, sent) => {
    expect(await sentFor(...runCall(given))).toEqual({ sent: { title: 't', ...sent }, notices: [] })
  })

  test('the same for the input as JSON text', async () => {
    const inputText = JSON.stringify({ title: 't', urgent: 'True', tags: 'vip' })
    const { sent } = await sentFor('run-action', { action: 'log-call', inputText })
    expect(sent).toEqual({ title: 't', urgent: true, tags: ['vip'] })
  })
})

describe('a live action refuses', () => {
  test.each<[Json, string]>([
    [{ title: '' }, '`title`: must not be empty; takes string.'],
    [{ title: null }, '`title`: takes string.'],
    [{ title: undefined }, '`title`: required but missing.'],
    [{ status: 'closed' }, '`status`: takes one of open, done.'],
    [{ status: 'opens' }, '`status`: takes one of open, done; the nearest is open.'],
    [{ count: 'five' }, '`count`: takes integer from 0.'],
    [{ count: '12345678901234567890' }, '`count`: takes integer from 0.'],
    [{ rate: '1e3' }, '`rate`: takes number.'],
    [{ urgent: 'yes' }, '`urgent`: takes boolean.'],
    [{ note: true }, '`note`: takes string or null.'],
    [{ numbers: ['x'] }, '`numbers.0`: takes integer.'],
    [{ tags: [{}] }, '`tags.0`: takes string.'],
    [{ meta: 'deep' }, '`meta`: takes object { depth? }.'],
    [{ contact: { name: 'Ada' } }, '`contact.email`: required but missing.'],
    [{ contact: 5 }, '`contact`: takes object { email, name? }.'],
    [{ contacts: [5] }, '`contacts.0`: takes object { email, name? }.'],
    [{ code: 1.5, status: 1, urgent: {} }, '`urgent`: takes boolean; `status`: takes one of open, done.'],
  ])('%j with the form it takes', async (given, message) => {
    const refusal = await refusalOf(...runCall(given))
    expect(refusal.slice(0, message.length)).toBe(message)
  })
})

const takes = `It takes ${Object.keys(members).join(', ')}. Nothing was sent.`

describe('an unknown argument', () => {
  test.each<[string, Json, string]>([
    ['', { stauts: 'open' }, '`stauts`: there is no such argument, the nearest is `status`'],
    ['', { colour: 1 }, '`colour`: there is no such argument'],
    ['nested ', { contact: { email: 'a@b.c', emails: 'x' } }, '`contact.emails`: there is no such argument'],
    ['listed ', { contacts: [{ email: 'a@b.c', x: 1 }] }, '`contacts.0.x`: there is no such argument'],
  ])('%sof a closed write is refused: %j', async (_, given, message) => {
    expect(await refusalOf(...runCall(given))).toMatch(`${message}. ${takes}`)
  })

  test.each<[string, string]>([
    ['of an open write', 'log-open-call'],
    ['of a closed read', 'list-calls'],
  ])('%s is passed on with a notice', async (_, key) => {
    const { sent, notices } = await sentFor(...runCall({ stauts: 'open', count: '5' }, key))
    expect(sent).toEqual({ title: 't', stauts: 'open', count: 5 })
    expect(notices).toEqual([
      'The argument stauts is not known of this action and was passed on. If it had no effect, status was meant.',
    ])
  })

  test('of an action without a schema is passed on unchanged', async () => {
    const given = { stauts: '', count: '5', yes: 'True', none: null }
    expect(await sentFor(...runCall(given, 'log-any-call'))).toEqual({
      sent: { title: 't', ...given },
      notices: [],
    })
  })

  test.each<[string, Json, RegExp]>([
    [
      'create-note',
      { conversation: id, body: 'x', boddy: 'y' },
      /`boddy`: there is no such argument\. It takes conversation, body, /,
    ],
    [
      'update-conversation',
      { id, names: 'done' },
      /`names`: there is no such argument, the nearest is `name`/,
    ],
    [
      'create-customer',
      { emails: [{ email: 'a@b.c', kind: 'work' }] },
      /`emails\.0\.kind`: there is no such argument/,
    ],
    ['search', { type: 'customer', filter: 'x' }, /`filter`: there is no such argument/],
    [
      'create-draft',
      { customer: id, channel: 'email', text: 'x' },
      /`text`: there is no such argument, the nearest is `body`/,
    ],
    ['get-conversation-thread', { id, max: 5 }, /`max`: there is no such argument/],
    ['proxy_request', { url: '/v1/tags' }, /`url`: there is no such argument, the nearest is `path`/],
  ])('of the tool %s is refused: %j', async (name, args, message) => {
    expect(await refusalOf(name, args)).toMatch(message)
  })
})

describe('a tool of a built-in action sends', () => {
  test.each<[string, Json, Json]>([
    ['list-customers', { page: '2', pageSize: '', sort: ' -updatedAt ' }, { page: 2, sort: '-updatedAt' }],
    ['list-conversations', { sort: 'Desc' }, { sort: 'desc' }],
    ['list-users', { deleted: 'False', pending: 0 }, { deleted: false, pending: false }],
    ['get-customer-by-email', { email: ' a@b.example ' }, { email: 'a@b.example' }],
    ['get-note-by-id', { id: ` ${id}\n` }, { id }],
    [
      'create-customer',
      { name: '', externalId: 4417, emails: 'a@b.example', tags: other },
      { name: null, externalId: '4417', emails: [{ email: 'a@b.example' }], tags: [other] },
    ],
    [
      'create-conversation',
      { customer: id, priority: '4', assignedUsers: `["${other}"]`, direction: 'IN' },
      { customer: id, priority: 4, assignedUsers: [other], direction: 'in' },
    ],
    [
      'create-note',
      { conversation: id, body: ' a ', lang: 'null' },
      { conversation: id, body: ' a ', lang: null },
    ],
    ['update-conversation', { id, name: '', status: 'Done' }, { id, name: null, status: 'done' }],
  ])('%s: %j', async (name, args, sent) => {
    expect(await sentFor(name, { ...args, wait_for_previous: false })).toEqual({ sent, notices: [] })
  })
})

describe('a hand-written tool sends', () => {
  const found = (filters: object[], query = ['page=1', 'pageSize=25']) => ({
    path: '/v1/customers/search',
    query,
    body: { queryContext: 'conversation', and: filters },
  })
  test.each<[string, Json, Json]>([
    [
      'search',
      { type: 'Conversation', status: 'OPEN', text: '', page: '2', pageSize: '5', sort: null },
      found([{ conversation_status: { equals: 'open' } }], ['page=2', 'pageSize=5']),
    ],
    [
      'search',
      { type: 'conversation', slaBreached: 'True', minPriority: '3', externalId: 17 },
      found([
        { conversation_externalId: { equals: '17' } },
        { conversation_priority: { gte: 3 } },
        { conversation_sla_breached: { equals: true } },
      ]),
    ],
    [
      'search',
      { type: 'conversation', custom: '{"orderNumberStr":"A-1","n":2}' },
      found([
        { conversation_custom_orderNumberStr: { equals: 'A-1' } },
        { conversation_custom_n: { equals: 2 } },
      ]),
    ],
    [
      'list-customer-conversations',
      { id, page: '2', pageSize: null },
      {
        path: '/v1/customers/{id}/conversations',
        query: ['page=2', 'pageSize=25'],
        pathParams: [`id=${id}`],
      },
    ],
    [
      'proxy_request',
      { path: '/v1/customers', query: '{"page":2}', method: 'get', headers: '', pathParams: 'null' },
      { path: '/v1/customers', query: ['page=2'] },
    ],
    [
      'proxy_request',
      { path: '/v1/tags', method: 'Post', body: '{"name":"vip","n":null}', rawBody: '' },
      { path: '/v1/tags', body: { name: 'vip', n: null } },
    ],
    [
      'create-draft',
      { customer: id, channel: 'Chat', body: ' Hi ', to: '', subject: null, sendAt: 'null' },
      {
        path: '/v1/customers/{id}/drafts',
        pathParams: [`id=${id}`],
        body: { channel: 'chat', body: ' Hi ' },
      },
    ],
  ])('%s: %j', async (name, args, sent) => {
    const result = await sentFor(name, { ...args, wait_for_previous: 'true' })
    expect(result.sent).toEqual(sent)
  })

  test.each<[string, Json, string]>([
    ['search', {}, '`type`: required but missing.'],
    ['search', { type: 'ticket' }, '`type`: takes one of conversation, customer, message, company, note.'],
    ['search', { type: 'note', page: 'two' }, '`page`: takes integer'],
    [
      'proxy_request',
      { path: '' },
      '`path`: must start with /. Give a path of the Kustomer API, such as /v1/customers.',
    ],
    [
      'proxy_request',
      { path: '/v1/tags', method: 'HEAD' },
      '`method`: takes one of GET, POST, PUT, PATCH, DELETE',
    ],
    ['run-action', { action: 'log-call', input: 5 }, '`input`: takes object'],
    ['create-draft', { customer: id, channel: 'email', body: '' }, '`body`: must not be empty'],
    ['read-result', { id: 'x', page: 0 }, '`page`: '],
  ])('nothing for %s with %j, and shows the form', async (name, args, message) => {
    expect(await refusalOf(name, args)).toContain(message)
  })
})
