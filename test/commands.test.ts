import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { open, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { flagOf, options, variableOf } from '../src/config/options.ts'
import { setup } from './support/harness.ts'
import { mainJs, temporaryFolder } from './support/server.ts'

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

test('--help names every option, --version the version', async () => {
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

describe('wrong usage ends with exit code 2 and help', () => {
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
      'an address that others reach, without protection',
      ['serve', '--http', '0.0.0.0:0'],
      {},
      /--http: an address or a name that other machines reach needs --allowed-host/,
    ],
    [
      'sign-in by OAuth on stdin and stdout',
      ['serve', '--oauth-issuer', 'https://login.example.com'],
      {},
      /--oauth-issuer has no effect without --http\./,
    ],
    [
      'sign-in by OAuth without a public URL',
      ['serve', '--http', '127.0.0.1:0', '--oauth-issuer', 'https://login.example.com'],
      {},
      /--oauth-issuer needs --public-url/,
    ],
    ['a wrong address', ['--http', 'localhost'], {}, /--http: "localhost" is not accepted\. Give an address/],
    [
      'a scope that there is not',
      ['tokens', 'create', '--subject', 'a', '--scope', 'all'],
      {},
      /--scope: unknown: all/,
    ],
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

test('flags beat the environment, which beats the file', async () => {
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

test.each(['--help', '--version', 'setup --help', 'call --help', 'tools'])(
  '%s to a closed pipe is no error',
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
