import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { connection, liveActions, secrets } from '../support/samples.ts'
import { faultyCli, type Json, type Plan } from '../support/server.ts'
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

const account = ['cli', 'sign-in', 'connection', 'catalog', 'round-trip']

async function planned(plan: Plan, files?: Record<string, string>) {
  const place = await home(files, plan)
  const file = join(place.folder, 'plan.json')
  await writeFile(file, JSON.stringify(plan))
  return { ...place, env: { ...place.env, MEMBRANE_PLAN: file } }
}

test('where all is well every line is ok, also with what a host with a window has, and the exit code is 0', async () => {
  const entry = { command: process.execPath, args: ['-y', 'kustomer-mcp'] }
  const settings = JSON.stringify({ mcpServers: { kustomer: entry } })
  const { env } = await home({ '.cursor/mcp.json': settings }, 'sandbox')
  const people = await run(['doctor', '--sandbox', '--read-only'], env)
  expect(people).toMatchObject({ code: 0, stderr: '' })
  const lines = people.stdout.trimEnd().split('\n').slice(1)
  expect(lines.filter((line) => !line.startsWith('ok    '))).toEqual([])
  expect(people.stdout).toMatch(/Kustomer answered in \d+ ms/)
  expect(people.stdout).toMatch(/Options: sandbox true \(--sandbox\), readOnly true \(--read-only\)/)
  expect(people.stdout).toMatch(/Cursor starts it, by .*mcp\.json/)
  const { code, document, checks } = await look(['--sandbox', '--env', 'gui'], {
    ...env,
    PATH: `/nowhere:${env.PATH}`,
  })
  expect(code).toBe(0)
  expect(document).toMatchObject({ environment: 'gui', ok: true, version: expect.stringMatching(/^\d/) })
  expect(checks['round-trip'].facts).toEqual({ tool: 'list-customers', milliseconds: expect.any(Number) })
  expect(Object.keys(checks)).toEqual(['node', 'configuration', 'state-folder', ...account, 'client-cursor'])
})

test('without a CLI it says where it looked, and what it could not look at', async () => {
  const { env, folder } = await home()
  const { code, checks, document, states } = await look([], env)
  expect(code).toBe(1)
  expect(document.ok).toBe(false)
  expect(states(account)).toEqual(['fail', 'warn', 'warn', 'warn', 'warn'])
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
  expect(people.stderr).toBe('kustomer-mcp: 1 of 10 checks failed.\n')
})

test('a CLI that hangs is waited for as long as a call may take, and no longer', async () => {
  const { env } = await planned({ faults: [{ when: '', hang: true }] })
  const { code, checks } = await look(['--cli', faultyCli, '--timeout-ms', '1000'], env)
  expect(code).toBe(1)
  expect(checks['cli']).toMatchObject({
    status: 'fail',
    message: expect.stringContaining('no answer within 1 s'),
  })
})

test('signed out, with two connections, with one that needs attention: the step that fails and its fix', async () => {
  const startedAs = async (start: string) => {
    const { env } = await home({}, 'sandbox')
    return look(['--sandbox'], { ...env, MEMBRANE_SANDBOX_START: start })
  }
  const [signedOut, two, waiting] = await Promise.all([
    startedAs('signed-out'),
    startedAs('two-connections'),
    startedAs('needs-attention'),
  ])
  expect(signedOut.states(account)).toEqual(['ok', 'fail', 'warn', 'warn', 'warn'])
  expect(signedOut.checks['sign-in'].fix).toBe('Run `kustomer-mcp setup`.')
  expect(two.states(account)).toEqual(['ok', 'ok', 'fail', 'warn', 'warn'])
  expect(two.checks['connection']).toMatchObject({
    fix: expect.stringContaining('--connection'),
    facts: { reason: 'ambiguous-connection', connections: [{ name: 'Kustomer' }, { name: 'Kustomer EU' }] },
  })
  expect(waiting.states(account)).toEqual(['ok', 'ok', 'fail', 'warn', 'warn'])
  expect(waiting.checks['connection'].message).toContain('is CLIENT_ACTION_REQUIRED')
})

test('live schemas that differ from the shipped ones are told by the names of their fields', async () => {
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

test('nothing secret is printed, whatever the CLI and the files of clients say', async () => {
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
  expect(checks['client-cursor']).toMatchObject({ status: 'warn', facts: { missing: 'kustomer-mcp' } })
  for (const secret of secrets.slice(0, 2)) expect(stdout).not.toContain(secret)
})
