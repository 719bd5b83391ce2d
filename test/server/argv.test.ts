import { describe, expect, test } from 'vitest'
import { type Harness, setup } from '../support/harness.ts'
import { actionId, connection, connectionId, liveActions, slack } from '../support/samples.ts'

const C = `--connectionId=${connectionId}`
const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'

/** The argument lists of the CLI that a call starts. */
async function argvOf(harness: Harness, name: string, args?: Record<string, unknown>): Promise<string[][]> {
  harness.clear()
  const { isError, text } = await harness.call(name, args)
  expect(isError, text).toBe(false)
  return harness.calls().map(({ argv }) => argv)
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
        '--query=page=2',
        '--query=fields=name',
        '--query=fields=a b&c',
        `--pathParam=id=${id}`,
      ],
      ...['--data={"channel":"email","list":[1,null]}', '--json'],
    ],
    [
      'act',
      api({
        method: 'POST',
        path: `/v1/customers/${id}/drafts?preview=true&page=2&fields=name&fields=a%20b%26c`,
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

describe.each(['old', 'new'] as const)('in the %s dialect', (dialect) => {
  const plan = { dialect, connections: [slack, connection], actions: liveActions }

  test('a warm call starts one process with exact arguments', async () => {
    const harness = await setup({ plan })
    for (const [name, args, old, recent] of cases)
      expect(await argvOf(harness, name, args), name).toEqual([dialect === 'old' ? old : recent])
  })

  test('the first call looks each thing up once', async () => {
    const harness = await setup({ plan, cold: true })
    const lines = (await argvOf(harness, 'list-notes')).map((argv) => argv.join(' '))
    const isHelp = (line: string) => /--(help|version)$/.test(line)
    const list = ['action', 'list', C, ...(dialect === 'old' ? [] : ['--limit=200']), '--json']
    expect(lines.filter((line) => !isHelp(line)).slice(0, -1)).toEqual([
      'connection list --json',
      list.join(' '),
    ])
    expect(lines.filter(isHelp).sort()).toEqual([
      '--help',
      '--version',
      'action --help',
      'action list --help',
      'connection --help',
      'login --help',
    ])
    const next = await setup({ plan, stateDir: harness.stateDir, cold: true })
    expect(await argvOf(next, 'list-notes')).toHaveLength(1)
  })
})

test('--connection with an id needs no look-up', async () => {
  const other = '77b0c0ffee0000000000a007'
  const plan = { connections: [], actions: liveActions }
  const harness = await setup({ plan, args: ['--connection', other], cold: true })
  const lines = (await argvOf(harness, 'list-notes')).map((argv) => argv.join(' '))
  expect(lines.at(-1)).toBe(`action run ${actionId('list-notes')} --connectionId=${other} --input={} --json`)
  expect(lines.filter((line) => line.startsWith('connection list'))).toEqual([])
})
