import { readdir, readFile } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { expect, test } from 'vitest'

const src = join(import.meta.dirname, '..', 'src')

/** Which folders a folder may import from; files directly in `src` are leaves that all may use. */
const allowed: Record<string, readonly string[]> = {
  start: ['main'],
  main: ['command-line', 'commands'],
  'command-line': ['commands'],
  commands: [
    'mcp',
    'call',
    'safety',
    'tools',
    'catalog',
    'membrane',
    'result',
    'hosts',
    'sandbox',
    'terminal',
  ],
  mcp: ['call', 'safety', 'tools', 'result'],
  call: ['safety', 'tools', 'result'],
  safety: ['tools', 'catalog', 'result'],
  tools: ['catalog', 'membrane', 'result'],
  catalog: ['membrane'],
  membrane: [],
  result: [],
  hosts: [],
  sandbox: ['catalog'],
  terminal: [],
}
const leaves = [
  'cache',
  'config',
  'deadline',
  'effect',
  'exit',
  'failure',
  'file-lock',
  'json',
  'later',
  'logger',
  'near-miss',
  'options',
  'person',
  'policy',
  'serve-flags',
  'shared-promise',
  'text',
]

interface Source {
  name: string
  text: string
}

async function sources(): Promise<Source[]> {
  const files = (await readdir(src, { recursive: true })).filter((name) => name.endsWith('.ts'))
  return Promise.all(files.map(async (name) => ({ name, text: await readFile(join(src, name), 'utf8') })))
}

const folderOf = (name: string) => name.split(/[/.]/)[0] ?? ''

test('imports point one way: commands → mcp → tools → catalog, membrane, result', async () => {
  const wrong: string[] = []
  for (const { name, text } of await sources()) {
    const from = folderOf(name)
    for (const [, target = ''] of text.matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)) {
      const to = folderOf(posix.normalize(posix.join(posix.dirname(name), target)))
      if (to === from || leaves.includes(to) || target.endsWith('package.json')) continue
      if (!allowed[from]?.includes(to)) wrong.push(`${name} imports ${target}`)
    }
  }
  expect(wrong).toEqual([])
})

test('the packages that shape the program each have one door', async () => {
  const doors: [RegExp, RegExp][] = [
    [/(from |import\()'(execa|node:child_process)'/, /^membrane\/process\.ts$/],
    [/from '@modelcontextprotocol\/sdk/, /^mcp\//],
    [/from 'pino'/, /^logger\.ts$/],
    [/process\.env\b/, /^(main|sandbox\/cli)\.ts$/],
    [/process\.exit\(|process\.exitCode/, /^(main|sandbox\/cli)\.ts$/],
    [/process\.stdout\.write\b/, /^(main|sandbox\/cli|mcp\/stdio)\.ts$/],
    [/\b(readFile|writeFile|exec|spawn|stat|mkdir|exists)Sync\b/, /^$/],
  ]
  for (const { name, text } of await sources()) {
    for (const [what, where] of doors) if (!where.test(name)) expect(text, name).not.toMatch(what)
  }
})

test('no file has outgrown its room', async () => {
  const long = (await sources()).filter(({ text }) => text.split('\n').length > 220).map(({ name }) => name)
  expect(long).toEqual([])
})
