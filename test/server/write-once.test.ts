import { describe, expect, test } from 'vitest'
import { type Harness, internalErrorLog, type Plan, setup } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'
import { atItsTime, stopClock } from '../support/time.ts'

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const kustomerUrl = 'https://api.kustomerapp.com/v1/customers'

type Call = [name: string, args: Record<string, unknown>]
const createNote = (): Call => ['create-note', { conversation: id, body: 'x' }]
const post = (): Call => ['proxy_request', { method: 'POST', path: '/v1/customers', body: { name: 'Ada' } }]
const readCustomer = (): Call => ['get-customer-by-id', { id }]
const get = (): Call => ['proxy_request', { path: '/v1/customers' }]

/** Both verbs are listed as good, so that only what the CLI answers decides whether the other one is tried. */
function start(faults: Plan['faults'], more: Partial<Plan> = {}, args: string[] = []): Promise<Harness> {
  const plan = {
    dialect: 'mixed' as const,
    connections: [connection],
    actions: liveActions,
    faults: faults ?? [],
  }
  return setup({ plan: { ...plan, ...more }, args })
}

/** What a call ended in, and the commands that it ran. */
async function attempt(harness: Harness, [name, args]: Call) {
  harness.clear()
  const { isError, text } = await harness.call(name, args)
  const commands = harness
    .calls()
    .filter(({ argv }) => !/^--(help|version)$/.test(argv.at(-1) ?? ''))
    .map(({ argv: [first = '', second] }) => (first === 'action' ? `action ${second}` : first))
  return { isError, reason: isError ? (text.split(':')[0] ?? '') : 'ok', text, commands }
}

const stackTrace = `file:///usr/lib/node_modules/@membranehq/cli/dist/index.js:214
    const { output } = response.data
            ^

TypeError: Cannot destructure property 'output' of 'response.data' as it is undefined.
    at runAction (file:///usr/lib/node_modules/@membranehq/cli/dist/index.js:214:13)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)

Node.js v20.20.2
`

describe('a write that was handed over is sent once', () => {
  const refusedField = 'Action run failed: Unrecognized attribute "foo"\n'
  const late = 'error: unknown command "run"\n'
  const faults: [string, object, string][] = [
    ['an unknown attribute', { stderr: refusedField }, 'outcome-unknown'],
    ['an unknown attribute on stdout', { stdout: `Running create-note\n${refusedField}` }, 'outcome-unknown'],
    [
      'a warning before a broken connection',
      { stderr: 'warning: unknown option --x\nError: socket hang up\n' },
      'outcome-unknown',
    ],
    ['a line that begins with usage', { stderr: 'Sent.\nUsage: 12 of 100 credits\n' }, 'outcome-unknown'],
    ['a refusal that comes too late', { stderr: late, delayMs: 2500 }, 'outcome-unknown'],
    ['“customer not found”', { stderr: 'Action run failed: customer not found\n' }, 'outcome-unknown'],
    ['no output', {}, 'outcome-unknown'],
    ['a stack trace on stderr', { stderr: stackTrace }, 'outcome-unknown'],
    ['a stack trace on stdout', { stdout: stackTrace }, 'outcome-unknown'],
  ]
  const writes = { 'action run': createNote(), request: post() }

  describe.each(faults)('after %s', (_, fault, reason) => {
    test.each(Object.entries(writes))('by %s', async (command, write) => {
      const harness = await start([{ when: command, ...fault, exit: 1 }])
      stopClock()
      const { text, ...result } = await atItsTime(attempt(harness, write))
      expect(result, text).toEqual({ isError: true, reason, commands: [command] })
    })
  })
})

describe('a read that fails without words is no unknown outcome', () => {
  const faults: [string, object, string][] = [
    ['no output', {}, 'upstream-error'],
    ['a stack trace on stderr', { stderr: stackTrace }, 'upstream-error'],
    ['a stack trace on stdout', { stdout: stackTrace }, 'upstream-error'],
    ['“customer not found”', { stderr: 'Action run failed: customer not found\n' }, 'upstream-error'],
  ]
  const reads = { 'action run': readCustomer(), request: get() }

  describe.each(faults)('after %s', (_, fault, reason) => {
    test.each(Object.entries(reads))('by %s', async (command, read) => {
      const harness = await start([{ when: command, ...fault, exit: 1 }])
      const { text, ...result } = await attempt(harness, read)
      expect(result, text).toEqual({ isError: true, reason, commands: [command] })
    })
  })
})

describe('an unread command is tried once by the other verb', () => {
  const refused = (when: string) => ({ when, stderr: 'error: unknown command "run"\n', exit: 1 })

  test('and is used from then on', async () => {
    const harness = await start([refused('action run')])
    const first = await attempt(harness, createNote())
    expect(first.isError, first.text).toBe(false)
    expect(first.commands).toEqual(['action run', 'act'])
    expect((await attempt(harness, createNote())).commands).toEqual(['act'])
  })

  test('and its own refusal is the end', async () => {
    const harness = await start([refused('action run'), refused('act ')])
    const result = await attempt(harness, createNote())
    expect([result.isError, result.reason]).toEqual([true, 'cli-unsupported'])
    expect(result.commands).toEqual(['action run', 'act'])
  })
})

describe('503 of Kustomer on a read by `request`', () => {
  const unavailable = (when: string) => ({
    when,
    json: {
      response: { status: 503, data: { errors: [{ status: 503, title: 'Unavailable' }] } },
      request: { method: 'GET', url: kustomerUrl },
    },
    exit: 1,
  })

  test('is asked once more by `act`, and changes nothing for the calls after it', async () => {
    const harness = await start([{ ...unavailable('request'), times: 1 }])
    const read = await attempt(harness, get())
    expect(read.isError, read.text).toBe(false)
    expect(read.commands).toEqual(['request', 'act'])
    const write = await attempt(harness, post())
    expect(write.isError, write.text).toBe(false)
    expect(write.commands).toEqual(['request'])
    expect((await attempt(harness, get())).commands).toEqual(['request'])
  })

  test('is an error when `act` says the same', async () => {
    const harness = await start([unavailable('request'), unavailable('act ')])
    const read = await attempt(harness, get())
    expect([read.isError, read.reason]).toEqual([true, 'upstream-error'])
    expect(read.commands).toEqual(['request', 'act'])
  })
})

describe('an answer 20,000 levels deep is read', () => {
  const deep = (open: string, leaf: string, close: string) =>
    open.repeat(20_000) + leaf + close.repeat(20_000)
  const run = '"actionRunId": "6af0c0ffee0000000000f001"'

  test.each([
    ['of lists', `{"output": {"data": ${deep('[', '', ']')}}, ${run}}`],
    ['of objects', `{"output": {"status": 200, "headers": {}, "body": ${deep('{"a":', '1', '}')}}, ${run}}`],
  ])('%s', async (_, stdout) => {
    const harness = await start([{ when: 'action run', stdout }])
    for (const call of [createNote(), readCustomer()]) {
      const { reason, commands, text } = await attempt(harness, call)
      expect([reason, commands], text.slice(0, 500)).toEqual(['ok', ['action run']])
    }
    expect(harness.log()).not.toMatch(internalErrorLog)
    expect(harness.protocolErrors).toEqual([])
  })
})

test('an action without a method counts as a write', async () => {
  const action = (key: string, more: object = {}) => ({
    id: `id-${key}`,
    key,
    name: key,
    state: 'READY',
    ...more,
  })
  const actions = [
    ...liveActions,
    action('get-or-create-customer'),
    action('get-customer-timeline', { config: { request: { method: 'GET' } } }),
  ]
  const harness = await start([{ when: 'action run', hang: true }], { actions })
  stopClock()
  const run = (name: string, input: object) => harness.call('run-action', { action: name, input })
  const [unclear, read] = await atItsTime(
    Promise.all([
      run('get-or-create-customer', { email: 'a@b.example' }),
      run('get-customer-timeline', { id }),
    ]),
  )
  expect(unclear).toMatchObject({ isError: true, text: expect.stringMatching(/^outcome-unknown: /) })
  expect(read).toMatchObject({ isError: true, text: expect.stringMatching(/^timeout: /) })
  const ran = harness.calls().filter(({ argv }) => argv[1] === 'run')
  expect(ran.map(({ argv }) => argv[2]).sort()).toEqual([
    'id-get-customer-timeline',
    'id-get-or-create-customer',
  ])
})
