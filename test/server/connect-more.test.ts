import { describe, expect, test } from 'vitest'
import { connection, connectionId, liveActions, slack } from '../support/samples.ts'
import { type Harness, type Plan, setup, warm } from '../support/server.ts'

const link =
  'https://ui.getmembrane.com/connect?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln&session_token=abc123def'
const signedOut = { when: 'connection list', stderr: 'Not logged in. Run `membrane login`.\n', exit: 1 }
const waiting = (uiUrl: string | undefined) => ({
  ...connection,
  connected: false,
  state: 'CLIENT_ACTION_REQUIRED',
  clientAction: { type: 'connect', description: 'Allow access', uiUrl },
})

async function warmServer(plan: Plan, args: string[] = []): Promise<Harness> {
  const harness = await setup({ plan, args: ['--log-level', 'trace', ...args] })
  await warm(harness)
  return harness
}

/** The commands that a person would notice: those that start a sign-in or a connection. */
const handOvers = async (harness: Harness) =>
  (await harness.calls())
    .map(({ argv }) => argv)
    .filter(([first, second]) => /^(login|connect|search)$/.test(first ?? '') || second === 'ensure')
    .filter((argv) => argv.at(-1) !== '--help')

describe('a link with tokens in it reaches the person as it is, and the log not at all', () => {
  const connector = {
    elementType: 'Connector',
    element: { id: '65a0c0ffee0000000000c001', key: 'kustomer', name: 'Kustomer' },
  }
  test.each<[string, Plan, string]>([
    [
      'to sign in',
      { faults: [signedOut, { when: 'login --tenant', stdout: `Open this page:\n  ${link}\n` }] },
      'SIGN_IN',
    ],
    [
      'to connect',
      {
        connections: [slack],
        faults: [
          { when: 'search', json: { items: [connector] } },
          { when: 'connect ', json: { requestId: 'r1', url: link, status: 'pending' } },
        ],
      },
      'CLIENT_ACTION_REQUIRED',
    ],
    ['to finish a connection', { connections: [waiting(link)] }, 'CLIENT_ACTION_REQUIRED'],
    [
      'to connect again',
      {
        connections: [waiting(undefined)],
        faults: [{ when: 'connect ', json: { url: link, status: 'pending' } }],
      },
      'CLIENT_ACTION_REQUIRED',
    ],
  ])('%s', async (_, plan, state) => {
    const harness = await warmServer(plan)
    const { isError, text, structured } = await harness.call('connect-kustomer')
    expect(isError, text).toBe(false)
    expect(structured.data).toMatchObject({ state, url: link })
    expect(text).toContain(link)
    const logged = (await harness.log()) + harness.stderr()
    for (const secret of ['eyJhbGciOiJIUzI1NiJ9', 'c2ln&', 'abc123def']) expect(logged).not.toContain(secret)
  })
})

describe('--connection', () => {
  const url = 'https://ui.getmembrane.com/connect/req_1'
  const other = { ...connection, id: '77b0c0ffee0000000000a007', key: 'kustomer-eu', name: 'Kustomer EU' }

  test.each<[string, string, object[]]>([
    ['a key', 'kustomer', [waiting(url)]],
    ['an id', connectionId, [waiting(url)]],
    ['a key, beside a usable connection', 'kustomer', [other, waiting(url)]],
    ['an id, beside a usable connection', connectionId, [other, waiting(url)]],
    [
      'a key of a connection that is not named after Kustomer',
      'support-desk',
      [slack, { ...waiting(url), key: 'support-desk', name: 'Support', integration: null }],
    ],
  ])('with %s that needs a person says what the person must do', async (_, configured, connections) => {
    const harness = await warmServer({ connections, actions: liveActions }, ['--connection', configured])
    const { isError, text, structured } = await harness.call('connect-kustomer')
    expect(isError, text).toBe(false)
    expect(structured.data).toMatchObject({
      state: 'CLIENT_ACTION_REQUIRED',
      url,
      connection: { id: connectionId, usable: false },
    })
    expect(await handOvers(harness)).toEqual([])
  })

  test.each<[string, object[]]>([
    ['support-desk', [connection, slack]],
    ['99b0c0ffee0000000000a009', [connection, slack]],
    ['99b0c0ffee0000000000a009', []],
  ])(
    'with %s, which does not exist, creates nothing and says what to change',
    async (configured, connections) => {
      const harness = await warmServer({ connections, actions: liveActions }, ['--connection', configured])
      const { isError, text } = await harness.call('connect-kustomer')
      expect(isError).toBe(true)
      expect(text).toMatch(/^not-connected: /)
      expect(text).toContain(configured)
      expect(text).toMatch(
        /(change|unset|correct|remove)[^.]*--connection|--connection[^.]*(change|unset|correct|remove)/i,
      )
      expect(await handOvers(harness)).toEqual([])
    },
  )

  test('with one that is usable is READY, whatever else there is', async () => {
    const harness = await warmServer({ connections: [other, connection], actions: liveActions }, [
      '--connection',
      'kustomer',
    ])
    expect((await harness.call('connect-kustomer')).structured.data).toMatchObject({
      state: 'READY',
      connection: { id: connectionId, usable: true },
    })
  })
})

describe('the link of a sign-in is the one to sign in with', () => {
  const docs = 'https://docs.getmembrane.com/changelog'
  const login = 'https://console.getmembrane.com/login?x=1'

  test.each<[string, Plan['dialect'], object]>([
    ['behind a link to the documentation', 'old', { stdout: `See ${docs}\nOpen ${login}\n` }],
    ['behind it, in the new dialect', 'new', { stdout: `See ${docs}\nOpen ${login}\n` }],
    [
      'with the documentation on the other stream',
      'old',
      { stdout: `See ${docs}\n`, stderr: `Open ${login}\n` },
    ],
    ['before it', 'old', { stdout: `Open ${login}\nSee ${docs}\n` }],
  ])('%s', async (_, dialect, printed) => {
    const harness = await warmServer({
      ...(dialect === undefined ? {} : { dialect }),
      faults: [signedOut, { when: 'login --tenant', ...printed }, { when: 'login start', ...printed }],
    })
    const { isError, text, structured } = await harness.call('connect-kustomer')
    expect(isError, text).toBe(false)
    expect(structured.data).toMatchObject({ state: 'SIGN_IN', url: login })
    expect(text).not.toContain(docs)
  })

  test('a sign-in that failed and names the documentation alone is an error', async () => {
    const stderr = `Something went wrong. See ${docs}\n`
    const harness = await warmServer({ faults: [signedOut, { when: 'login --tenant', stderr, exit: 1 }] })
    const { isError, text } = await harness.call('connect-kustomer')
    expect(isError, text).toBe(true)
    expect(text).toMatch(/^(upstream-error|bad-output): /)
    expect(text).not.toContain('SIGN_IN')
  })
})
