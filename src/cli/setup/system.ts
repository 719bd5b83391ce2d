import { realpath } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, resolve } from 'node:path'
import type { Installation } from '../../clients/launch.ts'
import type { System } from '../../clients/paths.ts'
import { type Config, flagOf, type OptionName, options } from '../../config/options.ts'
import { homeFolder } from '../../store/folders.ts'
import type { RuntimeContext } from '../runtime.ts'

/** This computer and user. */
export const currentSystem = ({ env }: Pick<RuntimeContext, 'env'>): System => ({
  platform: process.platform,
  // A path that no file has, so that every client's own file counts as missing.
  home: homeFolder() ?? '/nonexistent',
  env,
  cwd: process.cwd(),
})

/** Links that package managers keep on their newest node, while the folder behind them changes with each version. */
const lastingNodes = [
  '/opt/homebrew/bin/node',
  '/usr/local/bin/node',
  '/usr/bin/node',
  '/home/linuxbrew/.linuxbrew/bin/node',
]

/** Where this program is installed. Rejects with an Error when no node runs it. */
export async function currentInstallation({ bundleDir, version }: RuntimeContext): Promise<Installation> {
  const own = process.execPath
  if (process.versions['electron'] !== undefined || !/^node(\.exe)?$/i.test(basename(own)))
    throw new Error(`this runs inside ${own}, with which a client cannot start it. Run it with node.`)
  const real = await realpath(own)
  const reals = await Promise.all(lastingNodes.map((path) => realpath(path).catch(() => undefined)))
  const lasting = lastingNodes[reals.indexOf(real)]
  return {
    platform: process.platform,
    node: lasting ?? own,
    main: join(bundleDir, 'main.js'),
    version,
    temporary: await realpath(tmpdir()),
  }
}

/**
 * The arguments that give a client the options that were given here. Paths become absolute, because a client starts
 * its servers in another folder.
 */
export function argumentsFor(config: Config, given: readonly OptionName[]): string[] {
  return given.flatMap((name) => {
    const value = config[name]
    const { kind } = options[name]
    if (kind === 'switch') return value === true ? [flagOf(name)] : []
    if (value === undefined || (Array.isArray(value) && value.length === 0)) return []
    const text = Array.isArray(value) ? value.join(',') : String(value)
    return [`${flagOf(name)}=${kind === 'path' ? resolve(text) : text}`]
  })
}
