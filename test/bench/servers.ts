import { execFile } from 'node:child_process'
import { access, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'

const exec = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
/** Ignored by git, and thrown away by `npm ci`. */
const cache = join(root, 'node_modules', '.cache', 'bench')

/** A server of somebody else that starts without credentials, at the version it was measured with. */
interface Published {
  spec: string
  /** The file that its `bin` names. */
  script: string
  args?: readonly string[]
}

const published: readonly Published[] = [
  { spec: '@modelcontextprotocol/server-filesystem@2026.8.31', script: 'dist/index.js', args: [root] },
  { spec: '@modelcontextprotocol/server-memory@2026.8.31', script: 'dist/index.js' },
  { spec: '@modelcontextprotocol/server-everything@2026.8.31', script: 'dist/index.js', args: ['stdio'] },
  { spec: '@notionhq/notion-mcp-server@2.5.2', script: 'bin/cli.mjs' },
  { spec: '@playwright/mcp@0.0.83', script: 'cli.js', args: ['--headless'] },
  { spec: '@upstash/context7-mcp@4.1.1', script: 'dist/index.js' },
]

export interface Installed {
  name: string
  /** What node is started with. */
  args: readonly string[]
  /** Bytes of the whole installation. */
  bytes: number
}

/** Installs the servers of others, each into a folder of its own. Calls `skip` for one that cannot be. */
export async function installPublished(skip: (name: string, why: string) => void): Promise<Installed[]> {
  const found: Installed[] = []
  for (const { spec, script, args = [] } of published) {
    try {
      const folder = await install(spec, spec)
      const file = join(folder, 'node_modules', nameOf(spec), script)
      await access(file)
      found.push({ name: spec, args: [file, ...args], bytes: await bytesIn(folder) })
    } catch (error) {
      skip(spec, (error as Error).message.split('\n')[0] ?? '')
    }
  }
  return found
}

/** Packs this package and installs it as others would. Returns the bytes of the archive and of the installation. */
export async function packAndInstall(): Promise<{ archive: number; installed: number }> {
  await mkdir(cache, { recursive: true })
  const { stdout } = await exec('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', cache], {
    cwd: root,
  })
  const [{ filename, size }] = JSON.parse(stdout)
  await rm(join(cache, 'own'), { recursive: true, force: true })
  const folder = await install(join(cache, filename), 'own')
  return { archive: size, installed: await bytesIn(folder) }
}

/** Installs once; what an earlier run installed is taken as it is. */
async function install(what: string, label: string): Promise<string> {
  const folder = join(cache, label.replace(/[^\w.@-]/g, '_'))
  const done = join(folder, 'installed')
  if (await readFile(done).catch(() => undefined)) return folder
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), '{"private":true}')
  await exec('npm', ['install', what, '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'], {
    cwd: folder,
  })
  await writeFile(done, what)
  return folder
}

const nameOf = (spec: string) => spec.slice(0, spec.lastIndexOf('@'))

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { recursive: true })
  const sizes = await Promise.all(
    names.map((name) => stat(join(folder, name)).then((file) => (file.isFile() ? file.size : 0))),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
