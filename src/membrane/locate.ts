import { access, constants, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, delimiter, dirname, extname, isAbsolute, join, win32 } from 'node:path'
import { ToolError } from '../errors.ts'
import { homeFolder } from '../store/folders.ts'

export interface LocatedCli {
  /** The file that was found, before links and shims are resolved. */
  path: string
  /** What to start, and what stands before the CLI's own arguments. */
  command: string
  prefix: readonly string[]
  /** Changes whenever the program does: path, size and time of change. */
  fingerprint: string
}

export interface LocateOptions {
  /** `--cli`: a path, which is then the only place looked at. */
  cli?: string | undefined
  env: Readonly<Record<string, string | undefined>>
  /** Folder of this package, whose own and outer `node_modules/.bin` are looked at. Never the host's folder. */
  packageFolder: string
}

const windows = process.platform === 'win32'

/** Folders that GUI hosts leave out of PATH. A `*` stands for one folder of any name, the newest name first. */
const wellKnownFolders = windows
  ? [
      '%APPDATA%/npm',
      '%LOCALAPPDATA%/pnpm',
      '%LOCALAPPDATA%/Volta/bin',
      '~/.bun/bin',
      '%ProgramFiles%/nodejs',
    ]
  : [
      '/opt/homebrew/bin',
      '/usr/local/bin',
      '~/.local/bin',
      '~/.npm-global/bin',
      '~/.nvm/versions/node/*/bin',
      '~/.local/share/fnm/node-versions/*/installation/bin',
      '~/Library/Application Support/fnm/node-versions/*/installation/bin',
      '~/.volta/bin',
      '~/.asdf/shims',
      '~/.local/share/mise/shims',
      '~/.local/share/pnpm',
      '~/Library/pnpm',
      '~/.bun/bin',
    ]

/** Runs and downloads nothing. Throws ToolError `cli-not-found` with every folder that was tried. */
export async function locateCli({ cli, env, packageFolder }: LocateOptions): Promise<LocatedCli> {
  if (cli !== undefined) {
    const path = expand(cli, env)
    if (await exists(path)) return describe(path, env)
    throw new ToolError('cli-not-found', `There is no Membrane CLI at the configured path ${path}.`)
  }
  const places = await placesToLook({ env, packageFolder })
  for (const { folders } of places) {
    const found = await find('membrane', folders)
    // On Windows the folder we were started in is looked at first, whatever the path says.
    if (found !== null && folders.includes(dirname(found))) return describe(found, env)
  }
  const tried = [...new Set(places.flatMap(({ folders }) => folders))]
  throw new ToolError(
    'cli-not-found',
    'The Membrane CLI (`membrane`) is not installed where this server looks.',
    {
      data: { tried },
    },
  )
}

export async function placesToLook({
  env,
  packageFolder,
}: Omit<LocateOptions, 'cli'>): Promise<{ name: string; folders: string[] }[]> {
  const places = [
    { name: "this package's own folders", folders: nodeModulesAbove(packageFolder) },
    { name: 'PATH', folders: absolutePath(env) },
    { name: 'the usual folders', folders: await expandFolders(env) },
  ]
  return places.filter(({ folders }) => folders.length > 0)
}

/** The script that a Windows `.cmd` or `.ps1` shim of npm runs. */
export function shimTarget(shim: string, folder: string): string | undefined {
  const target = /"(?:%~?dp0%?|\$basedir)[\\/]([^"%$]+\.[cm]?js)"/.exec(shim)?.[1]
  return target === undefined ? undefined : win32.join(folder, target)
}

async function describe(path: string, env: LocateOptions['env']): Promise<LocatedCli> {
  const script = await scriptOf(path)
  const { size, mtimeMs } = await stat(script ?? path)
  const start =
    script === undefined ? { command: path, prefix: [] } : { command: await findNode(env), prefix: [script] }
  return { path, ...start, fingerprint: [start.command, await realpath(path), size, mtimeMs].join('|') }
}

/** Our own executable where it is node; inside a desktop app it is that app, and starting it would open a window. */
async function findNode(env: LocateOptions['env']): Promise<string> {
  if (process.versions['electron'] === undefined && /^node(\.exe)?$/i.test(basename(process.execPath)))
    return process.execPath
  const folders = [...absolutePath(env), ...(await expandFolders(env))]
  const found = folders.length > 0 ? await find('node', folders) : null
  if (found !== null && folders.includes(dirname(found))) return found
  throw new ToolError(
    'cli-not-found',
    'The Membrane CLI is a script, and there is no node to run it with where this server looks.',
  )
}

async function find(name: string, folders: readonly string[]): Promise<string | null> {
  const { default: which } = await import('which')
  return which(name, { path: folders.join(delimiter), nothrow: true })
}

/** A relative entry of PATH would look into whatever folder the host started us in. */
const absolutePath = (env: LocateOptions['env']) =>
  (env['PATH'] ?? env['Path'] ?? '').split(delimiter).filter((folder) => isAbsolute(folder))

async function scriptOf(path: string): Promise<string | undefined> {
  if (/^\.[cm]?js$/i.test(extname(path))) return path
  if (!windows || !/^\.(cmd|ps1)$/i.test(extname(path))) return undefined
  const target = shimTarget(await readFile(path, 'utf8'), dirname(path))
  if (target !== undefined && (await exists(target))) return target
  throw new ToolError('cli-not-found', `The shim ${path} names no script that exists.`)
}

function nodeModulesAbove(folder: string): string[] {
  const parent = dirname(folder)
  return [join(folder, 'node_modules', '.bin'), ...(parent === folder ? [] : nodeModulesAbove(parent))]
}

async function expandFolders(env: LocateOptions['env']): Promise<string[]> {
  const folders = await Promise.all(wellKnownFolders.map((folder) => expandStar(expand(folder, env))))
  return folders.flat()
}

async function expandStar(folder: string): Promise<string[]> {
  const [before, after] = folder.split('*', 2)
  if (before === undefined || after === undefined) return [folder]
  const names = await readdir(before).catch(() => [])
  const newestFirst = names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return newestFirst.map((name) => join(before, name, after))
}

const expand = (path: string, env: LocateOptions['env']) =>
  path
    .replace(/^~(?=[\\/]|$)/, () => homeFolder() ?? '~')
    .replace(/%(\w+)%/g, (whole, name: string) => env[name] ?? whole)

const exists = (path: string) =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
