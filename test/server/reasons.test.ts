import { expect, test } from 'vitest'
import { setup } from '../support/harness.ts'
import { connection, connectionId, liveActions, secrets, slack } from '../support/samples.ts'
import { atItsTime, stopClock } from '../support/time.ts'

const usable = { connections: [connection], actions: liveActions }

const [bearer, jwt, apiKey] = secrets as [string, string, string]
const kustomerUrl = 'https://api.kustomerapp.com/v1/customers/nope'

/** The one form of error that was seen of the real CLI: a line of text, then the exchange with its credentials. */
const exchange = (status: number, errors: object[] = [{ code: 'c', message: `m${status}` }]) => ({
  stderr: `Error making request to ${kustomerUrl}?token=${apiKey}: ${status}\n`,
  json: {
    response: { status, data: { errors } },
    request: {
      method: 'GET',
      url: kustomerUrl,
      headers: { Authorization: `Bearer ${bearer}`, 'x-api-key': apiKey },
    },
  },
  exit: 1,
})
const membrane = (error: object) => ({ json: { ...error, stack: `at Bearer ${jwt}` }, exit: 1 })
const text = (stderr: string) => ({ stderr, exit: 1 })
const axios = (code: string, status?: number) => ({
  json: {
    message: 'Request failed',
    name: 'AxiosError',
    code,
    ...(status === undefined ? {} : { status }),
    config: {
      method: 'post',
      baseURL: 'https://api.getmembrane.com',
      headers: { Authorization: `Bearer ${jwt}` },
      data: '{}',
    },
  },
  exit: 1,
})

type Fault = Record<string, unknown>
/** What the CLI does; the reason for a read; the reason for a write where that differs; what the text says. */
const table: [string, Fault, string, (string | undefined)?, RegExp?][] = [
  ['nobody signed in', text('You are not logged in. Run `membrane login`.\n'), 'signed-out'],
  [
    'an ended session',
    membrane({ type: 'bad_request', key: 'not_authenticated', message: 'Session expired' }),
    'signed-out',
  ],
  [
    'a connection that is gone',
    membrane({
      type: 'bad_request',
      key: 'not_found',
      message: `Connection with id '${connectionId}' not found`,
    }),
    'not-connected',
  ],
  [
    'a defunct connection',
    membrane({
      type: 'action_run',
      message: 'Action failed',
      causedByError: { type: 'connection', key: 'access_token_expired', message: 'Access token expired' },
    }),
    'connection-needs-attention',
  ],
  ['401 of Kustomer', exchange(401), 'connection-needs-attention'],
  [
    'bad input',
    membrane({ type: 'bad_request', message: 'conversation: Required' }),
    'invalid-input',
    undefined,
    /conversation: Required/,
  ],
  [
    '400 of Kustomer',
    exchange(400, [{ code: 'bad_request', detail: 'unknown field', source: { pointer: '/foo' } } as object]),
    'invalid-input',
    undefined,
    /“unknown field \(at \/foo\)”/,
  ],
  ['403 of Kustomer', exchange(403), 'forbidden'],
  ['denied by Membrane', membrane({ type: 'bad_request', key: 'access_denied', message: 'no' }), 'forbidden'],
  ['404 of Kustomer', exchange(404), 'not-found', undefined, /Kustomer answered 404: “m404”/],
  ['409 of Kustomer', exchange(409), 'conflict'],
  ['413 of Kustomer', exchange(413), 'too-large'],
  ['429 of Kustomer', exchange(429), 'rate-limited'],
  [
    '429 of Membrane',
    membrane({ type: 'connection', key: 'rate_limit_exceeded', message: 'slow down' }),
    'rate-limited',
  ],
  ['500 of Kustomer', exchange(500), 'upstream-error', 'outcome-unknown'],
  ['502 on the way', exchange(502), 'upstream-error', 'outcome-unknown'],
  ['504 on the way', exchange(504), 'timeout', 'outcome-unknown'],
  ['no network', axios('ENOTFOUND'), 'network', 'outcome-unknown'],
  ['a broken connection', axios('ECONNRESET'), 'network', 'outcome-unknown'],
  ['503 of Membrane', axios('ERR_BAD_RESPONSE', 503), 'upstream-error', 'outcome-unknown'],
  ['an error with exit 0', { ...exchange(404), exit: 0 }, 'not-found'],
  ['an error on stderr alone', { stderr: JSON.stringify(exchange(404).json), exit: 1 }, 'not-found'],
  [
    'text and error on stdout',
    {
      stdout: `Error making request to ${kustomerUrl}: 404\n${JSON.stringify(exchange(404).json, null, 2)}`,
      exit: 1,
    },
    'not-found',
  ],
  [
    'text alone',
    text(`Error making request to ${kustomerUrl}: 404 \nAuthorization: Bearer ${bearer}`),
    'not-found',
    'outcome-unknown',
  ],
  [
    'text that says nothing known',
    text(`Boom ${'x'.repeat(900)} Bearer ${bearer}\n`),
    'upstream-error',
    'outcome-unknown',
    /“Boom x+…”/,
  ],
  ['a CLI that was killed', { signal: 'SIGKILL' }, 'bad-output', 'outcome-unknown'],
  [
    'an answer cut off',
    { stdout: '{ "output": { "data": {} }, "actionRunId": "6a' },
    'bad-output',
    'outcome-unknown',
  ],
  ['no answer', { stdout: '' }, 'bad-output', 'outcome-unknown'],
  ['an answer that is no JSON', { stdout: 'All good!' }, 'bad-output', 'outcome-unknown'],
  ['an answer in another form', { stdout: '[1, 2' }, 'bad-output', 'outcome-unknown'],
  [
    'unknown commands',
    text('error: unknown command "run"\nUsage: membrane action <list>\n'),
    'cli-unsupported',
  ],
  [
    'a status of 404 inside a success',
    { json: { output: { status: 404, headers: {}, data: { errors: [{ message: 'gone' }] } } } },
    'not-found',
    undefined,
    /“gone”/,
  ],
  [
    'errors alone inside a success',
    { json: { output: { errors: [{ status: 409, detail: 'rev' }] } } },
    'conflict',
  ],
]

test('each failure of the CLI has one reason and advice', async () => {
  const idOf = (index: number) => index.toString(16).padStart(24, '0')
  const faults = table.map(([, fault], index) => ({ when: 'action run', has: idOf(index), ...fault }))
  const harness = await setup({ plan: { ...usable, faults } })
  stopClock()
  const answers = await atItsTime(
    Promise.all(
      table.map(async ([name, , forRead, forWrite = forRead, says = /./], index) => {
        const id = idOf(index)
        const read = await harness.call('get-customer-by-id', { id })
        const write = await harness.call('create-note', { conversation: id, body: 'private words' })
        return [
          { name: `${name}, for a read`, result: read, reason: forRead, says },
          { name: `${name}, for a write`, result: write, reason: forWrite, says },
        ]
      }),
    ),
  )
  for (const { name, result, reason, says } of answers.flat()) {
    expect.soft([result.isError, result.text.split(':')[0]], name).toEqual([true, reason])
    expect.soft(result.text, name).toMatch(says)
    expect.soft(result.text, name).toMatch(/\. [A-Z]/)
    expect.soft(result.text.length, name).toBeLessThan(900)
  }
  const log = harness.log()
  const logged = log.matchAll(/"tool":"(?:get|create)-.*"reason":"([\w-]+)"/g)
  expect(Array.from(logged, ([, reason]) => reason).sort()).toEqual(
    answers.flatMap((both) => both.map(({ reason }) => reason)).sort(),
  )
  const texts = answers.flat().map(({ result }) => result.text)
  for (const secret of [...secrets, 'private words']) expect(texts.join() + log, secret).not.toContain(secret)
  expect(harness.protocolErrors).toEqual([])
})

test('an answer beyond the limit is too large', async () => {
  const big = { when: 'action run', stdout: `"${'x'.repeat(1_000_000)}",\n`, repeat: 40 }
  const harness = await setup({ plan: { ...usable, faults: [big] } })
  expect(await harness.call('list-notes')).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^too-large: /),
  })
  expect((await harness.call('connection-status')).structured.data.ready).toBe(true)
})

test.each<[string, object[], string, RegExp]>([
  ['no connection', [slack], 'not-connected', /connect-kustomer/],
  [
    'a connection that needs a person',
    [{ ...connection, state: 'CLIENT_ACTION_REQUIRED', connected: false }],
    'connection-needs-attention',
    /CLIENT_ACTION_REQUIRED/,
  ],
  [
    'two usable connections',
    [connection, { ...connection, id: 'b'.repeat(24), key: 'kustomer-2', name: 'Kustomer\u202e EU' }],
    'ambiguous-connection',
    /66b0c0ffee0000000000a001 \(Kustomer\), b{24} \(Kustomer EU\)/,
  ],
])('%s is an error that says what to do', async (_, connections, reason, says) => {
  const harness = await setup({ plan: { connections, actions: liveActions }, cold: true })
  const { isError, text } = await harness.call('list-customers')
  expect(isError).toBe(true)
  expect(text.split(':')[0]).toBe(reason)
  expect(text).toMatch(says)
})

test('another program of the same name is recognised', async () => {
  const faults = [{ when: '', stdout: 'membrane hook|connect|connections|credentials|catalog' }]
  const harness = await setup({ plan: { faults }, cold: true })
  expect(await harness.call('list-customers')).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^cli-unsupported: .*not the Membrane CLI/),
  })
})

test('an unknown verb is replaced by the other for good', async () => {
  const faults = [
    { when: 'action run', stderr: 'Unknown command: run\nUsage: membrane action list\n', exit: 1 },
  ]
  const harness = await setup({ plan: { ...usable, dialect: 'mixed', faults } })
  for (const count of [1, 2]) {
    expect((await harness.call('list-notes')).isError).toBe(false)
    const verbs = harness
      .calls()
      .map(({ argv }) => argv)
      .filter(([first, second]) => first === 'act' || second === 'run')
    expect(verbs.map(([first]) => first)).toEqual(['action', ...Array(count).fill('act')])
  }
})
