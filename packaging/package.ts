/** Builds every package from `dist/` into `packaging/out/`: for npm, Claude Desktop, the MCP registry and plugins. */
import { createHash } from 'node:crypto'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { packExtension } from '@anthropic-ai/mcpb/cli'
import { execa } from 'execa'
import { mcpbManifest, type Package, pluginFiles, serverJson } from './manifests.ts'

const root = join(import.meta.dirname, '..')
const out = join(import.meta.dirname, 'out')
const pkg: Package = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))

const writeJson = async (file: string, value: object) => {
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`)
}

/** The program as it runs, without the maps that only a debugger reads. */
const copyProgram = async (folder: string) => {
  const isNeeded = (source: string) => !source.endsWith('.map')
  await cp(join(root, 'dist'), join(folder, 'dist'), { recursive: true, filter: isNeeded })
  for (const file of ['package.json', 'LICENSE', 'README.md', 'SECURITY.md'])
    await cp(join(root, file), join(folder, file))
}

await rm(out, { recursive: true, force: true })
await mkdir(out, { recursive: true })

await execa('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', out], { cwd: root })

const { stdout } = await execa(process.execPath, [
  join(root, 'dist', 'main.js'),
  'tools',
  '--json',
  '--state-dir',
  join(out, 'state'),
])
const bundle = join(out, 'mcpb')
await copyProgram(bundle)
await cp(join(import.meta.dirname, 'mcpb-launch.mjs'), join(bundle, 'launch.mjs'))
await writeJson(join(bundle, 'manifest.json'), mcpbManifest(pkg, JSON.parse(stdout)))
const fileName = `${pkg.name}-${pkg.version}.mcpb`
const isPacked = await packExtension({ extensionPath: bundle, outputPath: join(out, fileName), silent: true })
if (!isPacked) throw new Error('The bundle for Claude Desktop could not be packed.')

const sha256 = createHash('sha256')
  .update(await readFile(join(out, fileName)))
  .digest('hex')
await writeJson(join(out, 'server.json'), serverJson(pkg, { fileName, sha256 }))

const plugins = join(out, 'plugins')
for (const [path, content] of Object.entries(pluginFiles(pkg))) await writeJson(join(plugins, path), content)
await copyProgram(join(plugins, 'kustomer'))
await cp(join(import.meta.dirname, 'skills'), join(plugins, 'kustomer', 'skills'), { recursive: true })

await rm(join(out, 'state'), { recursive: true, force: true })
await rm(bundle, { recursive: true })
