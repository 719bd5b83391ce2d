import { execFile } from 'node:child_process'
import { access, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { badges } from '../packaging/manifests.ts'
import { clients } from '../src/clients/clients.ts'
import { loadConfig } from '../src/config/load.ts'
import { temporaryFolder } from './support/harness.ts'
import { blocks, codes, page, pages, read, root, rows, section } from './support/pages.ts'

const { name, version, scripts, bin } = JSON.parse(await read('package.json'))
const readme = page('README.md')

test('the badges and the file for Claude Desktop are those of the package', () => {
  for (const { markdown } of badges({ name }))
    expect(section(readme, '## Once published')).toContain(markdown)
  expect(readme).toContain(`\`packaging/out/${name}-${version}.mcpb\``)
  expect(bin).toEqual({ [name]: 'dist/main.js' })
})

test('npx stands only where the package has to be published first', () => {
  const elsewhere = pages.map(({ text }) => text.replace(section(text, '## Once published'), '')).join('\n')
  expect(elsewhere).not.toMatch(/npx (?:-y )?kustomer-mcp/)
})

test('every JSON block can be pasted', async () => {
  const parents = new Set<string>(Object.values(clients).map(({ parent }) => parent))
  const shown = [...blocks('json'), await read('mcp.json')].map((text) => JSON.parse(text))
  for (const block of shown) {
    const [[member = '', servers] = []] =
      Object.entries<Record<string, { command: string; args: string[] }>>(block)
    if (!parents.has(member)) {
      await expect(loadConfig(block, {})).resolves.toBeDefined()
      continue
    }
    expect(servers?.['kustomer']?.command).toBe('node')
    expect(servers?.['kustomer']?.args[0]).toMatch(/dist\/main\.js$/)
  }
  const explained = [
    ...shown.flatMap(Object.keys),
    ...blocks('toml').map((text) => /\[(\w+)\./.exec(text)?.[1]),
  ]
  expect([...parents].filter((parent) => !explained.includes(parent))).toEqual([])
})

/** How GitHub writes a heading as an anchor. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-')

test('links between the pages lead to a page and a heading', async () => {
  for (const { name, text } of pages) {
    for (const [, target = '', anchor] of text.matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)) {
      const file = target === '' ? name : join(dirname(name), target)
      await expect(access(join(root, file)), `${name}: ${target}`).resolves.toBeUndefined()
      if (anchor === undefined) continue
      const anchors = [...page(file).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
      expect(anchors, `${name}: ${target}`).toContain(anchor)
    }
  }
})

test('the files and scripts that are named exist', async () => {
  for (const { name, text } of pages) {
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty([script])
    for (const code of codes(text.replaceAll(/```[\s\S]*?```/g, ''))) {
      const inSource = /^\w+\/[\w/.-]+\.ts$/.test(code) && !code.startsWith('test/') ? `src/${code}` : code
      const file = /^(?:src|test|packaging|docs|\.ci)\//.test(code) ? code : inSource
      if (!/^(?:src|test|packaging|docs|\.ci)\//.test(file) || file.startsWith('packaging/out')) continue
      await expect(access(join(root, file)), `${name}: ${code}`).resolves.toBeUndefined()
    }
  }
})

test('the commands of contributors are all listed', () => {
  const listed = rows(section(page('docs/CONTRIBUTING.md'), '# Contributing')).flatMap(
    ([first = '']) => /^`npm run ([\w:]+)`$/.exec(first)?.[1] ?? [],
  )
  const others = ['build', 'prepare', 'lint', 'types', 'test']
  const own = Object.keys(scripts).filter((script) => !/^pre\w/.test(script) && !others.includes(script))
  expect(listed.toSorted()).toEqual(own.toSorted())
})

/** Commands of people at a terminal; each has a terminal test of its own. */
const atTerminal = new Map([
  ['node dist/main.js setup', 'test/terminal/setup-terminal.test.ts'],
  ['node dist/main.js doctor --contract --record contract.json', 'test/terminal/contract.test.ts'],
  ['node dist/main.js doctor --contract=writes', 'test/terminal/contract.test.ts'],
])
/** What `doctor` is asked about: a place where not everything is well is no failure of the command line. */
const mayFail = /^node dist\/main\.js doctor/

test('every command line shown is run: here, at a terminal, or in CI', { timeout: 120_000 }, async () => {
  const ci = (await read('.ci/run')).split('\n')
  const before = ci.map((line) => scripts[line.replace(/^npm run (.+)$/, 'pre$1')])
  const lines = blocks('sh').flatMap((code) =>
    code.split('\n').map((line) => line.replace(/\s+#.*$/, '').trim()),
  )
  const commands = [...new Set(lines.filter((line) => line !== ''))]
  const cwd = await temporaryFolder()
  await symlink(join(root, 'dist'), join(cwd, 'dist'))
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
    if (known !== undefined) expect(await read(known)).toContain(`terminal(['${command.split(' ')[2]}'`)
    else if (command.startsWith('npm ')) {
      for (const part of command.split(' && ')) expect([...ci, ...before], part).toContain(part)
    } else {
      const { stdout } = await run(command).catch((error) => {
        if (mayFail.test(command) && error.code === 1) return error
        throw new Error(`${command}: ${error.message}`)
      })
      expect(stdout, command).not.toBe('')
    }
  }
  expect(commands.length).toBeGreaterThan(15)
})
