import { posix, win32 } from 'node:path'
import { flagOf, type OptionName } from '../config/options.ts'
import { serveFlags } from '../config/serve-flags.ts'
import { isObject, type Json } from '../json.ts'
import type { Client } from './clients.ts'

/** How a client starts this server. */
export interface LaunchCommand {
  command: string
  args: readonly string[]
}

/** Where this program runs from, all paths absolute. */
export interface Installation {
  platform: string
  /** A node that stays where it is. */
  node: string
  /** The running bundle. */
  main: string
  version: string
  /** The system's folder for temporary files. */
  temporary: string
}

/**
 * How a client starts this installation with these options. A client with a window has no PATH of a shell, so both paths
 * are absolute. An npx cache or a temporary folder does not last: there the client asks npx for this version.
 */
export function resolveLaunch(installation: Installation, options: readonly string[]): LaunchCommand {
  if (isTemporaryInstall(installation)) {
    const npx = ['npx', '-y', `kustomer-mcp@${installation.version}`, ...options]
    // Clients on Windows start no .cmd file directly.
    const [command = '', ...args] = installation.platform === 'win32' ? ['cmd', '/c', ...npx] : npx
    return { command, args }
  }
  return { command: installation.node, args: [installation.main, ...options] }
}

/** Whether the program is in a folder that will be deleted. */
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

/** The entry as it stands in the client's file. */
export const toConfigEntry = (
  { fixed, optional }: Client,
  { command, args }: LaunchCommand,
  withOptional = false,
): Json => ({
  ...fixed,
  command,
  args: [...args],
  ...(withOptional ? optional?.members : {}),
})

/**
 * New arguments with the options that only the old entry gives, but for those in `renewed`. Old arguments that this
 * program would refuse are dropped.
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

/** The options in the arguments of an entry: those after the word that names this program. */
export function optionsOf(entry: unknown): Record<string, unknown> {
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
