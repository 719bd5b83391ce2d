import { readdir } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { coerceArguments } from '../src/catalog/coerce.ts'
import { type Client, clients } from '../src/clients/clients.ts'
import { flagOf, options, variableOf } from '../src/config/options.ts'
import { errorAdvice } from '../src/errors.ts'
import { setup } from './support/harness.ts'
import { codes, page, read, root, rows, section } from './support/pages.ts'

const readme = page('README.md')
const architecture = page('docs/architecture.md')
const sources = (await readdir(join(root, 'src'), { recursive: true })).filter((name) => name.endsWith('.ts'))
const texts = new Map(
  await Promise.all(sources.map(async (name) => [name, await read(`src/${name}`)] as const)),
)

test('the option table is the one in the code', () => {
  const expected = Object.entries(options).map(([name, option]) => {
    const value = option.value === undefined ? '' : ` ${option.value.replaceAll('|', '\\|')}`
    return [`\`${flagOf(name)}${value}\``, `\`${variableOf(name)}\``, option.help]
  })
  expect(rows(section(readme, '## Options'))).toEqual(expected)
})

test('the tool table names every tool and no other', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  const listed = (await client.listTools()).tools.map(({ name }) => name)
  expect(rows(section(readme, '## Tools')).flatMap(([, names = '']) => codes(names))).toEqual(listed)
})

test('every reason has a row with its meaning and advice, in the order of the code', () => {
  const explained = rows(section(page('docs/operations.md'), '## When something fails'))
  expect(explained.map(([reason]) => reason)).toEqual(Object.keys(errorAdvice).map((name) => `\`${name}\``))
  for (const cells of explained) expect(cells.filter((cell) => /^[A-Z].+\.$/.test(cell))).toHaveLength(2)
})

test('each row of the table of coercions is true', () => {
  const shown = rows(section(page('docs/tools.md'), '## Arguments')).map((cells) =>
    cells.map((cell) => JSON.parse(codes(cell)[0] ?? '')),
  )
  expect(shown.length).toBeGreaterThan(8)
  for (const [sent, schema, expected] of shown)
    expect(coerceArguments({ value: sent }, { properties: { value: schema } })).toEqual({ value: expected })
})

test('every client has its files and its member on the page of hosts, and its name in the README', () => {
  const hosts = page('docs/hosts.md')
  const shown = rows(section(hosts, '## Where each host keeps its servers'))
  expect(shown.map(([title]) => title)).toEqual(Object.values(clients).map(({ title }) => title))
  for (const client of Object.values<Client>(clients)) {
    const [title = '', files = '', member] = shown.find(([title]) => title === client.title) ?? []
    for (const templates of Object.values(client.user))
      expect(codes(files).some((file) => templates.includes(file))).toBe(true)
    expect(member).toBe(`\`${client.parent}\``)
    if (client.project !== undefined) expect(hosts).toContain(`\`${client.project}\``)
    expect(section(readme, '## Any other program: setup')).toContain(title)
  }
})

const folders = rows(section(architecture, '## Where things are')).map(([cell = '']) =>
  cell.replace(/[`/]/g, ''),
)
const folderOf = (file: string) => file.split('/')[0] ?? ''

test('every folder of the source has one line', async () => {
  const found = (await readdir(join(root, 'src'))).toSorted()
  expect(folders.toSorted()).toEqual(found)
})

test('a folder imports only from folders further down', () => {
  const upward = [...texts].flatMap(([file, text]) =>
    importsIn(text, /(?:\bfrom |\bimport\()'(\.[^']+)'/g)
      .map((specifier) => relative(root, join(root, 'src', dirname(file), specifier)))
      .filter((target) => target.startsWith('src/'))
      .map((target) => folderOf(target.slice('src/'.length)))
      .filter((target) => folders.indexOf(target) < folders.indexOf(folderOf(file)))
      .map((target) => `${file} → ${target}`),
  )
  expect(upward).toEqual([])
})

test('each arrow of the diagram is an import', () => {
  const diagram = /```mermaid\n([\s\S]+?)```/.exec(architecture)?.[1] ?? ''
  const arrows = [...diagram.matchAll(/^ {2}(\w+) --> (.+)$/gm)].flatMap(([, from = '', to = '']) =>
    to.split(' & ').map((one) => [from, one] as const),
  )
  const drawn = arrows.filter(([, to]) => !to.includes('('))
  expect(drawn.length).toBeGreaterThan(8)
  for (const [from, to] of drawn) {
    const own = [...texts].filter(([file]) => folderOf(file) === from)
    expect(
      own.some(([, text]) => new RegExp(`'(\\.\\./)+${to}/`).test(text)),
      `${from} --> ${to}`,
    ).toBe(true)
  }
})

test('the packages that the program is made of are all named', () => {
  const specifiers = [...texts.values()].flatMap((text) =>
    importsIn(text, /(?:\bfrom |\bimport\()'([^'.][^']*)'/g),
  )
  const packages = specifiers.map((specifier) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? '')
  const used = new Set(packages.filter((name) => !name.startsWith('node:')))
  expect([...used].filter((name) => !architecture.includes(`\`${name}\``))).toEqual([])
})

test('the steps of a call are those of the dispatcher, in its order', async () => {
  const dispatcher = texts.get('dispatch/dispatcher.ts') ?? ''
  const [, outermost] = /\boptions\.(\w+)\(.*, runOnce\)/.exec(dispatcher) ?? []
  const list = dispatcher.split('pipeline<JudgedCall>(')[1]?.split(/\],\s*execute/)[0] ?? ''
  const ofWrites = [...list.matchAll(/\boptions\.(\w+)(?: ===|,|$)|\b(\w+)\(options/gm)].map(
    ([, option, step]) => option ?? step,
  )
  const steps = [outermost, 'judge', ...ofWrites]
  const shown = [...section(architecture, '## A call, step by step').matchAll(/^\d+\. `(\w+)`/gm)]
  expect(shown.map(([, step]) => step)).toEqual(steps)
  expect(steps).toHaveLength(5)
})

test('the how-tos name files that exist and hold what is named', async () => {
  const howTos = section(page('docs/CONTRIBUTING.md'), '## How to add things')
  const named = [...howTos.matchAll(/`([\w./-]+\/[\w.-]+|README\.md)`(?: \(`([^`]+)`\))?/g)]
  expect(named.length).toBeGreaterThan(20)
  for (const [, file = '', part = ''] of named) {
    if (!file.endsWith('/')) expect(await read(file), file).toContain(part)
  }
  const headings = [...howTos.matchAll(/^### (.+)$/gm)].map(([, heading]) => heading)
  expect(headings).toEqual([
    'An action as a tool',
    'A hand-written tool',
    'An option',
    'A reason',
    'A client',
    'An assumption about the Membrane CLI',
  ])
})

function importsIn(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, specifier = '']) => specifier)
}
