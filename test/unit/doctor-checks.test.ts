import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Check, type CheckStep, ok, runChecks } from '../../src/cli/doctor/check.ts'
import { homeCheck, nodeCheck, stateCheck } from '../../src/cli/doctor/system-checks.ts'
import { openerOf } from '../../src/cli/setup/browser.ts'
import { installProblem } from '../../src/cli/setup/install-cli.ts'
import { guiEnvironment, lostNames, serverEnvironment } from '../../src/clients/client-environment.ts'
import { ToolError } from '../../src/errors.ts'
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

  test('fails at once where nothing can be made', async () => {
    expect(await status('/proc/no-such-folder/a')).toMatchObject({
      status: 'fail',
      facts: { code: 'ENOENT' },
    })
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

describe('a client with a window', () => {
  const shell = {
    HOME: '/home/a',
    PATH: '/home/a/.nvm/bin:/usr/bin',
    NVM_DIR: '/home/a/.nvm',
    HTTPS_PROXY: 'http://p',
    KUSTOMER_MCP_CLI: '/x',
    MEMBRANE_TOKEN: 'secret',
    EDITOR: 'vi',
    NO_PROXY: '',
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

  test('hands its servers HOME and PATH, and no option of this program', () => {
    const { HOME, PATH } = shell
    expect(serverEnvironment('linux', shell)).toEqual({ HOME, PATH })
  })

  test('lacks variables that matter, of which only the names are told', () => {
    expect(lostNames('linux', shell)).toEqual(['HTTPS_PROXY', 'KUSTOMER_MCP_CLI', 'MEMBRANE_TOKEN'])
  })
})

test('a missing home folder is a warning, and an existing one says nothing', async () => {
  expect(await homeCheck(await temporaryFolder())).toEqual([])
  expect(await homeCheck('/no/such/home')).toMatchObject([
    { status: 'warn', message: 'The home folder /no/such/home is not there.' },
  ])
  expect(await homeCheck(undefined)).toMatchObject([{ status: 'warn' }])
})

describe('checks run in order', () => {
  const step = (id: string, run: CheckStep['run'], needs: string[] = []): CheckStep => ({
    id,
    title: id.toUpperCase(),
    needs,
    limitMs: 20,
    run,
  })
  const statuses = async (...steps: CheckStep[]) => {
    const checks: Check[] = []
    await runChecks(steps, (check) => checks.push(check))
    return checks.map(({ id, status, message }) => `${id} ${status}: ${message}`)
  }

  test('what needs a failed check is skipped, and so is what needs that', async () => {
    const failing = step('a', async () => {
      throw new ToolError('network', 'No network.')
    })
    expect(
      await statuses(
        failing,
        step('b', async () => ok('b', 'fine'), ['a']),
        step('c', async () => ok('c', 'fine'), ['b']),
        step('d', async () => ok('d', 'fine')),
      ),
    ).toEqual(['a fail: No network.', 'b warn: B: skipped.', 'c warn: C: skipped.', 'd ok: fine'])
  })

  test('a check that never ends fails at its limit', async () => {
    const endless = step('a', () => new Promise(() => undefined))
    expect(await statuses(endless)).toEqual(['a fail: A: no answer within 0.02 s.'])
  })

  test('a bug is not a failed check', async () => {
    const broken = step('a', async () => {
      throw new TypeError('bug')
    })
    await expect(statuses(broken)).rejects.toThrow('bug')
  })
})

test.each<[string, RegExp]>([
  [
    'npm error code EACCES\nnpm error syscall mkdir',
    /npm said:\n {2}code EACCES\n.*\n.*\n.*npm config set prefix/,
  ],
  ['npm ERR! code ENOTFOUND\nnpm ERR! network', /does not reach its registry\. Check the network/],
  ['npm error code E404\nnpm error 404 Not Found', /npm config get registry/],
  ['npm error code ENOSPC', /disk is full/],
  ['something else\nmore', /npm said:\n {2}something else\n {2}more\nRun `npm install/],
  ['', /npm said:\n {2}nothing\nRun `npm install/],
])('a failed npm install names the next step: %j', (stderr, says) => {
  expect(installProblem(stderr)).toMatch(says)
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
