import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { advice } from '../src/failure.ts'
import { flagOf, options, variableOf } from '../src/options.ts'
import { setup } from './support/server.ts'

const root = join(import.meta.dirname, '..')
const readme = await readFile(join(root, 'README.md'), 'utf8')
const rows = readme.split('\n').filter((line) => line.startsWith('|'))

test('the option table is the one in the code', () => {
  const expected = Object.entries(options).map(([name, option]) => {
    const value = 'value' in option ? ` ${option.value.replaceAll('|', '\\|')}` : ''
    return `| \`${flagOf(name)}${value}\` | \`${variableOf(name)}\` | ${option.help} |`
  })
  expect(rows.filter((row) => row.includes('KUSTOMER_MCP_'))).toEqual(expected)
})

test('the tool table names every tool and no other', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  const names = (await client.listTools()).tools.map(({ name }) => name)
  const table = readme.slice(readme.indexOf('## Tools'), readme.indexOf('## Options'))
  const second = table
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((row) => row.split('|')[2] ?? '')
  const named = second.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name))
  expect(named).toEqual(names)
})

test('every reason is explained, in the order of the code', () => {
  const section = readme.slice(readme.indexOf('## When something fails'), readme.indexOf('## The code'))
  const explained = [...section.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, reason]) => reason)
  expect(explained).toEqual(Object.keys(advice))
})

test('every JSON block can be pasted, and starts the server where it says', async () => {
  const blocks = [...readme.matchAll(/```json\n([^`]+)```/g)].map(([, json = '']) => JSON.parse(json))
  expect(blocks).toHaveLength(2)
  for (const block of [...blocks, JSON.parse(await readFile(join(root, 'mcp.json'), 'utf8'))]) {
    const { kustomer } = block.mcpServers ?? block.servers
    expect(kustomer.command).toBe('node')
    expect(kustomer.args[0]).toMatch(/dist\/main\.js$/)
  }
})

test('the commands and packages it names exist', async () => {
  const { scripts, bin } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
  for (const [, script = ''] of readme.matchAll(/npm run (\w+)/g)) expect(scripts).toHaveProperty(script)
  expect(bin).toEqual({ 'kustomer-mcp': 'dist/main.js' })
  const named = readme.slice(readme.indexOf('Runtime packages:'), readme.indexOf('## Limits'))
  for (const name of await imported()) expect(named).toContain(`\`${name}\``)
})

/** The packages that the program is made of: all that `src` imports. The bundle holds them, so none is a dependency. */
async function imported(): Promise<Set<string>> {
  const src = join(root, 'src')
  const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(files.map((name) => readFile(join(src, name), 'utf8')))
  const specifiers = texts.flatMap((text) => [...text.matchAll(/(?:\bfrom |\bimport\()'([^'.][^']*)'/g)])
  const names = specifiers.map(([, specifier = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '')
  return new Set(names.filter((name) => !name.startsWith('node:')))
}
