import { describe, expect, test } from 'vitest'
import { candidates } from '../../src/cli/completion/candidates.ts'
import { commandLine } from '../../src/cli/program.ts'
import { flagOf, options } from '../../src/config/options.ts'
import { logLevels } from '../../src/logger.ts'

const program = commandLine('kustomer-mcp', 'd', {
  version: '1',
  env: {},
  bundleDir: '/',
  print: () => undefined,
})
const tools = [
  { name: 'list-customers', title: 'List Customers', group: 'actions' },
  { name: 'create-note', title: 'Create Note', group: 'actions' },
  { name: 'proxy_request', title: 'Proxy', group: 'proxy' },
]

/** What may stand where the last word is. */
const offered = async (...typed: string[]) =>
  (await candidates(program, typed, async () => tools)).map((candidate) =>
    candidate === ':files' ? candidate : candidate.value,
  )

describe('what may stand where the person is typing', () => {
  test('the commands and their subcommands', async () => {
    const listed = program
      .createHelp()
      .visibleCommands(program)
      .map((command) => command.name())
    expect(await offered('')).toEqual(listed)
    expect(await offered()).toEqual(listed)
    expect(listed).not.toContain('complete')
    expect(await offered('sandbox', '')).toContain('reset')
    expect(await offered('--read-only', '--proxy', 'off', 'audit', 'ver')).toEqual(['verify'])
  })

  test('every option after any command', async () => {
    for (const words of [[], ['tools'], ['sandbox', 'reset']])
      expect(await offered(...words, '--')).toEqual(expect.arrayContaining(Object.keys(options).map(flagOf)))
    expect(await offered('call', 'create-note', '--')).toEqual(expect.arrayContaining(['--arg', '--json']))
    expect(await offered('--js')).toEqual([])
  })

  test.each<[string, string[], readonly string[]]>([
    ['a word of a closed list', ['--proxy', ''], ['full', 'read', 'off']],
    ['one begun', ['tools', '--proxy', 'f'], ['full']],
    ['one that hangs on its flag', ['--confirm=cus'], ['--confirm=customer-visible']],
    ['one that bash has split', ['--confirm', '=', 'w'], ['writes']],
    [
      'nothing yet after the sign that bash has split',
      ['--confirm', '='],
      ['none', 'customer-visible', 'writes'],
    ],
    ['a log level', ['--log-level', ''], logLevels],
    ['a file', ['--config', 'a'], [':files']],
    ['a folder', ['--state-dir=x'], [':files']],
    ['a file as an argument', ['audit', 'verify', ''], [':files']],
    ['nothing where anything may stand', ['--connection', ''], []],
    ['a shell', ['completion', ''], ['bash', 'zsh', 'fish']],
    ['a tool', ['call', 'l'], ['list-customers']],
    ['a tool after flags', ['--timeout-ms', '5000', 'tools', '--json', 'c'], ['create-note']],
    ['no tool where the JSON stands', ['call', 'create-note', ''], []],
    ['a group or a tool in a list', ['--tools', 'pro'], ['proxy', 'proxy_request']],
    ['a client', ['setup', '--client', 'c'], ['claude-desktop', 'claude-code', 'cursor', 'codex']],
    ['the next client', ['setup', '--client=zed,v'], ['--client=zed,vscode']],
    ['the next of a list', ['--exclude-tools', 'proxy,cr'], ['proxy,create-note']],
    ['nothing after a flag that does not exist', ['--no-such-flag', 'x', '--proxy', 'f'], ['full']],
  ])('%s', async (_, typed, expected) => {
    expect(await offered(...typed)).toEqual(expected)
  })
})
