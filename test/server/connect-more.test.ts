import { describe, expect, test } from 'vitest'
import { type Harness, type Plan, setupOnce } from '../support/harness.ts'
import { connection, connectionId, liveActions, slack } from '../support/samples.ts'

const link =
  'https://ui.getmembrane.com/connect?token=eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln&session_token=abc123def'
const args = ['--log-level', 'trace']
const signedOut = { when: 'connection list', stderr: 'Not logged in. Run `membrane login`.\n', exit: 1 }
const waiting = (uiUrl: string | undefined) => ({
  ...connection,
  connected: false,
  state: 'CLIENT_ACTION_REQUIRED',
  clientAction: { type: 'connect', description: 'Allow access', uiUrl },
})

/** The commands that a person would notice: those that start a sign-in or a connection. */
const handOvers = async (harness: Harness) =>
  harness
    .calls()
    .map(({ argv }) => argv)
    .filter(([first, second]) => /^(login|connect|search)$/.test(first ?? '') || second === 'ensure')
    .filter((argv) => argv.at(-1) !== '--help')

describe('a link with tokens reaches the person, not the log', () => {
  const server = setupOnce({ plan: {}, args })
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
    const harness = server()
    harness.rewrite(plan)
    const { isError, text, structured } = await harness.call('connect-kustomer')
    expect(isError, text).toBe(false)
    expect(structured.data).toMatchObject({ state, url: link })
    expect(text).toContain(link)
    const logged = harness.log()
    for (const secret of ['eyJhbGciOiJIUzI1NiJ9', 'c2ln&', 'abc123def']) expect(logged).not.toContain(secret)
  })
})

describe('--connection', () => {
  const url = 'https://ui.getmembrane.com/connect/req_1'
  const other = { ...connection, id: '77b0c0ffee0000000000a007', key: 'kustomer-eu', name: 'Kustomer EU' }

  const named = { ...waiting(url), key: 'support-desk', name: 'Support', integration: null }
  const nowhere = '99b0c0ffee0000000000a009'
  const cases: Record<string, [string, 'needs a person' | 'usable' | 'missing', object[]][]> = {
    kustomer: [
      ['a key', 'needs a person', [waiting(url)]],
      ['a key, beside a usable connection', 'needs a person', [other, waiting(url)]],
      ['a key, whatever else there is', 'usable', [other, connection]],
    ],
    [connectionId]: [
      ['an id', 'needs a person', [waiting(url)]],
      ['an id, beside a usable connection', 'needs a person', [other, waiting(url)]],
    ],
    'support-desk': [
      ['a key of a connection that is not named after Kustomer', 'needs a person', [slack, named]],
      ['a key that does not exist', 'missing', [connection, slack]],
    ],
    [nowhere]: [
      ['an id that does not exist', 'missing', [connection, slack]],
      ['an id, where there is no connection at all', 'missing', []],
    ],
  }

  describe.each(Object.keys(cases))('%s', (configured) => {
    const server = setupOnce({ plan: {}, args: [...args, '--connection', configured] })

    test.each(cases[configured] ?? [])('is %s: %s', async (_, expected, connections) => {
      const harness = server()
      harness.rewrite({ connections, actions: liveActions })
      const { isError, text, structured } = await harness.call('connect-kustomer')
      expect(isError, text).toBe(expected === 'missing')
      if (expected === 'needs a person') {
        // It says what the person must do.
        expect(structured.data).toMatchObject({
          state: 'CLIENT_ACTION_REQUIRED',
          url,
          connection: { id: connectionId, usable: false },
        })
      } else if (expected === 'usable') {
        expect(structured.data).toMatchObject({
          state: 'READY',
          connection: { id: connectionId, usable: true },
        })
      } else {
        // It says what to change.
        expect(text).toMatch(/^not-connected: /)
        expect(text).toContain(configured)
        expect(text).toMatch(
          /(change|unset|correct|remove)[^.]*--connection|--connection[^.]*(change|unset|correct|remove)/i,
        )
      }
      expect(await handOvers(harness)).toEqual([])
    })
  })
})

describe('the link of a sign-in is the one to sign in with', () => {
  const docs = 'https://docs.getmembrane.com/changelog'
  const login = 'https://console.getmembrane.com/login?x=1'

  describe.each(['old', 'new'] as const)('in the %s dialect', (dialect) => {
    const server = setupOnce({ plan: { dialect }, args })

    test.each<[string, object]>([
      ['behind a link to the documentation', { stdout: `See ${docs}\nOpen ${login}\n` }],
      ['with the documentation on the other stream', { stdout: `See ${docs}\n`, stderr: `Open ${login}\n` }],
      ['before it', { stdout: `Open ${login}\nSee ${docs}\n` }],
    ])('%s', async (_, printed) => {
      const harness = server()
      harness.rewrite({ dialect, faults: [signedOut, { when: 'login', ...printed }] })
      const { isError, text, structured } = await harness.call('connect-kustomer')
      expect(isError, text).toBe(false)
      expect(structured.data).toMatchObject({ state: 'SIGN_IN', url: login })
      expect(text).not.toContain(docs)
    })

    test('a link to the documentation alone is an error', async () => {
      const harness = server()
      const stderr = `Something went wrong. See ${docs}\n`
      harness.rewrite({ dialect, faults: [signedOut, { when: 'login', stderr, exit: 1 }] })
      const { isError, text } = await harness.call('connect-kustomer')
      expect(isError, text).toBe(true)
      expect(text).toMatch(/^upstream-error: /)
      expect(text).not.toContain('SIGN_IN')
    })
  })
})
