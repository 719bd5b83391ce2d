import { execFile } from 'node:child_process'
import { access, readdir, readFile, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { badges } from '../packaging/manifests.ts'
import { clients } from '../src/clients/clients.ts'
import { loadConfig } from '../src/config/load.ts'
import { flagOf, options, variableOf } from '../src/config/options.ts'
import { errorAdvice } from '../src/errors.ts'
import { setup, teach, temporaryFolder } from './support/server.ts'

const root = join(import.meta.dirname, '..')
const read = (name: string) => readFile(join(root, name), 'utf8')
const names = [
  'README.md',
  'SECURITY.md',
  ...(await readdir(join(root, 'docs'))).map((name) => `docs/${name}`),
]
const pages = await Promise.all(names.map(async (name) => ({ name, text: await read(name) })))
const page = (name: string) => pages.find((one) => one.name === name)?.text ?? ''
const blocks = (language: string) =>
  pages.flatMap(({ text }) =>
    [...text.matchAll(new RegExp(`\`\`\`${language}\\n([^\`]+)\`\`\``, 'g'))].map(([, code = '']) => code),
  )
const readme = page('README.md')
const tableIn = (text: string, from: string, to: string) =>
  text
    .slice(text.indexOf(from), text.indexOf(to))
    .split('\n')
    .filter((line) => line.startsWith('|'))

test('the option table is the one in the code', () => {
  const expected = Object.entries(options).map(([name, option]) => {
    const value = option.value === undefined ? '' : ` ${option.value.replaceAll('|', '\\|')}`
    return `| \`${flagOf(name)}${value}\` | \`${variableOf(name)}\` | ${option.help} |`
  })
  expect(tableIn(readme, '## Options', '## Figures').slice(2)).toEqual(expected)
})

test('the tool table names every tool and no other', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  const listed = (await client.listTools()).tools.map(({ name }) => name)
  const second = tableIn(readme, '## Tools', '## Options').map((row) => row.split('|')[2] ?? '')
  const named = second.flatMap((cell) => [...cell.matchAll(/`([\w-]+)`/g)].map(([, name]) => name))
  expect(named).toEqual(listed)
})

test('the badges are those of the package', async () => {
  for (const { markdown } of badges(JSON.parse(await read('package.json'))))
    expect(readme).toContain(markdown)
})

test('every reason is explained, in the order of the code', () => {
  const rows = tableIn(page('docs/operations.md'), '## When something fails', '## Asking')
  expect(rows.flatMap((row) => /^\| `([\w-]+)` \|/.exec(row)?.[1] ?? [])).toEqual(Object.keys(errorAdvice))
})

test('every JSON block can be pasted: an entry of a host starts the server, anything else is a configuration', async () => {
  const parents = new Set<string>(Object.values(clients).map(({ parent }) => parent))
  const shown = [...blocks('json'), await read('mcp.json')].map((text) => JSON.parse(text))
  for (const block of shown) {
    const [[name = '', member] = []] =
      Object.entries<Record<string, { command: string; args: string[] }>>(block)
    if (!parents.has(name)) {
      await expect(loadConfig(block, {})).resolves.toBeDefined()
      continue
    }
    expect(member?.['kustomer']?.command).toBe('node')
    expect(member?.['kustomer']?.args[0]).toMatch(/dist\/main\.js$/)
  }
  const explained = [
    ...shown.flatMap(Object.keys),
    ...blocks('toml').map((text) => /\[(\w+)\./.exec(text)?.[1]),
  ]
  expect([...parents].filter((parent) => !explained.includes(parent))).toEqual([])
})

test('links between the pages lead somewhere', async () => {
  for (const { name, text } of pages) {
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]*)/g))
      await expect(access(join(root, dirname(name), target)), `${name}: ${target}`).resolves.toBeUndefined()
  }
})

test('the scripts, packages and files that are named exist', async () => {
  const { scripts, bin } = JSON.parse(await read('package.json'))
  for (const { text } of pages) {
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script])
    for (const [, file = ''] of text.matchAll(/`((?:test|src)\/[\w/.-]+)`/g))
      await expect(access(join(root, file)), file).resolves.toBeUndefined()
  }
  expect(bin).toEqual({ 'kustomer-mcp': 'dist/main.js' })
  const named = page('docs/architecture.md')
  for (const name of await imported()) expect(named).toContain(`\`${name}\``)
})

/** The packages that the program is made of: all that `src` imports. The bundle holds them, so none is a dependency. */
async function imported(): Promise<Set<string>> {
  const files = (await readdir(join(root, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'))
  const texts = await Promise.all(files.map((name) => read(`src/${name}`)))
  const specifiers = texts.flatMap((text) => [...text.matchAll(/(?:\bfrom |\bimport\()'([^'.][^']*)'/g)])
  const packages = specifiers.map(([, specifier = '']) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '')
  return new Set(packages.filter((name) => !name.startsWith('node:')))
}

test('each arrow of the diagram is an import, or a way that data takes', async () => {
  const diagram = /```mermaid\n([\s\S]+?)```/.exec(page('docs/architecture.md'))?.[1] ?? ''
  const arrows = [...diagram.matchAll(/^ {2}(\w+) --> (.+)$/gm)].flatMap(([, from = '', to = '']) =>
    to.split(' & ').map((one) => [from, one] as const),
  )
  expect(arrows.length).toBeGreaterThan(8)
  for (const [from, to] of arrows.filter(([, to]) => !to.includes('('))) {
    const files = await readdir(join(root, 'src', from), { recursive: true }).catch(() => [])
    const sources = files.length > 0 ? files.map((name) => `src/${from}/${name}`) : [`src/${from}.ts`]
    const texts = await Promise.all(sources.filter((name) => name.endsWith('.ts')).map(read))
    const isImported = texts.some((text) => new RegExp(`'\\.{1,2}/(\\.\\./)?${to}(/|\\.ts')`).test(text))
    expect(isImported, `${from} --> ${to}`).toBe(true)
  }
})

/** Commands of people at a terminal; each has a terminal test of its own. */
const atTerminal = new Map([['node dist/main.js setup', 'test/terminal/setup-terminal.test.ts']])
/** What `doctor` is asked about: a place where not everything is well is no failure of the command line. */
const mayFail = /^node dist\/main\.js doctor/

test('every command line shown is run: here, at a terminal, or in CI', { timeout: 120_000 }, async () => {
  const ci = await read('.ci/run')
  const lines = blocks('sh').flatMap((code) =>
    code.split('\n').map((line) => line.replace(/\s+#.*$/, '').trim()),
  )
  const commands = [...new Set(lines.filter((line) => line !== ''))]
  const cwd = await temporaryFolder()
  await symlink(join(root, 'dist'), join(cwd, 'dist'))
  await teach(join(cwd, 'state'), { args: ['--sandbox'] })
  const env = {
    PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: cwd,
    KUSTOMER_MCP_STATE_DIR: join(cwd, 'state'),
    KUSTOMER_MCP_SANDBOX: 'true',
  }
  const run = (command: string) => promisify(execFile)('sh', ['-c', command], { cwd, env })
  await run(`node dist/main.js call create-company '{"name":"Written Down"}' --audit-file writes.jsonl`)
  for (const command of commands) {
    const known = atTerminal.get(command)
    if (known !== undefined) expect(await read(known)).toContain("'setup'")
    else if (command.startsWith('npm ')) {
      for (const part of command.split(' && ')) expect(ci.split('\n'), part).toContain(part)
    } else {
      const { stdout } = await run(command).catch((error) => {
        if (mayFail.test(command) && error.code === 1) return error
        throw new Error(`${command}: ${error.message}`)
      })
      expect(stdout, command).not.toBe('')
    }
  }
  expect(commands.length).toBeGreaterThan(10)
})
