import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { snapshotActions } from '../src/catalog/snapshot.macro.ts'
import { withTokenArgument } from '../src/dispatch/confirmation.ts'
import { listings } from '../src/tools/listings.macro.ts'
import { actionTool } from '../src/tools/registry.ts'
import type { Tool, ToolContext } from '../src/tools/tool.ts'
import { mainJs, setup } from './support/server.ts'

/** The source files that are loaded with a file of the bundle, by its source map and those of what it imports. */
async function loadedWith(file: string, seen = new Set<string>()): Promise<string[]> {
  if (seen.has(file)) return []
  seen.add(file)
  const text = await readFile(file, 'utf8')
  const { sources } = JSON.parse(await readFile(`${file}.map`, 'utf8')) as { sources: string[] }
  const imports = [...text.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g)].map(([, path = '']) =>
    join(dirname(file), path),
  )
  const further = await Promise.all(imports.map((path) => loadedWith(path, seen)))
  return [...sources, ...further.flat()]
}

test('a start loads only what listing the tools needs', async () => {
  const chunks = join(dirname(mainJs), 'chunks')
  const main = (await readdir(chunks)).find((name) => /^main-\w+\.js$/.test(name)) ?? ''
  const seen = new Set<string>()
  const sources = [...(await loadedWith(mainJs, seen)), ...(await loadedWith(join(chunks, main), seen))]
  const packages = new Set(
    sources.flatMap((source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []),
  )
  expect([...packages].sort()).toEqual([
    '@modelcontextprotocol/sdk',
    'leven',
    'lru-cache',
    'p-limit',
    'yocto-queue',
    'zod',
    // Of the SDK, for schemas of the older zod.
    'zod-to-json-schema',
  ])
  // What the loader does for each file is a part of every start.
  expect(seen.size).toBeLessThanOrEqual(10)
  // V8 keeps a file with a character outside Latin-1 in two bytes for each of its characters.
  for (const file of seen) expect(await readFile(file, 'latin1')).toMatch(/^[\0-\x7f]*$/)
  const own = sources.flatMap((source) => /\/src\/(.+\.ts|.+\.json)$/.exec(source)?.[1] ?? [])
  expect(own).toEqual(expect.arrayContaining(['cli/serve.ts', 'mcp/server.ts']))
  expect(own.filter((name) => /^(sandbox|clients|http|cli\/(setup|doctor|terminal))\//.test(name))).toEqual(
    [],
  )
  for (const rare of ['cli/program.ts', 'mcp/prompts.ts', 'mcp/resources.ts']) expect(own).not.toContain(rare)
})

test('the bundle lists the tools that the code makes', async () => {
  const context = {} as ToolContext
  const expected = [...snapshotActions.map((action) => actionTool(action, context)), ...listings.full].map(
    (tool) => ({
      name: tool.name,
      title: tool.title,
      description: tool.description,
      inputSchema:
        tool.name === 'merge-customers' ? withTokenArgument('writes', tool as Tool) : tool.inputSchema,
      annotations: tool.annotations,
    }),
  )
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  const { tools } = await client.listTools()
  const listed = tools.map(({ name, title, description, inputSchema, annotations }) => ({
    name,
    title,
    description,
    inputSchema,
    annotations,
  }))
  expect(listed).toEqual(JSON.parse(JSON.stringify(expected)))
})
