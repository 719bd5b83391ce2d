import { parseArgs } from 'node:util'
import { flagOf, options } from './options.ts'

const flags = Object.entries(options).map(
  ([name, option]) =>
    [flagOf(name).slice(2), { name, type: option.kind === 'switch' ? 'boolean' : 'string' }] as const,
)

/**
 * Takes what was typed and returns the flags by option name when it is `serve`, or no command, with flags that are
 * plain to read; undefined for anything else. Those are what hosts start, and they need not wait for the whole command
 * line to be loaded, which reads everything else and says what is wrong with it.
 */
export function serveFlags(typed: readonly string[]): Record<string, unknown> | undefined {
  const [first, ...others] = typed
  const args = first === 'serve' ? others : typed
  if (args.includes('--')) return undefined
  try {
    const { values } = parseArgs({ args, options: Object.fromEntries(flags), strict: true })
    const named = flags.map(([flag, { name }]) => [name, values[flag]] as const)
    return Object.fromEntries(named.filter(([, value]) => value !== undefined))
  } catch {
    return undefined
  }
}
