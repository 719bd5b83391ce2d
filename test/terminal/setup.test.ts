import { chmod, cp, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test, vi } from 'vitest'
import { clientNames } from '../../src/clients/clients.ts'
import { mainJs, temporaryFolder } from '../support/server.ts'
import { home, run } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

const settings = `// of the whole team
{
  "theme": "dark", // at night
  "mcpServers": {
    "docs": { "command": "npx", "args": ["-y", "docs"], "env": { "DOCS_TOKEN": "tok_live_123456" } },
  },
}
`
const quick = ['setup', '--clients-only', '--yes', '--client', 'cursor,codex']

test('writes each client once, and removes what it wrote', async () => {
  const { env, read } = await home({ '.cursor/mcp.json': settings })
  const first = await run([...quick, '--read-only', '--state-dir', 'state'], env)
  expect(first).toMatchObject({ code: 0, stderr: '' })
  expect(first.stdout).toContain('Cursor: wrote')
  // What the file holds for other servers stays in it.
  expect(first.stdout).not.toContain('tok_live')
  const written = await read('.cursor/mcp.json')
  expect(written.replace(/\n {4}"kustomer": \{[^}]*\},/, '')).toBe(settings)
  const state = `--state-dir=${join(env.HOME, 'state')}`
  expect(written).toContain(JSON.stringify(mainJs))
  expect(written).toContain(`"--read-only",\n        "${state}"`)
  expect(await read('.codex/config.toml')).toBe(
    `[mcp_servers.kustomer]\ncommand = "/usr/bin/node"\nargs = [ "${mainJs}", "--read-only", "${state}" ]\n`.replace(
      '/usr/bin/node',
      /command": "([^"]+)"/.exec(written)?.[1] ?? '',
    ),
  )
  const second = await run([...quick, '--read-only', '--state-dir', 'state'], env)
  expect(second.stdout).toBe(
    `Cursor: has the entry already; nothing to change in ${env.HOME}/.cursor/mcp.json.\nCodex: has the entry already; nothing to change in ${env.HOME}/.codex/config.toml.\n`,
  )
  expect(await run(['setup', '--remove', '--yes'], env)).toMatchObject({ code: 0, stderr: '' })
  expect(await read('.cursor/mcp.json')).toBe(settings)
  await expect(read('.codex/config.toml')).rejects.toThrow('ENOENT')
  expect((await run(['setup', '--remove', '--yes'], env)).stdout).toBe(
    'No client has an entry of this program.\n',
  )
})

test('--dry-run changes nothing, not even its own folder', async () => {
  const { env, all } = await home({ '.cursor/mcp.json': settings })
  const { code, stdout } = await run(['setup', '--dry-run', '--sandbox', '--client', 'cursor'], env)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^\+ +"kustomer": \{$/m)
  expect(stdout).toMatch(/^\+ +"--sandbox"$/m)
  expect(stdout).toContain('Not done, because of --dry-run')
  const withoutCli = await run(['setup', '--dry-run', '--client', 'cursor'], env)
  expect(withoutCli).toMatchObject({ code: 0, stderr: '' })
  expect(withoutCli.stdout).toMatch(
    /^The Membrane CLI .*is not installed.*--install-cli(.*\n)+\+ +"kustomer": \{$/m,
  )
  expect(await all()).toEqual({ '.cursor/mcp.json': settings })
})

test('a project has a file of its own', async () => {
  const { env, folder, read } = await home()
  await mkdir(join(folder, 'app'))
  const args = ['setup', '--clients-only', '--yes', '--scope', 'project', '--client', 'vscode']
  expect((await run(args, env, join(folder, 'app'))).code).toBe(0)
  expect(JSON.parse(await read('app/.vscode/mcp.json'))).toEqual({
    servers: { kustomer: { type: 'stdio', command: expect.any(String), args: [mainJs] } },
  })
})

test('a script signs in with a code', async () => {
  const { env, read } = await home({}, 'sandbox')
  const signedOut = { ...env, MEMBRANE_SANDBOX_START: 'signed-out' }
  const args = ['setup', '--sandbox', '--yes', '--client', 'gemini']
  const first = await run(args, signedOut)
  expect(first).toMatchObject({ code: 1, stderr: expect.stringMatching(/sign in at the link above.*--code/) })
  expect(first.stdout).toContain('https://membrane-sandbox.example/login')
  await expect(read('.gemini/settings.json')).rejects.toThrow('ENOENT')
  const second = await run([...args, '--code', 'abc-123'], signedOut)
  expect(second.stderr).toBe('')
  expect(second.stdout).toContain('Kustomer is connected: Kustomer')
  expect(JSON.parse(await read('.gemini/settings.json')).mcpServers.kustomer.args).toContain('--sandbox')
})

describe('says why it cannot go on, and writes nothing', () => {
  test.each<[string, string[], Record<string, string>, number, RegExp]>([
    ['no CLI', ['--yes', '--client', 'cursor'], {}, 1, /not installed.*npm install -g @membranehq\/cli/],
    [
      'two connections',
      ['--yes', '--sandbox', '--client', 'cursor'],
      { MEMBRANE_SANDBOX_START: 'two-connections' },
      1,
      /2 usable Kustomer connections: 66b0c0ffee0000000000a001.*--connection/,
    ],
    [
      'a connection that failed',
      ['--yes', '--sandbox', '--client', 'cursor'],
      { MEMBRANE_SANDBOX_START: 'setup-failed' },
      1,
      /the connection is SETUP_FAILED\. Mend or remove it in Membrane's console, then run setup again/,
    ],
    ['nobody to ask', ['--client', 'cursor'], {}, 2, /Add --yes to go ahead, or --dry-run/],
    [
      'an unknown client',
      ['--yes', '--client', 'cursr'],
      {},
      2,
      /unknown: cursr \(did you mean cursor\?\)\. Known: claude-desktop/,
    ],
    [
      'a client without a file for projects',
      ['--yes', '--clients-only', '--client', 'windsurf', '--scope', 'project'],
      {},
      2,
      /--scope project: windsurf has no file/,
    ],
  ])('%s', async (_, args, env, code, says) => {
    const place = await home({ '.cursor/mcp.json': settings }, 'sandbox')
    const ended = await run(['setup', ...args], { ...place.env, ...env })
    expect(ended.stderr).toMatch(says)
    expect(ended.code).toBe(code)
    expect(await place.read('.cursor/mcp.json')).toBe(settings)
  })
})

test('a file that cannot be edited does not stop the others', async () => {
  const { env, folder, read } = await home({
    '.cursor/mcp.json': '{ "mcpServers": {',
    '.gemini/settings.json': '{"mcpServers": {"kustomer": {"httpUrl": "https://mcp.example.com"}}}',
    // A file where the client's folder would be: not even root can write below it.
    '.codeium': '',
  })
  await mkdir(join(folder, '.codex', 'config.toml'), { recursive: true })
  await writeFile(join(folder, '.claude.json'), '{}')
  const clients = ['--client', 'cursor,gemini,windsurf,codex,claude-code']
  const { code, stdout, stderr } = await run(['setup', '--clients-only', '--yes', ...clients], env)
  expect(code).toBe(1)
  expect(stderr).toBe('kustomer-mcp: 4 of 5 clients could not be changed.\n')
  expect(stdout).toMatch(
    /Cursor: left as it is\. .*mcp\.json: it is not valid JSON \(line 1, column 18: a closing } is missing\)/,
  )
  expect(stdout).toMatch(/Gemini CLI: left as it is\. .*entry "kustomer" for another program/)
  expect(stdout).toMatch(/Windsurf: left as it is\. .*cannot be read \(ENOTDIR\)/)
  expect(stdout).toMatch(/Codex: left as it is\. .*it is a folder/)
  expect(stdout).toContain('Claude Code: wrote')
  expect(await read('.cursor/mcp.json')).toBe('{ "mcpServers": {')
  expect(await read('.gemini/settings.json')).toContain('httpUrl')
})

test('an entry that does not start is not written', async () => {
  const { env, read } = await home({ '.cursor/mcp.json': settings })
  const before = ['setup', '--clients-only', '--yes', '--client', 'cursor']
  // The tools exist for setup, which does not build them; the server that the client starts refuses the list.
  const { code, stdout, stderr } = await run([...before, '--tools', 'no-such-tool'], env)
  expect(code).toBe(1)
  expect(stdout).toMatch(
    /Cursor: left as it is\. .*would not start: it ends with exit code 2: .*no-such-tool/,
  )
  expect(stderr).toBe('kustomer-mcp: 1 of 1 clients could not be changed.\n')
  expect(await read('.cursor/mcp.json')).toBe(settings)
})

describe('from a temporary folder', () => {
  async function copied(npx: string) {
    const place = await home({ '.cursor/mcp.json': settings, 'bin/npx': npx })
    const copy = await temporaryFolder()
    await cp(dirname(mainJs), join(copy, 'dist'), { recursive: true })
    await writeFile(join(copy, 'package.json'), '{"type": "module"}')
    await chmod(join(place.folder, 'bin', 'npx'), 0o755)
    const env = { ...place.env, PATH: `${join(place.folder, 'bin')}:${place.env.PATH}` }
    const args = [
      join(copy, 'dist', 'main.js'),
      'setup',
      '--clients-only',
      '--yes',
      '--sandbox',
      '--client',
      'cursor',
    ]
    const ended = await execa(process.execPath, args, {
      env,
      extendEnv: false,
      cwd: place.folder,
      reject: false,
    })
    return { ...place, ...ended, copy }
  }

  test('it refuses where npx has no package, with a step that works', async () => {
    const { exitCode, stdout, stderr, copy, folder, read } = await copied(
      '#!/bin/sh\necho "npm error code E404" >&2\necho "npm error 404 Not Found" >&2\nexit 1\n',
    )
    expect(exitCode).toBe(1)
    expect(stdout).toMatch(/Cursor: left as it is\. .*would not start: .*404 Not Found/)
    expect(stderr).toContain(
      `Copy ${copy} to one that stays, such as ~/kustomer-mcp, and run \`node ~/kustomer-mcp/dist/main.js setup\`.`,
    )
    expect(await read('.cursor/mcp.json')).toBe(settings)
    // The advice, followed.
    const lasting = join(folder, 'kustomer-mcp')
    await cp(copy, lasting, { recursive: true })
    const started = await execa(process.execPath, [join(lasting, 'dist', 'main.js'), '--version'])
    expect(started.exitCode).toBe(0)
  })

  test('it writes npx where that starts the server', async () => {
    const { exitCode, read } = await copied(
      `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${mainJs}" "$@"\n`,
    )
    expect(exitCode).toBe(0)
    expect(await read('.cursor/mcp.json')).toMatch(/"kustomer-mcp@\d+\.\d+\.\d+",\s+"--sandbox"/)
  })
})

test('--yes without an installed client says why nothing changed', async () => {
  const { env } = await home()
  const { code, stderr } = await run(['setup', '--clients-only', '--yes', '--sandbox'], env)
  expect(code).toBe(1)
  expect(stderr).toMatch(
    /nothing was changed, because no client was found .*Claude Desktop, Claude Code.*--client/,
  )
})

test('a home folder that is not there ends with a sentence', async () => {
  const { env, folder } = await home()
  const args = ['setup', '--clients-only', '--yes', '--client', 'cursor', '--state-dir', join(folder, 's')]
  const { code, stderr } = await run(args, { ...env, HOME: '/no/such/home' }, folder)
  expect(code).toBe(1)
  expect(stderr).toMatch(/^kustomer-mcp: the home folder \/no\/such\/home is not there/)
})

test('--always-load is written for Claude Code alone, and kept', async () => {
  const { env, read } = await home()
  const args = ['setup', '--clients-only', '--yes', '--sandbox', '--client', 'claude-code,cursor']
  expect((await run(args, env)).stdout).toMatch(/Claude Code: .*--always-load/)
  expect((await run([...args, '--always-load'], env)).code).toBe(0)
  const again = await run([...args, '--read-only'], env)
  expect(again.code).toBe(0)
  expect(again.stdout).not.toContain('--always-load')
  const entryOf = async (file: string) => JSON.parse(await read(file)).mcpServers.kustomer
  expect(await entryOf('.claude.json')).toMatchObject({
    alwaysLoad: true,
    args: expect.arrayContaining(['--read-only']),
  })
  expect(await entryOf('.cursor/mcp.json')).not.toHaveProperty('alwaysLoad')
})

test('setup --help names every client', async () => {
  const { stdout } = await run(['setup', '--help'], {})
  for (const name of clientNames) expect(stdout).toContain(name)
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
})
