import { describe, expect, it } from 'vitest'
import { type HelpTexts, readCapabilities } from '../../src/membrane/capabilities.ts'

const help = (texts: Partial<HelpTexts>): HelpTexts => ({
  '': '',
  connection: '',
  action: '',
  'action list': '',
  login: '',
  ...texts,
})
const old = help({
  '': `Usage: membrane <command>

Commands:
  login        Log in
  search       Search for elements
  connect      Connect an app
  connection   Manage connections
  action       Manage actions
  request      Send a request through a connection`,
  connection: 'Commands:\n  list   List connections\n  get <id>   Get one',
  action: 'Commands:\n  list   List actions\n  run <id>   Run an action',
  'action list': 'Options:\n  --intent\n  --connectionId\n  --json',
  login: 'Options:\n  --tenant',
})
const current = help({
  '': `${old['']}
  act          Act on an app
  connection-request  Old way to connect`.replace('request      Send', 'request      [DEPRECATED] Send'),
  connection: 'Commands:\n  list [--cursor] [--limit]\n  get <id> [--wait]\n  ensure <appUrl>',
  action: 'Commands:\n  list\n  get\n  create\n  run   (deprecated: use act)',
  'action list': '--limit <n>  --cursor <c>',
  login: 'Commands:\n  start\n  complete <code>',
})

describe('what the help texts say', () => {
  it('of an old CLI', () => {
    expect(readCapabilities('1.13.3\n', old)).toEqual({
      version: '1.13.3',
      act: false,
      run: 'action run',
      proxy: 'request',
      actionGet: false,
      actionLimit: false,
      actionCursor: false,
      connectionEnsure: false,
      connectionWait: false,
      connectionCursor: false,
      loginStart: false,
      loginTenant: true,
    })
  })

  it('of a current CLI', () => {
    expect(readCapabilities('@membranehq/cli/1.18.3 linux-x64', current)).toEqual({
      version: '1.18.3',
      act: true,
      run: 'act',
      proxy: 'act',
      actionGet: true,
      actionLimit: true,
      actionCursor: true,
      connectionEnsure: true,
      connectionWait: true,
      connectionCursor: true,
      loginStart: true,
      loginTenant: false,
    })
  })

  it.each<[string, Partial<HelpTexts>, object]>([
    [
      'both verbs, none deprecated',
      { '': `${old['']}\n  act   Act` },
      { run: 'action run', proxy: 'request', act: true },
    ],
    [
      'no request any more',
      { '': old[''].replace(/^.*request.*$/m, '  act   Act') },
      { proxy: 'act', run: 'action run' },
    ],
    [
      'a request without an alternative',
      { '': old[''].replace('Send', 'DEPRECATED. Send') },
      { proxy: 'request' },
    ],
    [
      'help of one page',
      {
        '': `${old['']}\n  action run <id>\n  connection ensure <url>\n  action get <id>`,
        action: '',
        connection: '',
      },
      { run: 'action run', connectionEnsure: true, actionGet: true },
    ],
    [
      'no help for sub-commands',
      { connection: '', action: '', 'action list': '', login: '' },
      { run: 'action run', connectionWait: false, loginTenant: true },
    ],
    [
      'flags in the help of action',
      { action: `${old.action}\n  --limit`, 'action list': '' },
      { actionLimit: true, actionCursor: false },
    ],
  ])('where there is %s', (_, texts, expected) => {
    expect(readCapabilities('1.18.0', { ...old, ...texts })).toMatchObject(expected)
  })

  it.each(['', 'unknown', 'v1'])('without a version in %j', (version) => {
    expect(readCapabilities(version, old)?.version).toBe('unknown')
  })
})

describe('a program that is not the Membrane CLI', () => {
  it.each([
    ['prints nothing', ''],
    [
      'has connections but no actions',
      'Commands:\n  hook\n  connect\n  connections\n  credentials\n  catalog',
    ],
    ['has actions but no connection', 'Commands:\n  action\n  connect'],
    ['has only flags of these names', 'Options:\n  --connection <id>\n  --action <id>'],
    ['has longer names alone', 'Commands:\n  connection-string\n  actions\n  re-action'],
    [
      'says the words in a sentence',
      'membrane serve\n\nServes each connection and logs the action it takes.',
    ],
  ])('%s', (_, text) => {
    expect(readCapabilities('1.0.0', help({ '': text }))).toBeUndefined()
  })
})
