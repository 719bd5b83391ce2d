import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { flagOf, options, variableOf } from '../src/config/options.ts'
import { mainJs, setup, temporaryFolder } from './support/server.ts'

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** Runs the program with stdin closed, as a person would who typed it somewhere wrong. */
function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [mainJs, ...args], {
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

test('--help names every option with its meaning, and --version is the version of the package', async () => {
  const { code, stdout } = await run(['--help'])
  expect(code).toBe(0)
  const oneLine = stdout.replace(/\s+/g, ' ')
  for (const [name, { help }] of Object.entries(options)) {
    expect(oneLine).toContain(flagOf(name))
    expect(oneLine).toContain(help)
  }
  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '..', 'package.json'), 'utf8'))
  expect(await run(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
})

describe('wrong usage ends with exit code 2 and a sentence that helps, and nothing on stdout', () => {
  test.each<[string, string[], Record<string, string>, RegExp]>([
    [
      'a typo in a flag',
      ['--read-onyl'],
      {},
      /^kustomer-mcp: unknown option '--read-onyl'\s+\(Did you mean --read-only\?\)/,
    ],
    [
      'a typo in a command',
      ['sandbx'],
      {},
      /there is no command "sandbx"\. Did you mean sandbox\? Try: .*--help/,
    ],
    [
      'help of a command that does not exist',
      ['help', 'sandbx'],
      {},
      /^kustomer-mcp: there is no command "sandbx"\. Did you mean sandbox\? Try: kustomer-mcp --help\n$/,
    ],
    ['help of a subcommand that does not exist', ['help', 'sandbox', 'x'], {}, /there is no command "x"/],
    ['a typo in a subcommand', ['sandbox', 'rest'], {}, /unknown command 'rest'/],
    [
      'a wrong value of a flag',
      ['--proxy', 'maybe'],
      {},
      /--proxy: "maybe" is not accepted\. Give full, read or off\./,
    ],
    ['a flag without its value', ['--timeout-ms'], {}, /'--timeout-ms <ms>' argument missing/],
    [
      'a wrong value in the environment',
      [],
      { KUSTOMER_MCP_TIMEOUT_MS: 'soon' },
      /KUSTOMER_MCP_TIMEOUT_MS: "soon" is not accepted\. Give a whole number from 1000/,
    ],
    [
      'an unknown tool',
      ['--tools', 'list-customers,list-customer'],
      {},
      /--tools.*unknown: list-customer \(did you mean list-customers\?\)\. Known: .*list-customers/,
    ],
    ['an unknown tool to leave out', [], { KUSTOMER_MCP_EXCLUDE_TOOLS: 'delete-all' }, /unknown: delete-all/],
    [
      'a config file that is not there',
      ['--config', '/nowhere/c.json'],
      {},
      /--config: cannot read \/nowhere\/c\.json \(ENOENT\)/,
    ],
  ])('%s', async (_, args, env, says) => {
    const { code, stdout, stderr } = await run(args, env)
    expect(code).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toMatch(says)
    expect(stderr).not.toMatch(/^\s+at /m)
  })
})

test('a flag beats the environment, which beats the config file, which beats the default', async () => {
  const folder = await temporaryFolder()
  const config = join(folder, 'config.json')
  await writeFile(
    config,
    JSON.stringify({ tools: ['list-customers', 'list-notes'], readOnly: true, proxy: 'off' }),
  )
  const listed = async (args: string[], env: Record<string, string>) => {
    const { client } = await setup({ args: ['--config', config, ...args], env })
    return (await client.listTools()).tools.map(({ name }) => name)
  }
  expect(await listed([], {})).toEqual(['list-customers', 'list-notes'])
  expect(await listed([], { [variableOf('tools')]: 'list-users' })).toEqual(['list-users'])
  expect(
    await listed(['--tools', 'list-companies,create-note'], { [variableOf('tools')]: 'list-users' }),
  ).toEqual(['list-companies'])
  expect(await listed(['--tools', 'create-note'], { [variableOf('readOnly')]: 'false' })).toEqual([
    'create-note',
  ])
})

test('the log says of each call what it was, how long it took and how it ended, and never with what', async () => {
  const harness = await setup({ args: ['--sandbox', '--log-level', 'trace'], cold: true })
  await harness.call('list-customers', { pageSize: 1 })
  await harness.call('get-customer-by-email', { email: 'somebody.private@example.com' })
  const log = await harness.log()
  const lines = log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  const calls = lines.filter(({ tool }) => tool)
  expect(calls).toEqual([
    expect.objectContaining({ tool: 'list-customers', outcome: 'ok', cliExit: 0, ms: expect.any(Number) }),
    expect.objectContaining({
      tool: 'get-customer-by-email',
      outcome: 'error',
      reason: 'not-found',
      cliExit: 1,
      status: 404,
    }),
  ])
  expect(log).not.toContain('somebody.private')
  expect(harness.stderr()).toBe('')
  expect((await stat(join(harness.folder, 'server.log'))).mode & 0o777).toBe(0o600)
  expect((await stat(join(harness.stateDir, 'cache'))).mode & 0o777).toBe(0o700)
})

test('a state folder that cannot be written to costs the cache and nothing else', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'a-file')
  await writeFile(file, '')
  const harness = await setup({ args: ['--cli', '/nowhere/membrane'], stateDir: file })
  expect((await harness.client.listTools()).tools).not.toEqual([])
  expect((await harness.call('list-notes')).text).toMatch(/^cli-not-found: .*\/nowhere\/membrane/)
})

test.each(['--help', '--version', 'setup --help', 'call --help', 'tools'])(
  '%s to a reader that has had enough is no error',
  async (typed) => {
    const child = spawn(process.execPath, [mainJs, ...typed.split(' ')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.destroy()
    let errors = ''
    child.stderr.on('data', (chunk) => {
      errors += chunk
    })
    expect([await new Promise((resolve) => child.once('close', resolve)), errors]).toEqual([0, ''])
  },
)

test.skipIf(!existsSync('/dev/full')).each(['tools', '--help', '--version', 'help call', 'setup --help'])(
  '%s that cannot be printed is an error',
  async (typed) => {
    const full = await open('/dev/full', 'w')
    const child = spawn(process.execPath, [mainJs, ...typed.split(' ')], {
      stdio: ['ignore', full.fd, 'pipe'],
    })
    let errors = ''
    child.stderr?.on('data', (chunk) => {
      errors += chunk
    })
    const code = await new Promise((resolve) => child.once('close', resolve))
    await full.close()
    expect([code, errors]).toEqual([1, 'kustomer-mcp: Could not write to stdout (ENOSPC).\n'])
  },
)

test('help of a command is that of its --help', async () => {
  const { code, stdout, stderr } = await run(['help', 'call'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toBe((await run(['call', '--help'])).stdout)
})
