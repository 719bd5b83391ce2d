import { describe, expect, test } from 'vitest'
import { type Harness, type Json, setupOnce } from '../support/harness.ts'
import { actionId, connection, connectionId, liveActions } from '../support/samples.ts'
import { atItsTime, stopClock } from '../support/time.ts'

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const acme = 'bbbbbbbbbbbbbbbbbbbbbbbb'
const other = 'cccccccccccccccccccccccc'

const customer = (company: Json = { data: { type: 'company', id: acme } }) => ({
  data: { type: 'customer', id, attributes: { name: 'Ada', rev: 7 }, relationships: { company } },
})
const answer = (status: number, body: object) => ({
  json: { status, headers: {}, body },
  ...(status < 400 ? {} : { exit: 1 }),
})
const refusal = (status: number) => answer(status, { errors: [{ code: 'x', title: 'No.' }] })
/** What a read of the customer answers, and which actions there are. */
const planWith = (read: object, actions: object[] = liveActions) => ({
  connections: [connection],
  actions,
  faults: [{ when: `request ${connectionId} /v1/customers/`, ...read }],
})
const linked = planWith(answer(200, customer()))

/** The live list with another input schema of update-customer. */
const withProperties = (names: string[]) =>
  liveActions.map((action) =>
    action.key === 'update-customer'
      ? {
          ...action,
          inputSchema: {
            type: 'object',
            properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
          },
        }
      : action,
  )

const readArgv = [
  'request',
  connectionId,
  '/v1/customers/{id}',
  '--method=GET',
  `--pathParam=id=${id}`,
  '--json',
]
const writeArgv = (input: object) => [
  'action',
  'run',
  actionId('update-customer'),
  `--connectionId=${connectionId}`,
  `--input=${JSON.stringify(input)}`,
  '--json',
]

/** The tools that an update can be made with. */
const ways = {
  'update-customer': (harness: Harness, args: object) => harness.call('update-customer', { ...args }),
  'run-action by key': (harness: Harness, args: object) =>
    harness.call('run-action', { action: 'update-customer', input: args }),
  'run-action by id': (harness: Harness, args: object) =>
    harness.call('run-action', { action: actionId('update-customer'), inputText: JSON.stringify(args) }),
}

describe.each(Object.entries(ways))('an update by %s', (_, update) => {
  const server = setupOnce({ plan: linked })
  const argvOf = async (args: object, plan = linked) => {
    const harness = server()
    harness.rewrite(plan)
    const { isError, text } = await update(harness, args)
    expect(isError, text).toBe(false)
    return harness.calls().map(({ argv }) => argv)
  }

  test.each<[string, object, object]>([
    ['without company keeps it, with rev', { name: 'Ada L.' }, { name: 'Ada L.', company: acme, rev: 7 }],
    ['with a rev keeps that one', { name: 'Ada L.', rev: 5 }, { name: 'Ada L.', rev: 5, company: acme }],
  ])('%s', async (_name, given, sent) => {
    expect(await argvOf({ id, ...given })).toEqual([readArgv, writeArgv({ id, ...sent })])
  })

  test.each<[string, unknown, unknown]>([
    ['null unlinks the company', null, null],
    ['an empty text unlinks the company', '', null],
    ['an id sets the company', other, other],
  ])('%s, without a read', async (_name, company, sent) => {
    expect(await argvOf({ id, company })).toEqual([writeArgv({ id, company: sent })])
  })

  test.each<[string, Json]>([
    ['no company', { data: null }],
    ['a null relationship', null],
    ['no such relationship', undefined],
  ])('a customer with %s costs the read alone', async (_name, company) => {
    const input = { id, name: 'Ada L.' }
    const relationships = company === undefined ? {} : { company }
    const { data } = customer()
    const plan = planWith(answer(200, { data: { ...data, relationships } }))
    expect(await argvOf(input, plan)).toEqual([readArgv, writeArgv(input)])
  })
})

describe.each([
  { schema: 'without company', names: ['id', 'name', 'rev'], reads: [], kept: {} },
  { schema: 'without rev', names: ['id', 'name', 'company'], reads: [readArgv], kept: { company: acme } },
])('a live schema $schema', ({ names, reads, kept }) => {
  const server = setupOnce({ plan: planWith(answer(200, customer()), withProperties(names)) })

  test(`takes ${Object.keys(kept).join() || 'nothing'} of the record, by ${reads.length} reads`, async () => {
    const { isError, text } = await server().call('update-customer', { id, name: 'Ada L.' })
    expect(isError, text).toBe(false)
    const argv = server()
      .calls()
      .map((call) => call.argv)
    expect(argv).toEqual([...reads, writeArgv({ id, name: 'Ada L.', ...kept })])
  })
})

describe('a read that fails sends no update', () => {
  const server = setupOnce({ plan: linked })
  const network = { stderr: 'Error: connect ECONNREFUSED 10.0.0.1:443\n', exit: 1 }
  test.each<[string, object, RegExp, number]>([
    ['404', refusal(404), /^not-found: Kustomer answered 404/, 1],
    ['403', refusal(403), /^forbidden: Kustomer answered 403/, 1],
    // A read is tried three times.
    ['no network', network, /^network: /, 3],
    ['an answer without the record', answer(200, { data: [] }), /^bad-output: .*without the record/, 1],
  ])('after %s', async (_, read, why, reads) => {
    stopClock()
    for (const update of Object.values(ways)) {
      const harness = server()
      harness.rewrite(planWith(read))
      harness.clear()
      const { isError, text } = await atItsTime(update(harness, { id, name: 'Ada L.' }))
      expect([isError, text]).toEqual([true, expect.stringMatching(why)])
      expect(harness.calls().map(({ argv }) => argv)).toEqual(Array(reads).fill(readArgv))
    }
  })

  test('and the next identical call is sent', async () => {
    const harness = server()
    harness.rewrite(planWith(refusal(403)))
    const args = { id, name: 'Ada B.' }
    expect((await harness.call('update-customer', args)).isError).toBe(true)
    harness.rewrite(linked)
    const { isError, text } = await harness.call('update-customer', args)
    expect(isError, text).toBe(false)
    expect(harness.calls()).toHaveLength(3)
  })
})
