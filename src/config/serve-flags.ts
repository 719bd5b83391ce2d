import { parseArgs } from 'node:util'
import { flagOf, options } from './options.ts'

const flags = Object.entries(options).map(
  ([name, option]) =>
    [flagOf(name).slice(2), { name, type: option.kind === 'switch' ? 'boolean' : 'string' }] as const,
)

/**
 * The flags of `serve`, by option name; undefined when anything else was typed, or something wrong. Clients start only
 * `serve`, so the whole command line need not be loaded for them.
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
