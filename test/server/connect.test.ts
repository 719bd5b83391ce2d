import { expect, test } from 'vitest'
import { type Harness, type Plan, setup } from '../support/harness.ts'
import { connection, connectionId, liveActions, slack } from '../support/samples.ts'

const signedOut = { when: 'connection list', stderr: 'Not logged in. Run `membrane login`.\n', exit: 1 }
const url = 'https://console.getmembrane.com/login?request=abc'

/** Calls connect-kustomer and returns its data beside the commands that it ran. */
async function step(harness: Harness, args?: Record<string, unknown>) {
  const before = harness.calls().length
  const { isError, text, structured } = await harness.call('connect-kustomer', args)
  const argv = harness
    .calls()
    .slice(before)
    .map(({ argv }) => argv.join(' '))
  return {
    isError,
    text,
    data: structured?.data,
    argv: argv.filter((line) => !/--help|--version/.test(line)),
  }
}

test('the old dialect goes from nothing to READY', async () => {
  const printed = {
    stdout: `Open this page to sign in:\n  ${url}\nThen run membrane login complete <code>.\n`,
  }
  const harness = await setup({ plan: { faults: [signedOut, { when: 'login --tenant', ...printed }] } })
  expect(await step(harness)).toMatchObject({
    isError: false,
    data: { state: 'SIGN_IN', url, next: expect.stringContaining('call connect-kustomer with it as code') },
    argv: expect.arrayContaining(['connection list --json', 'login --tenant --non-interactive']),
  })

  const item = {
    elementType: 'Connector',
    element: { id: '65a0c0ffee0000000000c001', key: 'kustomer', name: 'Kustomer' },
  }
  const connect = { requestId: 'req_1', url: 'https://ui.getmembrane.com/connect/req_1', status: 'pending' }
  const signedIn: Plan = {
    connections: [slack],
    faults: [
      { when: 'login complete', stdout: 'Logged in.\n' },
      { when: 'search', json: { items: [item] } },
      { when: 'connect ', stderr: '\u001b[33mnotice\u001b[39m\n', json: connect },
    ],
  }
  harness.rewrite(signedIn)
  expect(await step(harness, { code: ' abc-123 ' })).toMatchObject({
    isError: false,
    data: {
      state: 'CLIENT_ACTION_REQUIRED',
      url: connect.url,
      next: expect.stringContaining('call connect-kustomer again'),
    },
    argv: [
      'login complete abc-123',
      'connection list --json',
      'search kustomer --elementType=connector --json',
      'connect --connectorId=65a0c0ffee0000000000c001 --non-interactive --json',
    ],
  })

  harness.rewrite({ connections: [slack, connection], actions: liveActions })
  expect((await step(harness)).data).toMatchObject({
    state: 'READY',
    connection: { id: connectionId, usable: true },
  })
  expect((await harness.call('list-notes')).isError).toBe(false)
})

test('the new dialect goes from nothing to READY', async () => {
  const harness = await setup({
    plan: { dialect: 'new', faults: [signedOut, { when: 'login start', json: { url } }] },
  })
  const first = await step(harness)
  expect(first.data).toMatchObject({ state: 'SIGN_IN', url })
  expect(first.argv).toContain('login start --non-interactive')

  const building = { ...connection, state: 'BUILDING', connected: false }
  const waiting = {
    ...building,
    state: 'CLIENT_ACTION_REQUIRED',
    clientAction: { type: 'connect', description: 'Allow access', uiUrl: 'https://ui.example/x' },
  }
  harness.rewrite({
    dialect: 'new',
    connections: [],
    faults: [
      { when: 'connection ensure', json: building },
      { when: 'connection get', json: building },
    ],
  })
  const created = await step(harness)
  expect(created.data).toMatchObject({ state: 'BUILDING', connection: { id: connectionId } })
  expect(created.argv).toEqual([
    'connection list --json',
    'connection ensure https://www.kustomer.com/ --json',
    `connection get ${connectionId} --wait --timeout=10 --json`,
  ])

  harness.rewrite({ dialect: 'new', connections: [waiting] })
  expect((await step(harness)).data).toMatchObject({
    state: 'CLIENT_ACTION_REQUIRED',
    url: 'https://ui.example/x',
    warning: expect.stringContaining('ui.example'),
    next: expect.stringContaining('Allow access'),
  })
})

test('a failed connection quotes the reason, cleaned', async () => {
  const errors = [{ message: 'Wrong \u202eregion. Bearer abcdefghijklmnop123' }]
  const harness = await setup({ plan: {} })
  for (const state of ['SETUP_FAILED', 'CONFIGURATION_ERROR']) {
    harness.rewrite({ connections: [{ ...connection, state, connected: false, errors }] })
    expect((await step(harness)).data).toMatchObject({
      state,
      next: expect.stringContaining('“Wrong region. Bearer [redacted]”'),
    })
  }
})

test('an odd code reaches no process', async () => {
  const faults = [
    signedOut,
    { when: 'login --tenant', stdout: `Open ${url}\n` },
    { when: 'login complete', stderr: 'Invalid code wrong-code. Run `membrane login`.\n', exit: 1 },
  ]
  const harness = await setup({ plan: { faults } })
  expect(await step(harness, { code: 'wrong-code' })).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^signed-out: /),
  })
  expect(await step(harness, { code: '' })).toMatchObject({ isError: false, data: { state: 'SIGN_IN', url } })
  for (const code of ['--apiUri=https://evil.example', '-h', 'a b', 'x\n--json']) {
    const { isError, text, argv } = await step(harness, { code })
    expect(isError).toBe(true)
    expect(text).toMatch(/^invalid-input: /)
    expect(argv.filter((line) => line.startsWith('login complete'))).toEqual([])
  }
})

test('an unsafe link is not shown', async () => {
  const stdout = 'http://console.getmembrane.com/a javascript:alert(1) https://user:pw@getmembrane.com/b'
  const harness = await setup({ plan: { faults: [signedOut, { when: 'login', stdout }] } })
  const { isError, text } = await step(harness)
  expect(isError).toBe(true)
  expect(text).toMatch(/^bad-output: .*no link for the sign-in/)
})

test('connection-status says what to do first', async () => {
  const harness = await setup({ plan: { faults: [signedOut] } })
  const status = async () => (await harness.call('connection-status')).structured.data
  expect(await status()).toMatchObject({
    ready: false,
    signedIn: false,
    problem: { reason: 'signed-out', next: expect.stringContaining('connect-kustomer') },
  })
  harness.rewrite({ connections: [slack] })
  expect(await status()).toMatchObject({
    ready: false,
    signedIn: true,
    problem: { reason: 'not-connected' },
    connections: [],
  })
  harness.rewrite({ connections: [connection], actions: liveActions })
  await harness.call('list-notes')
  expect(await status()).toMatchObject({
    ready: true,
    cli: { version: '1.9.2', runsActionsWith: 'action run', sendsRequestsWith: 'request' },
    connection: { id: connectionId, name: 'Kustomer', state: 'READY', usable: true },
    catalog: { source: 'live', actions: 20, missing: [] },
  })
})
