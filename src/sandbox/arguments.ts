import { type ParseArgsConfig, parseArgs } from 'node:util'
import { flagTexts } from './flags.ts'

/** A command line with every flag under its long name. */
export interface Arguments {
  positionals: string[]
  /** The values of each flag in their order; a switch that is set has the value `true`. */
  flags: Readonly<Record<string, readonly string[]>>
}

/** A command line that cannot be read; the message is for the person who typed it. */
export class UsageError extends Error {}

const shortNames: Readonly<Record<string, string>> = {
  method: 'X',
  header: 'H',
  data: 'd',
  help: 'h',
  version: 'v',
}
const options: NonNullable<ParseArgsConfig['options']> = Object.fromEntries(
  Object.entries(flagTexts).map(([name, text]) => {
    const short = shortNames[name]
    const type = text.startsWith('<') ? 'string' : 'boolean'
    return [name, { type, multiple: true, ...(short === undefined ? {} : { short }) }]
  }),
)

/** Reads the arguments after the program's name, in any order. Throws UsageError. */
export function readArguments(argv: readonly string[]): Arguments {
  try {
    // parseArgs reads `-d=x` as the value `=x`.
    const args = argv.map((argument) => argument.replace(/^(-[a-zA-Z])=/, '$1'))
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true })
    const flags = Object.entries(values).map(([name, given]) => [name, [given].flat().map(String)])
    return { positionals, flags: Object.fromEntries(flags) }
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

/** The last value of a flag. */
export const flag = ({ flags }: Arguments, name: string): string | undefined => flags[name]?.at(-1)

export const isSet = (args: Arguments, name: string): boolean => flag(args, name) !== undefined

/** Splits the values of a flag such as `name=value`. Throws UsageError. */
export function pairs({ flags }: Arguments, name: string, separator: '=' | ':'): [string, string][] {
  return (flags[name] ?? []).map((text) => {
    const at = text.indexOf(separator)
    if (at < 1) throw new UsageError(`Option --${name} takes name${separator}value`)
    return [text.slice(0, at).trim(), separator === ':' ? text.slice(at + 1).trim() : text.slice(at + 1)]
  })
}

/** Parses a flag whose value is JSON. Throws UsageError. */
export function jsonFlag(args: Arguments, name: string): unknown {
  const text = flag(args, name)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`Option --${name} takes JSON`)
  }
}
