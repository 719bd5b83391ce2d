import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { hasPlaceholders, isDisabled, isSandboxEntry, tryEntry } from '../../src/cli/try-entry.ts'
import type { System } from '../../src/clients/paths.ts'
import { isAlive, mainJs, temporaryFolder, until } from '../support/server.ts'

const node = process.execPath

async function system(env: System['env'] = {}): Promise<System> {
  const home = await temporaryFolder()
  return { platform: process.platform, home, cwd: home, env: { PATH: '/usr/bin:/bin', HOME: home, ...env } }
}

const attempt = async (entry: object, env?: System['env'], limitMs = 10_000) =>
  tryEntry({ ...entry }, await system(env), limitMs)

describe('an entry starts', () => {
  test('when it answers initialize', async () => {
    expect(await attempt({ command: node, args: [mainJs, '--sandbox'] })).toBeUndefined()
  })

  test('without the options of this shell, but with its own', async () => {
    const entry = { command: node, args: [mainJs, '--sandbox'] }
    expect(await attempt(entry, { KUSTOMER_MCP_PROXY: 'wrong' })).toBeUndefined()
    expect(await attempt({ ...entry, env: { KUSTOMER_MCP_PROXY: 'wrong' } })).toMatch(
      /exit code 2: KUSTOMER_MCP_PROXY: "wrong" is not accepted/,
    )
  })
})

test.each<[string, object, RegExp]>([
  ['no command', {}, /^it has no command$/],
  ['arguments that are no list', { command: node, args: 'x' }, /"args" are not a list of texts/],
  ['a number in its environment', { command: node, env: { A: 1 } }, /"env" is not an object of texts/],
  ['a command that is not there', { command: '/no/such/node' }, /^\/no\/such\/node is not there$/],
  ['another program', { command: node, args: ['-e', 'console.log("hi")'] }, /not MCP: hi$/],
  ['a program that ends', { command: node, args: ['-e', ''] }, /^it ends with exit code 0$/],
  [
    'a secret in its error',
    { command: node, args: ['-e', 'throw new Error("Bearer abcdefghijklmnop1234567890")'] },
    /^(?!.*abcdefghij).*Error/,
  ],
])('an entry does not start: %s', async (_, entry, problem) => {
  expect(await attempt(entry)).toMatch(problem)
})

test('a program that says nothing is ended with its children', async () => {
  const pids = join(await temporaryFolder(), 'pids')
  const script = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    require('node:fs').writeFileSync(${JSON.stringify(pids)}, process.pid + ' ' + child.pid)
    process.on('SIGTERM', () => {})
    setInterval(() => {}, 1000)`
  expect(await attempt({ command: node, args: ['-e', script] }, {}, 1500)).toBe(
    'it does not answer within 1.5 s',
  )
  const started = (await readFile(pids, 'utf8')).split(' ').map(Number)
  expect(started).toHaveLength(2)
  await until(() => started.filter(isAlive).length === 0)
})

test('recognizes disabled entries, sandbox entries and placeholders', () => {
  expect([{ disabled: true }, { enabled: false }, { disabled: false }, {}].map(isDisabled)).toEqual([
    true,
    true,
    false,
    false,
  ])
  const args = ['/opt/kustomer-mcp/dist/main.js']
  expect(isSandboxEntry({ args: [...args, '--sandbox'] })).toBe(true)
  expect(isSandboxEntry({ args, env: { KUSTOMER_MCP_SANDBOX: 'on' } })).toBe(true)
  expect(isSandboxEntry({ args, env: { KUSTOMER_MCP_SANDBOX: 'off' } })).toBe(false)
  expect(isSandboxEntry({ args })).toBe(false)
  // biome-ignore lint/suspicious/noTemplateCurlyInString: as VS Code writes it
  expect(hasPlaceholders({ command: 'node', args: ['${workspaceFolder}/dist/main.js'] })).toBe(true)
  expect(hasPlaceholders({ command: 'node', args })).toBe(false)
})
