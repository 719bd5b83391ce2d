import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect, test, vi } from 'vitest'
import { onTerminal } from '../support/program.ts'
import { connection, liveActions, secrets } from '../support/samples.ts'
import { faultyCli, type Json, mainJs, type Plan } from '../support/server.ts'
import { home, run } from '../support/terminal.ts'

vi.setConfig({ testTimeout: 60_000 })

/** Runs `doctor --json` and returns its document, and the checks by their ids. */
async function look(args: string[], env: Record<string, string>) {
  const { code, stdout } = await run(['doctor', '--json', ...args], env)
  const document = JSON.parse(stdout)
  const checks: Record<string, Json> = Object.fromEntries(
    document.checks.map((check: Json) => [check.id, check]),
  )
  return { code, stdout, document, checks, states: (ids: string[]) => ids.map((id) => checks[id].status) }
}

const account = ['cli', 'sign-in', 'connection', 'catalog', 'round-trip', 'drift']

async function planned(plan: Plan, files?: Record<string, string>) {
  const place = await home(files, plan)
  const file = join(place.folder, 'plan.json')
  await writeFile(file, JSON.stringify(plan))
  return { ...place, env: { ...place.env, MEMBRANE_PLAN: file } }
}

test('all checks pass, also with the environment of a GUI client', async () => {
  const entry = { command: process.execPath, args: [mainJs, '--sandbox'] }
  const settings = JSON.stringify({ mcpServers: { kustomer: entry } })
  const { env } = await home({ '.cursor/mcp.json': settings }, 'sandbox')
  const people = await run(['doctor', '--sandbox', '--read-only'], env)
  expect(people).toMatchObject({ code: 0, stderr: '' })
  const lines = people.stdout.trimEnd().split('\n').slice(1)
  expect(lines.filter((line) => !line.startsWith('ok    '))).toEqual([])
  expect(people.stdout).toMatch(/Kustomer answered in \d+ ms/)
  expect(people.stdout).toMatch(/Options: sandbox true \(--sandbox\), readOnly true \(--read-only\)/)
  expect(people.stdout).toMatch(/Cursor starts it on the sandbox, by .*mcp\.json/)
  const { code, document, checks } = await look(['--sandbox', '--env', 'gui'], {
    ...env,
    PATH: `/nowhere:${env.PATH}`,
  })
  expect(code).toBe(0)
  expect(document).toMatchObject({ environment: 'gui', ok: true, version: expect.stringMatching(/^\d/) })
  expect(checks['round-trip'].facts).toEqual({ tool: 'list-customers', milliseconds: expect.any(Number) })
  expect(Object.keys(checks)).toEqual(['node', 'configuration', 'state-folder', ...account, 'client-cursor'])
})

test('without a CLI it says where it looked, and skips what needs it', async () => {
  const { env, folder } = await home()
  const { code, checks, document, states } = await look([], env)
  expect(code).toBe(1)
  expect(document.ok).toBe(false)
  expect(states(account)).toEqual(['fail', 'warn', 'warn', 'warn', 'warn', 'warn'])
  expect(checks['cli']).toMatchObject({
    fix: expect.stringContaining('npm install -g @membranehq/cli'),
    facts: {
      reason: 'cli-not-found',
      tried: expect.arrayContaining(['/usr/bin', join(folder, '.local/bin')]),
    },
  })
  expect(checks['client']).toMatchObject({ status: 'warn', fix: 'Run `kustomer-mcp setup`.' })
  const people = await run(['doctor'], env)
  expect(people.stdout).toMatch(
    /^fail {2}The Membrane CLI .*\n {6}Looked in .*\/usr\/bin.*\n {6}Install it with/m,
  )
  expect(people.stderr).toBe('kustomer-mcp: 1 of 11 checks failed.\n')
})

test('a CLI that hangs fails at the time limit of a call', async () => {
  const { env } = await planned({ faults: [{ when: '', hang: true }] })
  const { code, checks } = await look(['--cli', faultyCli, '--timeout-ms', '1000'], env)
  expect(code).toBe(1)
  expect(checks['cli']).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('no answer within 1 s'),
  })
})

test('names the step that fails and its fix', async () => {
  const startedAs = async (start: string) => {
    const { env } = await home({}, 'sandbox')
    return look(['--sandbox'], { ...env, MEMBRANE_SANDBOX_START: start })
  }
  const [signedOut, two, waiting] = await Promise.all([
    startedAs('signed-out'),
    startedAs('two-connections'),
    startedAs('needs-attention'),
  ])
  expect(signedOut.states(account)).toEqual(['ok', 'fail', 'warn', 'warn', 'warn', 'ok'])
  expect(signedOut.checks['sign-in'].fix).toBe('Run `kustomer-mcp setup --sandbox`.')
  expect(two.states(account)).toEqual(['ok', 'ok', 'fail', 'warn', 'warn', 'ok'])
  expect(two.checks['connection']).toMatchObject({
    fix: expect.stringContaining('--connection'),
    facts: { reason: 'ambiguous-connection', connections: [{ name: 'Kustomer' }, { name: 'Kustomer EU' }] },
  })
  expect(waiting.states(account)).toEqual(['ok', 'ok', 'fail', 'warn', 'warn', 'ok'])
  expect(waiting.checks['connection'].message).toContain('is CLIENT_ACTION_REQUIRED')
})

test('names the fields that differ from the shipped schemas', async () => {
  const actions = liveActions.map((action) =>
    action.key === 'get-note-by-id'
      ? {
          ...action,
          inputSchema: { type: 'object', required: ['noteId'], properties: { noteId: { type: 'string' } } },
        }
      : action,
  )
  const { env } = await planned({ connections: [connection], actions })
  const { checks } = await look(['--cli', faultyCli], env)
  expect(checks['catalog'].facts.drift).toEqual([
    { action: 'get-note-by-id', added: ['noteId'], removed: ['id'], required: ['noteId'], retyped: [] },
  ])
  expect(checks['catalog'].message).toContain('get-note-by-id (new: noteId; gone: id; now required: noteId)')
})

test('says what answers were understood by a fallback, and that the CLI is newer than known', async () => {
  const { env } = await planned({
    dialect: 'new',
    connections: [connection],
    actions: liveActions,
    faults: [
      { when: '--version', stdout: '1.20.0\n' },
      { when: 'connection list', standard: true, prefix: 'A new version is there.\n' },
    ],
  })
  const { checks } = await look(['--cli', faultyCli], env)
  expect(checks['drift']).toMatchObject({
    status: 'warn',
    message: expect.stringContaining('there was text before or after the JSON on stdout (2 ×)'),
    facts: { counts: { 'text-around-json': 2 } },
  })
  expect(checks['cli'].message).toContain('1.18.3 is the newest version that is known here')
  expect(checks['cli'].facts.forms).toContainEqual({
    form: 'act --id=<actionId> --connectionId=<id> --input=<json>',
    versions: ['1.18.0', '1.18.3'],
    sdk: '0.28.3',
    basis: 'documented',
  })
})

test('prints no secret of the CLI or of client files', async () => {
  const said = secrets.join(' Bearer ')
  const { env } = await planned(
    {
      connections: [{ ...connection, name: `Kustomer Bearer ${said}` }],
      actions: liveActions,
      faults: [{ when: 'action run', stderr: `Authorization: Bearer ${said}\n`, exit: 1 }],
    },
    {
      '.cursor/mcp.json': `{"mcpServers": {"kustomer": {"command": "kustomer-mcp", "env": {"TOKEN": "${secrets[0]}"}}}}`,
    },
  )
  const { stdout, checks, code } = await look(['--cli', faultyCli], {
    ...env,
    KUSTOMER_MCP_LOG_LEVEL: 'warn',
  })
  expect(code).toBe(1)
  expect(checks['round-trip'].status).toBe('fail')
  expect(checks['environment'].facts.names).toEqual(['KUSTOMER_MCP_LOG_LEVEL', 'MEMBRANE_PLAN'])
  expect(checks['client-cursor']).toMatchObject({
    status: 'warn',
    facts: { problem: 'kustomer-mcp is not there' },
  })
  for (const secret of secrets.slice(0, 2)) expect(stdout).not.toContain(secret)
})

test('starts each client entry as the client would, and says why one cannot start', async () => {
  const json = (parent: string, entry: object) => JSON.stringify({ [parent]: { kustomer: entry } })
  const node = process.execPath
  const { env, folder } = await home({
    '.cursor/mcp.json': json('mcpServers', { command: node, args: [mainJs, '--sandbx'] }),
    '.codex/config.toml': `[mcp_servers.kustomer]\ncommand = "${node}"\nargs = ["${mainJs}"]\nenv = { KUSTOMER_MCP_FOO = "1" }\n`,
    '.gemini/settings.json': json('mcpServers', {
      command: node,
      args: [mainJs],
      env: { KUSTOMER_MCP_SANDBOX: 'true' },
    }),
    '.config/zed/settings.json': json('context_servers', {
      command: 'npx',
      args: ['-y', 'kustomer-mcp@9.9.9'],
    }),
    '.codeium/windsurf/mcp_config.json': json('mcpServers', {
      command: node,
      args: [mainJs, '--sandbox'],
      disabled: true,
    }),
    '.claude.json': json('mcpServers', { command: node, args: ['/gone/kustomer-mcp/dist/main.js'] }),
    'bin/npx': '#!/bin/sh\necho "npm error code E404" >&2\necho "npm error 404 Not Found" >&2\nexit 1\n',
  })
  await chmod(join(folder, 'bin', 'npx'), 0o755)
  // An option of this shell is not one of the clients'.
  const shell = { ...env, PATH: `${join(folder, 'bin')}:${env.PATH}`, KUSTOMER_MCP_READ_ONLY: 'true' }
  const { checks } = await look(['--sandbox'], shell)
  const told = (id: string) => `${checks[id].status}: ${checks[id].message}`
  expect(told('client-cursor')).toMatch(
    /^warn: Cursor cannot start it: .*exit code 2: unknown option '--sandbx'/,
  )
  expect(told('client-codex')).toMatch(/^warn: Codex .*unknown options: KUSTOMER_MCP_FOO\. \(/)
  expect(told('client-gemini')).toMatch(/^ok: Gemini CLI starts it on the sandbox/)
  expect(told('client-zed')).toMatch(/^warn: Zed cannot start it: .*npm error 404 Not Found/)
  expect(told('client-windsurf')).toMatch(/^warn: Windsurf has it disabled/)
  expect(told('client-claude-code')).toMatch(
    /^warn: Claude Code cannot start it: .*Cannot find module '\/gone/,
  )
  expect(checks['client-cursor'].fix).toContain('`kustomer-mcp setup --sandbox --client cursor`')
})

test('a state folder that cannot be made ends quickly', async () => {
  const { env } = await home()
  const start = Date.now()
  const { code, checks } = await look(['--sandbox', '--state-dir', '/proc/foo'], env)
  expect(code).toBe(1)
  expect(checks['state-folder']).toMatchObject({ status: 'fail', facts: { code: 'ENOENT' } })
  expect(Date.now() - start).toBeLessThan(15_000)
})

test('a home folder that is not there is named', async () => {
  const { env, folder } = await home()
  const args = ['--sandbox', '--state-dir', join(folder, 'state')]
  const { stdout } = await run(['doctor', '--json', ...args], { ...env, HOME: '/no/such/home' }, folder)
  const checks: Json[] = JSON.parse(stdout).checks
  expect(checks.find(({ id }) => id === 'home')?.['message']).toBe(
    'The home folder /no/such/home is not there.',
  )
  expect(checks.find(({ id }) => id === 'round-trip')?.['status']).toBe('ok')
})

test('wraps at words on a terminal of 80 columns', async () => {
  const { env } = await home()
  const { screen, ended } = onTerminal(['doctor'], env, 80)
  expect(await ended()).toBe(1)
  const lines = stripVTControlCharacters(screen()).split('\n')
  // A word longer than the line, such as a path, is not broken.
  expect(lines.filter((line) => line.length > 80 && line.trim().includes(' '))).toEqual([])
  expect(lines.join(' ').replace(/\s+/g, ' ')).toContain('Install it with `npm install -g @membranehq/cli`')
})
