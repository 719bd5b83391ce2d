import { posix, win32 } from 'node:path'
import { isObject, type Json } from '../json.ts'
import type { Host } from './hosts.ts'

/** How a host starts this server: a command with a full path where there is one, and its arguments. */
export interface Launch {
  command: string
  args: readonly string[]
}

export interface Installation {
  platform: string
  /** A node that stays where it is, by its full path. */
  node: string
  /** The running bundle, by its full path. */
  main: string
  version: string
  /** The system's folder for temporary files. */
  temporary: string
}

/**
 * Takes where this program runs from and the options for it, and returns how a host starts it. A host with a window
 * has neither the person's PATH nor their shell, so both paths are full. What runs from a cache of npx or from a
 * temporary folder will not stay there: the host then asks npx for this same version.
 */
export function launchOf(installation: Installation, options: readonly string[]): Launch {
  if (isPassing(installation)) {
    const npx = ['npx', '-y', `kustomer-mcp@${installation.version}`, ...options]
    // A host starts no .cmd file by itself.
    const [command = '', ...args] = installation.platform === 'win32' ? ['cmd', '/c', ...npx] : npx
    return { command, args }
  }
  return { command: installation.node, args: [installation.main, ...options] }
}

/** Whether the program lies where it will not stay. */
export function isPassing({ platform, main, temporary }: Omit<Installation, 'node' | 'version'>): boolean {
  const { relative, isAbsolute, sep } = platform === 'win32' ? win32 : posix
  const fromTemporary = relative(temporary, main)
  const isInside = !fromTemporary.startsWith('..') && !isAbsolute(fromTemporary)
  return isInside || main.split(sep).includes('_npx')
}

/** Takes a host and how it starts the server, and returns the entry as it stands in the host's file. */
export const entryOf = ({ fixed }: Host, { command, args }: Launch): Json => ({
  ...fixed,
  command,
  args: [...args],
})

/** Whether an entry starts this program, in this version or another, from here or elsewhere. */
export function isOurs(entry: unknown): boolean {
  if (!isObject(entry)) return false
  const { command, args } = entry
  const words = [command, ...(Array.isArray(args) ? args : [])].filter((word) => typeof word === 'string')
  return words.some((word) => /(^|[\\/])kustomer-mcp(@[^\\/]*)?($|[\\/])|[\\/]dist[\\/]main\.js$/.test(word))
}
