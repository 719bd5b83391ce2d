import { describe, expect, test } from 'vitest'
import { type Harness, internalErrorLog, type Plan, setup } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const kustomerUrl = 'https://api.kustomerapp.com/v1/customers'

type Call = [name: string, args: Record<string, unknown>]
/** The four ways to reach the app. What they are given stands in the process's arguments, and tells it from others. */
const createNote = (conversation = id): Call => ['create-note', { conversation, body: 'x' }]
const post = (name = 'Ada'): Call => [
  'proxy_request',
  { method: 'POST', path: '/v1/customers', body: { name } },
]
const readCustomer = (customer = id): Call => ['get-customer-by-id', { id: customer }]
const get = (segment = 'customers'): Call => ['proxy_request', { path: `/v1/${segment}` }]
const idOf = (...numbers: number[]) => numbers.join('').padStart(24, '0')

/** Both verbs are listed as good, so that only what the CLI answers decides whether the other one is tried. */
async function warmServer(faults: Plan['faults'], more: Partial<Plan> = {}, args: string[] = []) {
  const actions = liveActions
  const plan: Plan = { dialect: 'mixed', connections: [connection], actions, faults: faults ?? [], ...more }
  const harness = await setup({ plan, args, prefetched: more.actions === undefined })
  return harness
}

/** What a call answered, and the commands with `mark` among it that it started; looking at the CLI's help anew is none. */
async function attempt(harness: Harness, [name, args]: Call, mark = '') {
  const before = harness.calls().length
  const { isError, text } = await harness.call(name, args)
  const started = harness
    .calls()
    .slice(before)
    .map(({ argv }) => argv)
    .filter((argv) => argv.join(' ').includes(mark) && !/^--(help|version)$/.test(argv.at(-1) ?? ''))
  const commands = started.map(([first, second]) => (first === 'action' ? `action ${second}` : first))
  return { isError, reason: isError ? text.split(':')[0] : '', text, commands }
}

const stackTrace = `file:///usr/lib/node_modules/@membranehq/cli/dist/index.js:214
    const { output } = response.data
            ^

TypeError: Cannot destructure property 'output' of 'response.data' as it is undefined.
    at runAction (file:///usr/lib/node_modules/@membranehq/cli/dist/index.js:214:13)
    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)

Node.js v20.20.2
`

describe('a write that was handed over is never sent a second time', () => {
  const refusedField = 'Action run failed: Unrecognized attribute "foo"\n'
  const noAdviceToRetry = /^(outcome-unknown|upstream-error|invalid-input)$/
  const faults: [string, object, RegExp][] = [
    ['an attribute that the app does not know', { stderr: refusedField }, noAdviceToRetry],
    ['the same on stdout', { stdout: `Running create-note\n${refusedField}` }, noAdviceToRetry],
    [
      'a warning about an option before a broken connection',
      { stderr: 'warning: unknown option --x\nError: socket hang up\n' },
      /^outcome-unknown$/,
    ],
    [
      'a line that begins with usage',
      { stderr: 'Sent.\nUsage: 12 of 100 credits\n' },
      /^(outcome-unknown|upstream-error|cli-unsupported)$/,
    ],
    [
      'a refusal of the command that comes too late to be one',
      { stderr: 'error: unknown command "run"\n', delayMs: 2500 },
      /^(outcome-unknown|cli-unsupported)$/,
    ],
  ]

  test('whatever its end', async () => {
    const calls = [
      { make: createNote, command: 'action run' },
      { make: post, command: 'request' },
    ]
    const cases = faults.flatMap(([name, fault, reason], row) =>
      calls.map(({ make, command }, column) => ({
        name,
        fault,
        reason,
        make,
        command,
        mark: idOf(row, column),
      })),
    )
    const harness = await warmServer(cases.map(({ fault, mark }) => ({ has: mark, ...fault, exit: 1 })))
    const results = await Promise.all(
      cases.map(async ({ make, mark, ...rest }) => ({
        ...rest,
        result: await attempt(harness, make(mark), mark),
      })),
    )
    for (const { name, command, reason, result } of results) {
      expect.soft([name, result.isError, result.commands], result.text).toEqual([name, true, [command]])
      expect.soft(result.reason, `${name}: ${result.text}`).toMatch(reason)
    }
  })
})

describe('a CLI that refused to read the command did nothing, so the other verb is tried, once', () => {
  const refused = (when: string) => ({ when, stderr: 'error: unknown command "run"\n', exit: 1 })

  test('and is used from then on', async () => {
    const harness = await warmServer([refused('action run')])
    const first = await attempt(harness, createNote())
    expect(first.isError, first.text).toBe(false)
    expect(first.commands).toEqual(['action run', 'act'])
    expect((await attempt(harness, createNote())).commands).toEqual(['act'])
  })

  test('and its own refusal is the end', async () => {
    const harness = await warmServer([refused('action run'), refused('act ')])
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
    const harness = await warmServer([{ ...unavailable('request'), times: 1 }])
    const read = await attempt(harness, get())
    expect(read.isError, read.text).toBe(false)
    expect(read.commands).toEqual(['request', 'act'])
    const write = await attempt(harness, post())
    expect(write.isError, write.text).toBe(false)
    expect(write.commands).toEqual(['request'])
    expect((await attempt(harness, get())).commands).toEqual(['request'])
  })

  test('is an error when `act` says the same', async () => {
    const harness = await warmServer([unavailable('request'), unavailable('act ')])
    const read = await attempt(harness, get())
    expect([read.isError, read.reason]).toEqual([true, 'upstream-error'])
    expect(read.commands).toEqual(['request', 'act'])
  })
})

test('an end that says nothing is an unknown outcome for a write and an error for a read', async () => {
  const faults: [string, object][] = [
    ['no output', {}],
    ['a stack trace on stderr', { stderr: stackTrace }],
    ['a stack trace on stdout', { stdout: stackTrace }],
  ]
  const calls: [(mark: string) => Call, string, string][] = [
    [createNote, 'outcome-unknown', 'action run'],
    [post, 'outcome-unknown', 'request'],
    [readCustomer, 'upstream-error', 'action run'],
    [get, 'upstream-error', 'request'],
  ]
  const cases = faults.flatMap(([name, fault], row) =>
    calls.map(([make, ...expected], column) => ({ name, fault, make, expected, mark: idOf(row, column) })),
  )
  const harness = await warmServer(cases.map(({ fault, mark }) => ({ has: mark, ...fault, exit: 1 })))
  const ends = cases.map(async ({ name, make, mark }) => {
    const { isError, reason, commands } = await attempt(harness, make(mark), mark)
    return [name, isError, reason, ...commands]
  })
  expect(await Promise.all(ends)).toEqual(cases.map(({ name, expected }) => [name, true, ...expected]))
})

describe('an answer that nests 20,000 deep never asks for a write to be repeated', () => {
  const deep = (open: string, leaf: string, close: string) =>
    open.repeat(20_000) + leaf + close.repeat(20_000)
  const run = '"actionRunId": "6af0c0ffee0000000000f001"'

  const answers: [string, string][] = [
    ['lists', `{"output": {"data": ${deep('[', '', ']')}}, ${run}}`],
    ['objects', `{"output": {"status": 200, "headers": {}, "body": ${deep('{"a":', '1', '}')}}, ${run}}`],
  ]

  test('be it of lists or of objects', async () => {
    const faults = answers.map(([, stdout], row) => ({ when: 'action run', has: idOf(row), stdout }))
    const harness = await warmServer(faults)
    for (const [row, [name]] of answers.entries()) {
      const write = await attempt(harness, createNote(idOf(row)))
      expect(write.reason, `${name}: ${write.text.slice(0, 500)}`).toMatch(/^(outcome-unknown)?$/)
      const read = await attempt(harness, readCustomer(idOf(row)))
      for (const { text } of [write, read]) expect(text.slice(0, 500), name).not.toMatch(/mistake of its own/)
      expect([name, write.commands, read.commands]).toEqual([name, ['action run'], ['action run']])
    }
    expect(await harness.client.ping()).toEqual({})
    expectharness.log().not.toMatch(internalErrorLog)
    expect(harness.protocolErrors).toEqual([])
  })
})

test('“customer not found” in the words of an action run is not about the action', async () => {
  const harness = await warmServer([
    { when: 'action run', stderr: 'Action run failed: customer not found\n', exit: 1 },
  ])
  const read = await attempt(harness, readCustomer())
  expect(read.isError).toBe(true)
  expect(read.reason, read.text).toMatch(/^(not-found|upstream-error)$/)
  expect(read.commands).toEqual(['action run'])
  const write = await attempt(harness, createNote())
  expect(write.isError).toBe(true)
  expect(write.reason, write.text).toMatch(/^(outcome-unknown|not-found|upstream-error)$/)
  expect(write.commands).toEqual(['action run'])
})

test('an action whose name begins with get may write: without a method, its unclear end is an unknown outcome', async () => {
  const action = (key: string, more: object = {}) => ({
    id: `id-${key}`,
    key,
    name: key,
    state: 'READY',
    ...more,
  })
  const harness = await warmServer(
    [{ when: 'action run', hang: true }],
    {
      actions: [
        ...liveActions,
        action('get-or-create-customer'),
        action('get-customer-timeline', { config: { request: { method: 'GET' } } }),
      ],
    },
    ['--timeout-ms', '1500'],
  )
  const [unclear, read] = await Promise.all([
    harness.call('run-action', { action: 'get-or-create-customer', input: { email: 'a@b.example' } }),
    harness.call('run-action', { action: 'get-customer-timeline', input: { id } }),
  ])
  expect(unclear).toMatchObject({ isError: true, text: expect.stringMatching(/^outcome-unknown: /) })
  expect(read).toMatchObject({ isError: true, text: expect.stringMatching(/^timeout: /) })
  const ran = harness
    .calls()
    .filter(({ argv }) => argv[1] === 'run')
    .map(({ argv }) => argv[2])
  expect(ran.sort()).toEqual(['id-get-customer-timeline', 'id-get-or-create-customer'])
})
