import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { guiEnvironment, lostNames } from '../../src/cli/doctor/gui-environment.ts'
import { nodeCheck, stateCheck } from '../../src/cli/doctor/system-checks.ts'
import { openerOf } from '../../src/cli/setup/browser.ts'
import { temporaryFolder } from '../support/server.ts'

test.each([
  ['20.19.0', '/usr/bin/node', undefined, 'ok'],
  ['24.1.0', 'C:\\nodejs\\node.exe', undefined, 'ok'],
  ['20.18.9', '/usr/bin/node', undefined, 'fail'],
  ['18.20.0', '/usr/bin/node', undefined, 'fail'],
  ['22.0.0', '/Applications/Claude.app/Contents/MacOS/Claude', '35.0.0', 'warn'],
])('Node %s at %s', (version, path, electron, status) => {
  expect(nodeCheck(version, path.replace(/^.*\\/, '/'), electron).status).toBe(status)
})

describe('the state folder', () => {
  const status = async (stateDir: string) => stateCheck({ stateDir })

  test('is fine when it is for its owner alone, or can be made', async () => {
    const folder = await temporaryFolder()
    await chmod(folder, 0o700)
    expect(await status(folder)).toMatchObject({ status: 'ok', facts: { mode: '0700' } })
    expect(await status(join(folder, 'a', 'b'))).toMatchObject({ status: 'ok' })
  })

  test('is warned of when others can look into it', async () => {
    const folder = join(await temporaryFolder(), 'open')
    await mkdir(folder)
    await chmod(folder, 0o755)
    expect(await status(folder)).toMatchObject({ status: 'warn', fix: `chmod 700 "${folder}"` })
  })

  test('fails where a file is in the way', async () => {
    const file = join(await temporaryFolder(), 'file')
    await writeFile(file, '')
    expect(await status(file)).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('is a file'),
    })
    expect(await status(join(file, 'state'))).toMatchObject({ status: 'fail', facts: { code: 'ENOTDIR' } })
  })
})

describe('a host with a window', () => {
  const shell = {
    ...{
      HOME: '/home/a',
      PATH: '/home/a/.nvm/bin:/usr/bin',
      NVM_DIR: '/home/a/.nvm',
      HTTPS_PROXY: 'http://p',
    },
    ...{ KUSTOMER_MCP_CLI: '/x', MEMBRANE_TOKEN: 'secret', EDITOR: 'vi', NO_PROXY: '' },
  }

  test('has the home folder and a bare PATH, and nothing of the shell', () => {
    expect(guiEnvironment('darwin', shell)).toEqual({
      HOME: '/home/a',
      PATH: '/usr/bin:/bin:/usr/sbin:/sbin',
    })
  })

  test('on Windows has the PATH of the account, under whatever spelling', () => {
    const env = { Path: 'C:\\Windows', AppData: 'C:\\a', HTTPS_PROXY: 'http://p' }
    expect(guiEnvironment('win32', env)).toEqual({ Path: 'C:\\Windows', AppData: 'C:\\a' })
  })

  test('lacks variables that matter, of which only the names are told', () => {
    expect(lostNames('linux', shell)).toEqual(['HTTPS_PROXY', 'KUSTOMER_MCP_CLI', 'MEMBRANE_TOKEN'])
  })
})

describe('a link is opened by the program of the platform, as one argument', () => {
  const url = 'https://console.getmembrane.com/login?a=1&b=%22;id'
  test.each<[string, Record<string, string>, string[] | undefined]>([
    ['darwin', {}, ['/usr/bin/open', url]],
    [
      'win32',
      { SystemRoot: 'D:\\Win' },
      ['D:\\Win\\System32\\rundll32.exe', 'url.dll,FileProtocolHandler', url],
    ],
    ['linux', { DISPLAY: ':0' }, ['xdg-open', url]],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', url]],
    ['linux', {}, undefined],
  ])('%s', (platform, env, command) => {
    expect(openerOf(platform, env, url)).toEqual(command)
  })

  test.each(['file:///etc/passwd', 'javascript:alert(1)', '--help', 'vscode://x', ''])(
    '%j is never opened',
    (link) => {
      expect(openerOf('darwin', {}, link)).toBeUndefined()
    },
  )
})
