import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type ClientName, clientNames, clientOf } from '../../src/clients/clients.ts'
import { configFileOf, isInstalled, resolvePaths, type System } from '../../src/clients/paths.ts'
import { temporaryFolder } from '../support/server.ts'

const mac: System = { platform: 'darwin', home: '/Users/ada', env: {}, cwd: '/Users/ada/app' }
const linux: System = { platform: 'linux', home: '/home/ada', env: {}, cwd: '/srv/app' }
const windows: System = {
  platform: 'win32',
  home: 'C:\\Users\\ada',
  env: { APPDATA: 'D:\\Roaming', LOCALAPPDATA: 'D:\\Local' },
  cwd: 'C:\\app',
}

const filesOf = async (machine: System, scope: 'user' | 'project') =>
  Object.fromEntries(
    await Promise.all(
      clientNames.map(async (name) => [name, await configFileOf(clientOf(name), scope, machine)] as const),
    ),
  ) as Record<ClientName, string | undefined>

test('each host has its file for the person on each platform', async () => {
  expect(await filesOf(mac, 'user')).toEqual({
    'claude-desktop': '/Users/ada/Library/Application Support/Claude/claude_desktop_config.json',
    'claude-code': '/Users/ada/.claude.json',
    cursor: '/Users/ada/.cursor/mcp.json',
    vscode: '/Users/ada/Library/Application Support/Code/User/mcp.json',
    windsurf: '/Users/ada/.codeium/windsurf/mcp_config.json',
    zed: '/Users/ada/.config/zed/settings.json',
    codex: '/Users/ada/.codex/config.toml',
    gemini: '/Users/ada/.gemini/settings.json',
  })
  expect(await filesOf(linux, 'user')).toEqual({
    'claude-desktop': '/home/ada/.config/Claude/claude_desktop_config.json',
    'claude-code': '/home/ada/.claude.json',
    cursor: '/home/ada/.cursor/mcp.json',
    vscode: '/home/ada/.config/Code/User/mcp.json',
    windsurf: '/home/ada/.codeium/windsurf/mcp_config.json',
    zed: '/home/ada/.config/zed/settings.json',
    codex: '/home/ada/.codex/config.toml',
    gemini: '/home/ada/.gemini/settings.json',
  })
  expect(await filesOf(windows, 'user')).toEqual({
    'claude-desktop': 'D:\\Roaming\\Claude\\claude_desktop_config.json',
    'claude-code': 'C:\\Users\\ada\\.claude.json',
    cursor: 'C:\\Users\\ada\\.cursor\\mcp.json',
    vscode: 'D:\\Roaming\\Code\\User\\mcp.json',
    windsurf: 'C:\\Users\\ada\\.codeium\\windsurf\\mcp_config.json',
    zed: 'D:\\Roaming\\Zed\\settings.json',
    codex: 'C:\\Users\\ada\\.codex\\config.toml',
    gemini: 'C:\\Users\\ada\\.gemini\\settings.json',
  })
})

test('a file for the project lies in its folder, where a host has one', async () => {
  expect(await filesOf(windows, 'project')).toEqual({
    'claude-desktop': undefined,
    'claude-code': 'C:\\app\\.mcp.json',
    cursor: 'C:\\app\\.cursor\\mcp.json',
    vscode: 'C:\\app\\.vscode\\mcp.json',
    windsurf: undefined,
    zed: 'C:\\app\\.zed\\settings.json',
    codex: 'C:\\app\\.codex\\config.toml',
    gemini: 'C:\\app\\.gemini\\settings.json',
  })
})

describe('what a variable names comes first', () => {
  test.each<[string, ClientName, System['env'], string]>([
    ['CODEX_HOME', 'codex', { CODEX_HOME: '/opt/codex' }, '/opt/codex/config.toml'],
    ['CLAUDE_CONFIG_DIR', 'claude-code', { CLAUDE_CONFIG_DIR: '/opt/c' }, '/opt/c/.claude.json'],
    ['XDG_CONFIG_HOME', 'zed', { XDG_CONFIG_HOME: '/opt/x' }, '/opt/x/zed/settings.json'],
    ['an empty one counts as none', 'codex', { CODEX_HOME: '' }, '/home/ada/.codex/config.toml'],
    ['one that is no full path as well', 'codex', { CODEX_HOME: 'codex' }, '/home/ada/.codex/config.toml'],
  ])('%s', async (_, name, env, file) => {
    expect(await configFileOf(clientOf(name), 'user', { ...linux, env })).toBe(file)
  })

  test('without APPDATA there is the folder that Windows gives it', async () => {
    expect(await configFileOf(clientOf('vscode'), 'user', { ...windows, env: {} })).toBe(
      'C:\\Users\\ada\\AppData\\Roaming\\Code\\User\\mcp.json',
    )
  })

  test('a home folder with the signs of a replacement in it is taken as it is', () => {
    expect(resolvePaths(['~/x'], { ...linux, home: '/home/$&/%APPDATA%' })).toEqual(['/home/$&/%APPDATA%/x'])
  })
})

test('a folder that a package made is found by the beginning of its name', async () => {
  const home = await temporaryFolder()
  const folder = join(home, 'Packages', 'Claude_abc', 'LocalCache', 'Roaming', 'Claude')
  const place = ['%LOCAL%/Packages/Claude_*/LocalCache/Roaming/Claude/c.json', '~/c.json']
  const host = { ...clientOf('claude-desktop'), user: { darwin: place, win32: place, linux: place } }
  const machine = { ...linux, home, env: { LOCAL: home } }
  expect(await configFileOf(host, 'user', machine)).toBe(join(home, 'c.json'))
  await mkdir(folder, { recursive: true })
  expect(await configFileOf(host, 'user', machine)).toBe(join(folder, 'c.json'))
})

test('a host counts as installed by its own folder, or by a file that lies in the home folder itself', async () => {
  const home = await temporaryFolder()
  const machine = { ...linux, home }
  const installed = async (name: ClientName) =>
    isInstalled((await configFileOf(clientOf(name), 'user', machine)) as string, machine)
  expect([await installed('cursor'), await installed('claude-code')]).toEqual([false, false])
  await mkdir(join(home, '.cursor'))
  await writeFile(join(home, '.claude.json'), '{}')
  expect([await installed('cursor'), await installed('claude-code')]).toEqual([true, true])
})
