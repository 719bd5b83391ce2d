/** What a command line says, with every flag under its long name. */
export interface Arguments {
  positionals: string[]
  /** The values of a flag in their order; a flag without a value has the value `true`. */
  flags: Readonly<Record<string, readonly string[]>>
}

/** A command line that cannot be read; the message is for the person who typed it. */
export class UsageError extends Error {}

const shortNames: Readonly<Record<string, string>> = {
  X: 'method',
  H: 'header',
  d: 'data',
  h: 'help',
  v: 'version',
}
/** Flags that take no value; every other one takes what stands behind `=` or the next argument. */
const switches = new Set([
  ...['json', 'help', 'version', 'wait', 'details', 'rawData', 'tenant', 'non-interactive'],
  'allowMultipleConnections',
])

/** Takes the arguments after the program's name, in any order, and returns them read. Throws UsageError. */
export function readArguments(argv: readonly string[]): Arguments {
  const positionals: string[] = []
  const flags: Record<string, string[]> = {}
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? ''
    const [, dashes, given = '', , attached] = /^(--?)([A-Za-z][\w-]*)(=([\s\S]*))?$/.exec(argument) ?? []
    if (dashes === undefined) {
      positionals.push(argument)
      continue
    }
    const name = dashes === '--' ? given : shortNames[given]
    if (name === undefined) throw new UsageError(`Unknown option: ${argument}`)
    const next = argv[index + 1]
    const value = attached ?? (switches.has(name) ? 'true' : next)
    if (value === undefined || (attached === undefined && !switches.has(name) && value.startsWith('--')))
      throw new UsageError(`Option --${name} needs a value`)
    if (attached === undefined && !switches.has(name)) index++
    flags[name] = [...(flags[name] ?? []), value]
  }
  return { positionals, flags }
}

/** Returns the last value of a flag, or undefined. */
export const flag = ({ flags }: Arguments, name: string): string | undefined => flags[name]?.at(-1)

/** Returns whether a switch is set. */
export const isSet = (args: Arguments, name: string): boolean =>
  !['false', undefined].includes(flag(args, name))

/** Takes the values of a flag that each hold a name and a value (`name=value`), and returns them split. */
export function pairs({ flags }: Arguments, name: string, separator: '=' | ':'): [string, string][] {
  return (flags[name] ?? []).map((text) => {
    const at = text.indexOf(separator)
    if (at < 1) throw new UsageError(`Option --${name} takes name${separator}value`)
    return [text.slice(0, at).trim(), separator === ':' ? text.slice(at + 1).trim() : text.slice(at + 1)]
  })
}

/** Takes a flag whose value is JSON and returns it parsed, or undefined where it is absent. Throws UsageError. */
export function jsonFlag(args: Arguments, name: string): unknown {
  const text = flag(args, name)
  if (text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError(`Option --${name} takes JSON`)
  }
}
