import { access, readdir } from 'node:fs/promises'
import { posix, win32 } from 'node:path'
import type { Client, PathTemplate, Scope } from './clients.ts'

/** What decides where files are. */
export interface System {
  platform: string
  home: string
  env: Readonly<Record<string, string | undefined>>
  /** The folder that stands for the project. */
  cwd: string
}

/**
 * Takes a host, a scope and the machine, and returns the full path of the host's file, or undefined where the host has
 * none for that scope.
 */
export async function configFileOf(host: Client, scope: Scope, machine: System): Promise<string | undefined> {
  if (scope === 'project')
    return host.project === undefined ? undefined : pathOf(machine).join(machine.cwd, host.project)
  for (const path of resolvePaths(host.user[systemOf(machine)], machine)) {
    const found = path.includes('*') ? await matching(path, machine) : path
    if (found !== undefined) return found
  }
  return undefined
}

/** Takes places and the machine, and returns those that fit as full paths; a `*` is left in them. */
export function resolvePaths(places: PathTemplate, machine: System): string[] {
  const { isAbsolute, normalize } = pathOf(machine)
  return places
    .map((place) => filledIn(place, machine))
    .filter((path) => path !== undefined)
    .filter((path) => isAbsolute(path))
    .map((path) => normalize(path))
}

/** Whether the host seems to be on this machine: its file is there, or the folder that it makes for itself. */
export async function isInstalled(file: string, machine: System): Promise<boolean> {
  const folder = pathOf(machine).dirname(file)
  return (await exists(file)) || (folder !== machine.home && (await exists(folder)))
}

/** Takes a path and returns whether something is there. */
export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

function filledIn(place: string, { home, env }: System): string | undefined {
  const names = [...place.matchAll(/%(\w+)%/g)].map(([, name = '']) => name)
  // An empty variable counts as none; a path from it would begin at the root.
  if (names.some((name) => !env[name])) return undefined
  return place.replace(/^~|%(\w+)%/g, (_, name?: string) => (name === undefined ? home : (env[name] ?? '')))
}

/** Takes a path with one `*` in it and returns the first that exists, by name, or undefined. */
async function matching(path: string, machine: System): Promise<string | undefined> {
  const { sep, dirname, basename, join } = pathOf(machine)
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
