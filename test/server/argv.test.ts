import { describe, expect, test } from 'vitest'
import { faultyCli, type Harness, setup } from '../support/harness.ts'
import { actionId, connection, connectionId, liveActions, slack } from '../support/samples.ts'

const C = `--connectionId=${connectionId}`
const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'

async function warmServer(dialect: 'old' | 'new', cold = false): Promise<Harness> {
  const plan = { dialect, connections: [slack, connection], actions: liveActions }
  const harness = await setup({ plan, cold })
  return harness
}

/** The whole argument lists of the processes that a call starts. */
async function argvOf(harness: Harness, name: string, args?: Record<string, unknown>): Promise<string[][]> {
  const before = harness.calls().length
  const { isError, text } = await harness.call(name, args)
  expect(isError, text).toBe(false)
  return harness.calls().slice(before).map(({ argv }) => argv)
}

type Case = [string, Record<string, unknown> | undefined, string[], string[]]
const api = (value: object) => `--api=${JSON.stringify(value)}`

const cases: Case[] = [
  [
    'list-customers',
    undefined,
    ['action', 'run', actionId('list-customers'), C, '--input={}', '--json'],
    ['act', `--id=${actionId('list-customers')}`, C, '--input={}', '--json'],
  ],
  [
    'create-note',
    { conversation: id, body: '--json "quoted" $(id)\nline' },
    [
      'action',
      'run',
      actionId('create-note'),
      C,
      `--input={"conversation":"${id}","body":"--json \\"quoted\\" $(id)\\nline"}`,
      '--json',
    ],
    [
      'act',
      `--id=${actionId('create-note')}`,
      C,
      `--input={"conversation":"${id}","body":"--json \\"quoted\\" $(id)\\nline"}`,
      '--json',
    ],
  ],
  [
    'proxy_request',
    { path: '/v1/customers' },
    ['request', connectionId, '/v1/customers', '--method=GET', '--json'],
    ['act', api({ method: 'GET', path: '/v1/customers' }), C, '--json'],
  ],
  [
    'proxy_request',
    {
      method: 'POST',
      path: '/v1/customers/{id}/drafts?preview=true',
      pathParams: { id },
      query: { fields: ['name', 'a b&c'], page: 2 },
      headers: { 'X-Trace': ['one', 'two'] },
      body: { channel: 'email', list: [1, null] },
    },
    [
      ...['request', connectionId, '/v1/customers/{id}/drafts', '--method=POST'],
      ...['--header=X-Trace: one', '--header=X-Trace: two', '--header=Content-Type: application/json'],
      ...[
        '--query=preview=true',
        '--query=fields=name',
        '--query=fields=a b&c',
        '--query=page=2',
        `--pathParam=id=${id}`,
      ],
      ...['--data={"channel":"email","list":[1,null]}', '--json'],
    ],
    [
      'act',
      api({
        method: 'POST',
        path: `/v1/customers/${id}/drafts?preview=true&fields=name&fields=a%20b%26c&page=2`,
        headers: { 'X-Trace': 'one, two', 'Content-Type': 'application/json' },
        body: { channel: 'email', list: [1, null] },
      }),
      C,
      '--json',
    ],
  ],
  [
    'proxy_request',
    {
      method: 'PUT',
      path: '/v1/notes/1',
      rawBody: '--x=1 not json',
      headers: { 'content-type': 'text/plain' },
    },
    [
      'request',
      connectionId,
      '/v1/notes/1',
      '--method=PUT',
      '--header=content-type: text/plain',
      '--data=--x=1 not json',
      '--rawData',
      '--json',
    ],
    [
      'act',
      api({
        method: 'PUT',
        path: '/v1/notes/1',
        headers: { 'content-type': 'text/plain' },
        body: '--x=1 not json',
      }),
      C,
      '--json',
    ],
  ],
  [
    'proxy_request',
    { method: 'DELETE', path: '/v1/conversations/1/tags', body: ['vip'] },
    [
      'request',
      connectionId,
      '/v1/conversations/1/tags',
      '--method=DELETE',
      '--header=Content-Type: application/json',
      '--data=["vip"]',
      '--json',
    ],
    [
      'act',
      api({
        method: 'DELETE',
        path: '/v1/conversations/1/tags',
        headers: { 'Content-Type': 'application/json' },
        body: ['vip'],
      }),
      C,
      '--json',
    ],
  ],
  [
    'search-actions',
    { intent: 'delete a note', limit: 3 },
    ['action', 'list', C, '--intent=delete a note', '--json'],
    ['action', 'list', C, '--intent=delete a note', '--limit=3', '--json'],
  ],
  ['connection-status', undefined, ['connection', 'list', '--json'], ['connection', 'list', '--json']],
]

describe.each(['old', 'new'] as const)(
  'a warm call in the %s dialect starts exactly one process, with exactly these arguments',
  (dialect) => {
    test('every tool that calls', async () => {
      const harness = await warmServer(dialect)
      for (const [name, args, old, recent] of cases) {
        expect(await argvOf(harness, name, args), name).toEqual([dialect === 'old' ? old : recent])
      }
    })
  },
)

test('the first start learns the CLI, the connection and the actions, and the next start none of it', async () => {
  const first = await warmServer('new', true)
  const learned = first.calls().map(({ argv }) => argv.join(' '))
  expect(learned.slice(0, 6).sort()).toEqual([
    '--help',
    '--version',
    'action --help',
    'action list --help',
    'connection --help',
    'login --help',
  ])
  expect(learned.slice(6)).toEqual(['connection list --json', `action list ${C} --limit=200 --json`])

  const second = await setup({
    stateDir: first.stateDir,
    args: ['--cli', faultyCli],
    env: { MEMBRANE_PLAN: first.planFile },
  })
  await warm(second)
  expect(await argvOf(second, 'list-notes')).toHaveLength(1)
  expectsecond.calls().toHaveLength(1)
})

test('a CLI process has stdin closed, a fixed folder, and nothing of the environment but what it needs', async () => {
  const harness = await setup({
    plan: { connections: [connection], actions: liveActions },
    env: {
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--no-warnings',
      KUSTOMER_MCP_LOG_LEVEL: 'info',
      https_proxy: 'http://127.0.0.1:1',
      MEMBRANE_WORKSPACE_KEY: 'w',
    },
  })
  const [{ stdin, cwd, home, env }] = harness.calls().slice(-1) as [
    Awaited<ReturnType<Harness['calls']>>[number],
  ]
  expect({ stdin, cwd, home }).toEqual({ stdin: 'closed', cwd: harness.folder, home: harness.folder })
  expect(env).toEqual(
    expect.arrayContaining([
      'CI',
      'HOME',
      'MEMBRANE_WORKSPACE_KEY',
      'NO_COLOR',
      'PATH',
      'TERM',
      'https_proxy',
    ]),
  )
  expect(env.filter((name) => /AWS|NODE_OPTIONS|KUSTOMER/.test(name))).toEqual([])
})

test('--connection with an id of Membrane is used as it is, without a look-up', async () => {
  const other = '77b0c0ffee0000000000a007'
  const harness = await setup({
    plan: { connections: [], actions: liveActions },
    args: ['--connection', other],
  })
  expect(await argvOf(harness, 'list-notes')).toEqual([
    ['action', 'run', actionId('list-notes'), `--connectionId=${other}`, '--input={}', '--json'],
  ])
  expect(
    harness.calls().some(({ argv }) => argv.join(' ').startsWith('connection list --json')),
  ).toBe(false)
})
