import { describe, expect, test } from 'vitest'
import { clientOf } from '../../src/clients/clients.ts'
import { isOwnEntry, keepingOptions, resolveLaunch, toConfigEntry } from '../../src/clients/launch.ts'

const posix = {
  platform: 'linux',
  node: '/usr/bin/node',
  main: '/opt/lib/node_modules/kustomer-mcp/dist/main.js',
  version: '1.2.3',
  temporary: '/tmp',
}
const windows = {
  platform: 'win32',
  node: 'C:\\Program Files\\nodejs\\node.exe',
  main: 'C:\\Users\\ada\\AppData\\Roaming\\npm\\node_modules\\kustomer-mcp\\dist\\main.js',
  version: '1.2.3',
  temporary: 'C:\\Users\\ada\\AppData\\Local\\Temp',
}

test('a host gets full paths, because it has no PATH of the person', () => {
  expect(resolveLaunch(posix, ['--read-only'])).toEqual({
    command: posix.node,
    args: [posix.main, '--read-only'],
  })
  expect(resolveLaunch(windows, [])).toEqual({ command: windows.node, args: [windows.main] })
})

describe('a copy that will not stay is started by npx in this version', () => {
  const npx = ['-y', 'kustomer-mcp@1.2.3', '--sandbox']
  test.each([
    [
      'npx on Linux',
      { ...posix, main: '/home/a/.npm/_npx/1f/node_modules/kustomer-mcp/dist/main.js' },
      'npx',
      npx,
    ],
    ['a temporary folder', { ...posix, main: '/tmp/x/dist/main.js' }, 'npx', npx],
    [
      'npx on Windows',
      {
        ...windows,
        main: 'C:\\Users\\a\\AppData\\Local\\npm-cache\\_npx\\1f\\node_modules\\kustomer-mcp\\dist\\main.js',
      },
      'cmd',
      ['/c', 'npx', ...npx],
    ],
    [
      'a temporary folder on Windows',
      { ...windows, main: 'c:\\users\\ADA\\AppData\\Local\\Temp\\x\\dist\\main.js' },
      'cmd',
      ['/c', 'npx', ...npx],
    ],
  ])('%s', (_, installation, command, args) => {
    expect(resolveLaunch(installation, ['--sandbox'])).toEqual({ command, args })
  })

  test('a folder that only begins like the temporary one stays', () => {
    expect(resolveLaunch({ ...posix, main: '/tmpfiles/dist/main.js' }, []).command).toBe(posix.node)
    expect(resolveLaunch({ ...windows, main: 'D:\\dist\\main.js' }, []).command).toBe(windows.node)
  })
})

test('VS Code and Claude Code are told that it is a local server', () => {
  const launch = { command: 'n', args: ['m'] }
  expect(toConfigEntry(clientOf('vscode'), launch)).toEqual({ type: 'stdio', command: 'n', args: ['m'] })
  expect(toConfigEntry(clientOf('claude-code'), launch)).toEqual({ type: 'stdio', command: 'n', args: ['m'] })
  expect(toConfigEntry(clientOf('zed'), launch)).toEqual({ command: 'n', args: ['m'] })
})

describe('an entry is ours when it starts this program', () => {
  test.each<[unknown, boolean]>([
    [{ command: 'npx', args: ['-y', 'kustomer-mcp@1.0.0'] }, true],
    [{ command: 'npx', args: ['-y', 'kustomer-mcp'] }, true],
    [{ command: '/usr/local/bin/kustomer-mcp' }, true],
    [{ command: 'node', args: ['/src/somewhere/dist/main.js', '--sandbox'] }, true],
    [{ command: 'node', args: ['C:\\src\\kustomer-mcp\\dist\\main.js'] }, true],
    [{ command: 'cmd', args: ['/c', 'npx', '-y', 'kustomer-mcp@2'] }, true],
    [{ url: 'https://mcp.example.com/kustomer' }, false],
    [{ command: 'npx', args: ['-y', 'other-kustomer-mcp'] }, false],
    [{ command: 'npx', args: ['-y', 'kustomer-mcp-fork'] }, false],
    [{ command: 'node', args: 7 }, false],
    ['kustomer-mcp', false],
    [undefined, false],
  ])('%j: %s', (entry, ours) => {
    expect(isOwnEntry(entry)).toBe(ours)
  })
})

test.each<[string, string[], string[], string[]]>([
  ['nothing', [], [], []],
  ['what only the old one has', ['--read-only', '--log-file=/l'], [], ['--read-only', '--log-file=/l']],
  [
    'a value that stands apart',
    ['--log-file', '/l', '--audit-file', '/a'],
    [],
    ['--audit-file=/a', '--log-file=/l'],
  ],
  [
    'a new value in the place of the old one',
    ['--cli=/old', '--read-only'],
    ['--cli=/new'],
    ['--cli=/new', '--read-only'],
  ],
  [
    'new ones behind the old ones',
    ['serve', '--read-only'],
    ['--confirm=writes'],
    ['--read-only', '--confirm=writes'],
  ],
  [
    'a value that names a folder like this program',
    ['--read-only', '--state-dir=/x/kustomer-mcp'],
    [],
    ['--read-only', '--state-dir=/x/kustomer-mcp'],
  ],
  ['nothing that is renewed', ['--sandbox', '--connection=old', '--read-only'], [], ['--read-only']],
  [
    'nothing that this program would refuse',
    ['--readonly', '--confirm=writes'],
    ['--sandbox'],
    ['--sandbox'],
  ],
])('an entry that is written anew keeps %s', (_, old, given, expected) => {
  const before = (start: string[]) => ({ command: 'node', args: [...start, ...old] })
  const renewed = ['sandbox', 'connection'] as const
  for (const [from, to] of [
    [['/old/dist/main.js'], ['/new/dist/main.js']],
    [
      ['-y', 'kustomer-mcp@0.0.1'],
      ['/c', 'npx', '-y', 'kustomer-mcp@0.1.0'],
    ],
  ] as const) {
    const args = keepingOptions(before([...from]), [...to, ...given], renewed)
    expect(args).toEqual([...to, ...expected])
    expect(keepingOptions({ args }, [...to, ...given], renewed)).toEqual(args)
  }
  expect(keepingOptions({ command: '/usr/bin/kustomer-mcp', args: old }, ['/m', ...given], renewed)).toEqual([
    '/m',
    ...expected,
  ])
})
