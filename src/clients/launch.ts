import { posix, win32 } from 'node:path'
import { flagOf, type OptionName } from '../config/options.ts'
import { serveFlags } from '../config/serve-flags.ts'
import { isObject, type Json } from '../json.ts'
import type { Client } from './clients.ts'

/** How a host starts this server: a command with a full path where there is one, and its arguments. */
export interface LaunchCommand {
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
export function resolveLaunch(installation: Installation, options: readonly string[]): LaunchCommand {
  if (isTemporaryInstall(installation)) {
    const npx = ['npx', '-y', `kustomer-mcp@${installation.version}`, ...options]
    // A host starts no .cmd file by itself.
    const [command = '', ...args] = installation.platform === 'win32' ? ['cmd', '/c', ...npx] : npx
    return { command, args }
  }
  return { command: installation.node, args: [installation.main, ...options] }
}

/** Whether the program lies where it will not stay. */
export function isTemporaryInstall({
  platform,
  main,
  temporary,
}: Omit<Installation, 'node' | 'version'>): boolean {
  const { relative, isAbsolute, sep } = platform === 'win32' ? win32 : posix
  const fromTemporary = relative(temporary, main)
  const isInside = !fromTemporary.startsWith('..') && !isAbsolute(fromTemporary)
  return isInside || main.split(sep).includes('_npx')
}

/** Takes a host and how it starts the server, and returns the entry as it stands in the host's file. */
export const toConfigEntry = ({ fixed }: Client, { command, args }: LaunchCommand): Json => ({
  ...fixed,
  command,
  args: [...args],
})

/**
 * Takes the arguments of an entry that is there and those that are to be, and returns the new ones with the options that
 * only the old ones give. Those in `renewed` come from the new ones alone. What the old ones give in a way that this
 * program would refuse is left out.
 */
export function keepingOptions(
  old: unknown,
  args: readonly string[],
  renewed: readonly OptionName[],
): string[] {
  const before = optionsOf(old)
  const kept = (Object.keys(before) as OptionName[]).filter((name) => !renewed.includes(name))
  const own = (name: string) => args.find((arg) => arg === flagOf(name) || arg.startsWith(`${flagOf(name)}=`))
  const texts = kept.map(
    (name) => own(name) ?? (before[name] === true ? flagOf(name) : `${flagOf(name)}=${before[name]}`),
  )
  const first = args.findIndex((arg) => arg.startsWith('--'))
  const start = first === -1 ? args : args.slice(0, first)
  return [...start, ...texts, ...args.slice(start.length).filter((arg) => !texts.includes(arg))]
}

/** The options in the arguments of an entry: what stands behind the word that names this program, if one of them does. */
function optionsOf(entry: unknown): Record<string, unknown> {
  const args = isObject(entry) ? textsIn(entry['args']) : []
  // The value of an option may name a folder of that name.
  const named = args.findIndex((word) => !word.startsWith('-') && ourName.test(word))
  return serveFlags(args.slice(named + 1)) ?? {}
}

const ourName = /(^|[\\/])kustomer-mcp(@[^\\/]*)?($|[\\/])|[\\/]dist[\\/]main\.js$/

const textsIn = (list: unknown): string[] =>
  Array.isArray(list) ? list.filter((word) => typeof word === 'string') : []

/** Whether an entry starts this program, in this version or another, from here or elsewhere. */
export const isOwnEntry = (entry: unknown): boolean =>
  isObject(entry) &&
  [...textsIn([entry['command']]), ...textsIn(entry['args'])].some((word) => ourName.test(word))
