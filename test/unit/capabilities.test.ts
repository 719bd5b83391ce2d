import { describe, expect, it } from 'vitest'
import { capabilitiesSchema, formsOf, readCapabilities } from '../../src/membrane/capabilities.ts'
import { commandForms, newestKnown } from '../../src/membrane/command-forms.ts'
import type { HelpTexts } from '../../src/membrane/help-texts.ts'

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

describe('a version that is newer than all known ones', () => {
  const both = { ...old, '': `${old['']}\n  act   Act` }

  it('gets the newest form that its help lists', () => {
    expect(readCapabilities('1.18.4', both)).toMatchObject({ run: 'act', proxy: 'act' })
    expect(readCapabilities('2.0.0', old)).toMatchObject({ run: 'action run', proxy: 'request' })
  })

  it('gets the newest form where its help lists none', () => {
    const neither = { ...old, '': old[''].replace(/^.*request.*$/m, ''), action: '' }
    expect(readCapabilities('1.18.4', neither)).toMatchObject({ run: 'act', proxy: 'act' })
    expect(readCapabilities('1.18.3', neither)).toMatchObject({ run: 'action run', proxy: 'request' })
  })
})

describe('the table of forms', () => {
  it('has a form for each capability, with versions that are known', () => {
    const named = new Set(commandForms.map(({ capability }) => capability))
    const { version: _, ...capabilities } = capabilitiesSchema.shape
    expect([...named].sort()).toEqual(Object.keys(capabilities).sort())
    for (const { cli, sdk } of commandForms) {
      const versions = [...cli, newestKnown.cli]
      expect(versions.toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))).toEqual(versions)
      expect(sdk <= newestKnown.sdk).toBe(true)
    }
  })

  it('names the forms that are used', () => {
    const capabilities = readCapabilities('1.13.3', old)
    expect(capabilities && formsOf(capabilities).map(({ form }) => form)).toEqual([
      'action run <actionId> --connectionId=<id> --input=<json>',
      'request <connectionId> <path> --method= --query= --header= --pathParam= --data=',
      'login --tenant --non-interactive',
    ])
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
