import { access, readdir } from 'node:fs/promises'
import { posix, win32 } from 'node:path'
import type { Client, PathTemplate, Scope } from './clients.ts'

/** The facts that decide where files are. */
export interface System {
  platform: string
  home: string
  env: Readonly<Record<string, string | undefined>>
  /** The folder that stands for the project. */
  cwd: string
}

/** The absolute path of a client's file; undefined where it has none for the scope. */
export async function configFileOf(
  client: Client,
  scope: Scope,
  system: System,
): Promise<string | undefined> {
  if (scope === 'project')
    return client.project === undefined ? undefined : pathOf(system).join(system.cwd, client.project)
  for (const path of resolvePaths(client.user[systemOf(system)], system)) {
    const found = path.includes('*') ? await matching(path, system) : path
    if (found !== undefined) return found
  }
  return undefined
}

/** The path templates whose variables are set, as absolute paths; a `*` stays in them. */
export function resolvePaths(templates: PathTemplate, system: System): string[] {
  const { isAbsolute, normalize } = pathOf(system)
  return templates
    .map((template) => fillIn(template, system))
    .filter((path) => path !== undefined)
    .filter((path) => isAbsolute(path))
    .map((path) => normalize(path))
}

/** Whether a client seems to be installed: its file is there, or the folder that it makes for itself. */
export async function isInstalled(file: string, system: System): Promise<boolean> {
  const folder = pathOf(system).dirname(file)
  return (await exists(file)) || (folder !== system.home && (await exists(folder)))
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

function fillIn(template: string, { home, env }: System): string | undefined {
  const names = [...template.matchAll(/%(\w+)%/g)].map(([, name = '']) => name)
  // An empty variable counts as none; a path from it would begin at the root.
  if (names.some((name) => !env[name])) return undefined
  return template.replace(/^~|%(\w+)%/g, (_, name?: string) =>
    name === undefined ? home : (env[name] ?? ''),
  )
}

/** The first path, by name, that matches one with a `*` in it and whose folder exists. */
async function matching(path: string, system: System): Promise<string | undefined> {
  const { sep, dirname, basename, join } = pathOf(system)
  const [before = '', after = ''] = path.split('*', 2)
  const folder = dirname(before)
  const names = await readdir(folder).catch(() => [])
  const rest = after.split(sep).filter((part) => part !== '')
  const fitting = names.filter((name) => name.startsWith(basename(before))).sort()
  for (const name of fitting) {
    const found = join(folder, name, ...rest)
    if (await exists(dirname(found))) return found
  }
  return undefined
}

const pathOf = ({ platform }: System) => (platform === 'win32' ? win32 : posix)

const systemOf = ({ platform }: System) =>
  platform === 'win32' || platform === 'darwin' ? platform : 'linux'
