import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, test, vi } from 'vitest'
import { onTerminal } from '../support/program.ts'
import { faultyCli, isAlive, type Plan, until } from '../support/server.ts'
import { home, keys, terminal } from '../support/terminal.ts'

// Each walks through many processes, one after the other.
vi.setConfig({ testTimeout: 90_000 })

/** A home whose CLI is the fault-injecting one, with its record. */
async function planned(plan: Plan) {
  const place = await home({}, plan)
  const record = join(place.folder, 'record.jsonl')
  await writeFile(join(place.folder, 'plan.json'), JSON.stringify(plan))
  const env = { ...place.env, MEMBRANE_PLAN: join(place.folder, 'plan.json'), MEMBRANE_RECORD: record }
  return { ...place, env, record: () => readFile(record, 'utf8').catch(() => '') }
}

test('from nothing to a client that works: a wrong code, the right one, a connection, the client', async () => {
  const { env, read } = await home({ '.cursor/mcp.json': '{\n  "mcpServers": {}\n}\n' })
  const { see, type, end } = terminal(['setup', '--sandbox'], {
    ...env,
    MEMBRANE_SANDBOX_START: 'signed-out',
  })
  await see(/not one this server knows/)
  await see(/https:\/\/membrane-sandbox\.example\/login/)
  await see(/type any code of six characters or more, for example 123456/)
  await see(/Which code does the page show/)
  type(`wrong-code${keys.enter}`)
  await see(/https:\/\/membrane-sandbox\.example\/login/)
  await see(/Which code does the page show/)
  type(`right-code${keys.enter}`)
  await see(/https:\/\/membrane-sandbox\.example\/connect/)
  await see(/Kustomer is connected: Kustomer/)
  await see(/Which clients shall have it/)
  await see(/Cursor/)
  type(keys.enter)
  await see(/\+ +"kustomer": \{/)
  await see(/Change .*mcp\.json\?/)
  type(keys.enter)
  await see(/Cursor: wrote/)
  expect(await end()).toBe(0)
  const { kustomer } = JSON.parse(await read('.cursor/mcp.json')).mcpServers
  expect(kustomer).toEqual({
    command: expect.stringMatching(/^\/.*node$/),
    args: [expect.stringMatching(/^\/.*dist\/main\.js$/), '--sandbox'],
  })
})

test('of two connections the person chooses one, which then stands in the entry', async () => {
  const { env, read } = await home({}, 'sandbox')
  const args = ['setup', '--sandbox', '--client', 'claude-code,codex']
  const { see, type, end } = terminal(args, { ...env, MEMBRANE_SANDBOX_START: 'two-connections' })
  await see(/Which Kustomer connection/)
  type(keys.down + keys.enter)
  await see(/Kustomer is connected: Kustomer EU/)
  await see(/Change .*\.claude\.json/)
  type(keys.enter)
  await see(/Change .*config\.toml/)
  type(`n`)
  expect(await end()).toBe(0)
  expect(JSON.parse(await read('.claude.json')).mcpServers.kustomer).toEqual({
    ...{ type: 'stdio', command: expect.any(String) },
    args: [expect.any(String), '--sandbox', '--connection=66b0c0ffee0000000000a002'],
  })
  await expect(read('.codex/config.toml')).rejects.toThrow('ENOENT')
})

test('without a CLI it offers to install one, and takes no for an answer', async () => {
  const { env, all } = await home({ '.cursor/mcp.json': '{}' })
  const { see, type, end } = terminal(['setup'], env)
  await see(/not installed\. Run `npm install -g @membranehq\/cli` now/)
  type('n')
  await see(/Install it with `npm install -g @membranehq\/cli`/)
  expect(await end()).toBe(1)
  expect(await all()).toEqual({ '.cursor/mcp.json': '{}' })
})

test('after a yes it is installed with npm and taken from where npm put it', async () => {
  const { folder, env, read } = await home()
  const bin = join(folder, 'bin')
  await mkdir(bin)
  // Stands for npm alone; what it puts there is the simulation.
  const sandbox = join(import.meta.dirname, '..', '..', 'dist', 'sandbox.js')
  const npm = `#!/bin/sh\necho "$@" > "${folder}/npm-arguments"\nprintf '#!/bin/sh\\nexec "${process.execPath}" "${sandbox}" "$@"\\n' > "${bin}/membrane"\nchmod 755 "${bin}/membrane"\n`
  await writeFile(join(bin, 'npm'), npm)
  await chmod(join(bin, 'npm'), 0o755)
  const { see, type, end } = terminal(['setup', '--client', 'gemini'], {
    ...env,
    PATH: `${bin}:${env.PATH}`,
    MEMBRANE_SANDBOX_DIR: join(folder, 'data'),
  })
  await see(/Run `npm install -g @membranehq\/cli` now/)
  type('y')
  await see(/The Membrane CLI 1\.9\.2 is .*bin\/membrane/)
  await see(/Change .*settings\.json/)
  type(keys.enter)
  expect(await end()).toBe(0)
  expect(await read('npm-arguments')).toBe('install -g @membranehq/cli --no-fund --no-audit\n')
})

test('Ctrl-C ends what was started, and nothing is written', async () => {
  const { env, record, read } = await planned({
    faults: [{ when: 'connection list', hang: true, child: true }],
  })
  const { see, type, end } = terminal(['setup', '--cli', faultyCli, '--client', 'cursor'], env)
  await see(/Looking at the sign-in/)
  await until(async () => /"child"/.test(await record()))
  type(keys.interrupt)
  await see(/stopped, as you asked/)
  expect(await end()).toBe(1)
  const started = [...(await record()).matchAll(/"(?:pid|child)":(\d+)/g)].map(([, pid]) => Number(pid))
  expect(started.length).toBeGreaterThan(1)
  await until(() => started.filter(isAlive).length === 0)
  await expect(read('.cursor/mcp.json')).rejects.toThrow('ENOENT')
})

test('a sign-in page of Membrane is opened in the browser without a shell; Ctrl-C at the question stops', async () => {
  const url = 'https://console.getmembrane.com/login?request=a&b=$(id)x'
  const { folder, env, read } = await planned({
    faults: [
      { when: 'connection list', stderr: 'Not logged in. Run `membrane login`.\n', exit: 1 },
      { when: 'login', stdout: `Open ${url}\n` },
    ],
  })
  await mkdir(join(folder, 'bin'))
  const opener = join(folder, 'bin', 'xdg-open')
  await writeFile(opener, `#!/bin/sh\nprintf '%s|' "$@" > "${folder}/opened"\n`)
  await chmod(opener, 0o755)
  const { see, type, end } = terminal(['setup', '--cli', faultyCli], {
    ...env,
    DISPLAY: ':0',
    PATH: `${join(folder, 'bin')}:${env.PATH}`,
  })
  await see(/Which code does the page show/)
  await until(async () => (await read('opened').catch(() => '')) === `${url}|`)
  type(keys.interrupt)
  await see(/stopped, as you asked/)
  expect(await end()).toBe(1)
})

test.each([
  ['an error', ['--tools', 'list-customer']],
  ['an unknown flag', ['setup', '--clint', 'cursor']],
  ['a setup', ['setup', '--clients-only', '--yes', '--sandbox', '--client', 'windsurf']],
])('%s is wrapped at words on a terminal of 80 columns', async (_, args) => {
  const { env } = await home({
    '.codeium/windsurf/mcp_config.json': '{"mcpServers": {"kustomer": {"url": "x"}}}',
  })
  const { screen, ended } = onTerminal(args, env, 80)
  expect(await ended()).toBeGreaterThan(0)
  const lines = stripVTControlCharacters(screen()).trim().split('\n')
  expect(lines.length).toBeGreaterThan(1)
  expect(lines.filter((line) => line.length > 80 && line.trim().includes(' '))).toEqual([])
})
