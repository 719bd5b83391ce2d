import { describe, expect, test, vi } from 'vitest'
import { type Harness, type Json, setup, setupOnce } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { atItsTime, settle, stopClock } from '../support/time.ts'

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const limits =
  'A search covers what was changed in the last two years, takes a moment to know what was just written, and matches whole words.'

const reply = (body: object, status = 200) => ({
  json: { status, headers: {}, body },
  ...(status < 400 ? {} : { exit: 1 }),
})
const nothing = { data: [], meta: { total: 0 }, links: { next: null } }
const record = { type: 'conversation', id, attributes: { name: 'Hello' }, relationships: {} }
const definitions = (...names: string[]) =>
  reply({
    data: {
      type: 'metadata',
      attributes: { properties: Object.fromEntries(names.map((name) => [name, {}])) },
    },
  })
const metadata = `request ${connectionId} /v1/metadata/`
const searches = `request ${connectionId} /v1/customers/search`

interface Answers {
  first?: object
  /** What the metadata request answers. */
  names?: object
  second?: object
}
const planWith = ({
  first = reply(nothing),
  names = definitions(),
  second = reply({ data: [record] }),
}: Answers) => ({
  connections: [connection],
  actions: liveActions,
  faults: [
    { when: searches, has: '_custom_', ...second },
    { when: searches, ...first },
    { when: metadata, ...names },
  ],
})

const pathsOf = (harness: Harness) => harness.calls().map(({ argv }) => argv[2])
const bodyOf = (argv: string[] = []): Json =>
  JSON.parse(argv.find((part) => part.startsWith('--data='))?.slice(7) ?? 'null')
const text = { type: 'conversation', text: 'S1' }
const [searchPath, metadataPath] = ['/v1/customers/search', '/v1/metadata/conversation']

async function answer(harness: Harness, args: Json): Promise<Json> {
  const { isError, text, structured } = await harness.call('search', args)
  expect(isError, text).toBe(false)
  return structured
}

describe('text', () => {
  test('that is found costs one request', async () => {
    const harness = await setup({ plan: planWith({ first: reply({ data: [record] }) }) })
    expect((await answer(harness, text)).data).toHaveLength(1)
    expect(pathsOf(harness)).toEqual([searchPath])
    const [{ argv } = { argv: [] }] = harness.calls()
    expect(bodyOf(argv).or).toEqual(
      ['conversation_any_text', 'message_body', 'note_body'].map((name) => ({ [name]: { contains: 'S1' } })),
    )
  })

  test('that is not found is looked for in custom attributes', async () => {
    const names = definitions('severityStr', 'detailsTxt', 'amountNum', 'dueAt', 'a.b.Str')
    const harness = await setup({ plan: planWith({ names }) })
    expect((await answer(harness, { ...text, status: 'open' })).data).toHaveLength(1)
    expect(pathsOf(harness)).toEqual([searchPath, metadataPath, searchPath])
    const { and, or } = bodyOf(harness.calls().at(-1)?.argv)
    expect(and).toEqual([{ conversation_status: { equals: 'open' } }])
    expect(or.map((one: Json) => Object.keys(one)[0])).toEqual([
      'conversation_any_text',
      'message_body',
      'note_body',
      'conversation_custom_severityStr',
      'conversation_custom_detailsTxt',
    ])
  })

  test('names of custom attributes are read once in ten minutes', async () => {
    stopClock()
    const harness = await setup({ plan: planWith({ names: definitions('severityStr') }) })
    const readAfter = async (ms: number) => {
      vi.advanceTimersByTime(ms)
      await settle()
      harness.clear()
      await atItsTime(answer(harness, text))
      return pathsOf(harness).filter((path) => path === metadataPath).length
    }
    expect([await readAfter(0), await readAfter(599_000), await readAfter(1001), await readAfter(0)]).toEqual(
      [1, 0, 1, 0],
    )
    // Each type has names of its own.
    await atItsTime(answer(harness, { type: 'customer', text: 'S1' }))
    expect(pathsOf(harness)).toContain('/v1/metadata/customer')
  })

  test.each<[string, Json, Answers, string]>([
    [
      'where custom attributes were searched too',
      text,
      { names: definitions('aStr', 'bTxt'), second: reply(nothing) },
      'Searched subjects, previews, messages and notes, and the custom attributes aStr, bTxt.',
    ],
    [
      'where there are no custom attributes of text',
      text,
      { names: definitions('aNum') },
      'Searched subjects, previews, messages and notes.',
    ],
    ['in notes, which have none', { type: 'note', text: 'S1' }, {}, 'Searched the text of notes.'],
    ['without text', { type: 'note' }, {}, ''],
    ...[403, 404, 501].map((status): [string, Json, Answers, string] => [
      `where the names are answered ${status}`,
      text,
      { names: reply({ errors: [{ title: 'No.' }] }, status) },
      'Searched subjects, previews, messages and notes; custom attributes could not be listed: give one with custom.',
    ]),
  ])('that is nowhere: says what was searched %s', async (_, args, answers, where) => {
    const harness = await setup({ plan: planWith(answers) })
    const { data, notices } = await answer(harness, args)
    expect(data).toEqual([])
    expect(notices).toEqual([['Nothing was found.', where, limits].filter(Boolean).join(' ')])
  })

  test('names that could not be read are asked for again', async () => {
    const harness = await setup({ plan: planWith({ names: reply({ errors: [] }, 403) }) })
    await answer(harness, text)
    harness.rewrite(planWith({ names: definitions('aStr') }))
    expect((await answer(harness, text)).data).toHaveLength(1)
    expect(pathsOf(harness)).toEqual([searchPath, metadataPath, searchPath, metadataPath, searchPath])
  })
})

describe('in the sandbox', () => {
  const server = setupOnce({ args: ['--sandbox'] })

  test.each<[string, Json, number, number]>([
    ['a subject', { type: 'conversation', text: 'damaged' }, 1, 1],
    ['a message', { type: 'conversation', text: 'lantern' }, 1, 1],
    ['a note', { type: 'conversation', text: 'carrier' }, 1, 1],
    ['a custom attribute', { type: 'conversation', text: 'S1' }, 1, 3],
    ['a custom attribute that is named', { type: 'conversation', custom: { orderNumberStr: '5098' } }, 1, 1],
    ['an external id', { type: 'customer', externalId: 'cust-2001' }, 1, 1],
    ['a company', { type: 'customer', company: '67cd9ee0c0a9000003000002' }, 2, 1],
    ['the channel phone, which is voice', { type: 'conversation', channel: 'phone' }, 1, 1],
  ])('%s is found', async (_, args, records, requests) => {
    const harness = server()
    harness.clear()
    const { data } = await answer(harness, args)
    const made = harness.calls().filter(({ argv }) => /\/search|\/metadata/.test(argv.join(' ')))
    expect([data.length, made.length]).toEqual([records, requests])
  })

  test('what custom attributes hold is found page by page', async () => {
    const found: string[] = []
    for (let page: number | undefined = 1; page !== undefined; ) {
      const part: Json = await answer(server(), { type: 'customer', text: 'Platinum', page, pageSize: 1 })
      found.push(...part.data.map((customer: Json) => customer.id))
      page = part.page?.next
    }
    expect(found.sort()).toEqual(['68769054c057000002000002', '6909d3c8c057000002000003'])
  })
})

describe('a filter is sent as', () => {
  const server = setupOnce({ plan: planWith({ first: reply({ data: [record] }) }) })
  test.each<[Json, object]>([
    [{ type: 'conversation', company: id }, { customer_company_id: { equals: id } }],
    [{ type: 'customer', company: id }, { customer_company_id: { equals: id } }],
    [{ type: 'message', externalId: 'x-1' }, { message_externalId: { equals: 'x-1' } }],
    [{ type: 'company', externalId: 'x-1' }, { company_externalId: { equals: 'x-1' } }],
    [{ type: 'conversation', satisfaction: 4 }, { conversation_satisfaction: { equals: 4 } }],
    [{ type: 'conversation', channel: 'phone' }, { conversation_channels: { equals: 'voice' } }],
    [{ type: 'message', channel: 'phone' }, { message_channel: { equals: 'voice' } }],
    [{ type: 'customer', phone: '+1 (207) 555-0112' }, { customer_phone: { equals: '+12075550112' } }],
    [{ type: 'customer', custom: { vipBool: true } }, { customer_custom_vipBool: { equals: true } }],
  ])('%j', async (args, condition) => {
    await answer(server(), args)
    const [{ argv } = { argv: [] }] = server().calls()
    expect(bodyOf(argv).and).toEqual([condition])
  })

  test.each<[Json, RegExp]>([
    [{ type: 'note', company: id }, /`company` does not apply to type note/],
    [{ type: 'customer', satisfaction: 4 }, /`satisfaction` does not apply to type customer/],
    [{ type: 'customer', custom: { 'a.b': 1 } }, /`custom`: names are letters and digits/],
  ])('nothing where %j does not fit', async (args, why) => {
    const { isError, text } = await server().call('search', args)
    expect([isError, text]).toEqual([true, expect.stringMatching(why)])
    expect(server().calls()).toEqual([])
  })
})
