import { access, constants, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { type Config, flagOf, type OptionName, options, variableOf } from '../../config/options.ts'
import { singleLine } from '../../text/quote.ts'
import type { RuntimeContext } from '../runtime.ts'
import { type Check, fail, ok, warn } from './check.ts'
import { lostNames } from './gui-environment.ts'

const lowestNode = [20, 19]

/** Whether the node that runs this can run it, and can run the CLI. */
export function nodeCheck(version: string, execPath: string, electron: string | undefined): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const facts = { version, path: execPath }
  const [lowestMajor = 0, lowestMinor = 0] = lowestNode
  if (major < lowestMajor || (major === lowestMajor && minor < lowestMinor))
    return fail(
      'node',
      `Node ${version} is too old.`,
      `Install Node ${lowestNode.join('.')} or newer.`,
      facts,
    )
  if (electron !== undefined || !/^node(\.exe)?$/i.test(basename(execPath)))
    return warn(
      'node',
      `This runs inside ${execPath}, which is not node.`,
      'Start the server with a node of its own.',
      facts,
    )
  return ok('node', `Node ${version} at ${execPath}`, facts)
}

/** The folder of caches and sandbox data: there or to be made, writable, for its owner alone. */
export async function stateCheck({ stateDir }: Pick<Config, 'stateDir'>): Promise<Check> {
  const id = 'state-folder'
  const other = `Make it writable for you, or name another with ${flagOf('stateDir')}.`
  const facts = { path: stateDir }
  try {
    const found = await stat(stateDir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (found === undefined) {
      await access(await nearest(dirname(stateDir)), constants.W_OK | constants.X_OK)
      return ok(id, `State folder ${stateDir}, made when it is needed`, facts)
    }
    if (!found.isDirectory()) return fail(id, `The state folder ${stateDir} is a file.`, other, facts)
    await access(stateDir, constants.W_OK | constants.X_OK)
    const mode = (found.mode & 0o777).toString(8).padStart(4, '0')
    if (process.platform !== 'win32' && (found.mode & 0o077) !== 0)
      return warn(
        id,
        `Others can look into the state folder ${stateDir} (mode ${mode}).`,
        `chmod 700 ${JSON.stringify(stateDir)}`,
        facts,
      )
    return ok(id, `State folder ${stateDir}, writable (mode ${mode})`, { ...facts, mode })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return fail(id, `The state folder ${stateDir} cannot be used (${code}).`, other, { ...facts, code })
  }
}

/** The folder itself, or the first above it that exists. Rejects where a file is in the way. */
async function nearest(folder: string): Promise<string> {
  try {
    if (!(await stat(folder)).isDirectory()) throw Object.assign(new Error(), { code: 'ENOTDIR' })
    return folder
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || dirname(folder) === folder) throw error
    return nearest(dirname(folder))
  }
}

/** Which options are not as they are by default, and where each was given. */
export function configurationCheck(
  config: Config,
  flags: Record<string, unknown>,
  env: RuntimeContext['env'],
): Check {
  const given = (Object.keys(options) as OptionName[]).flatMap((name) => {
    const from = placeOf(name, config, flags, env)
    return from === undefined ? [] : [{ option: name, value: singleLine(String(config[name]), 200), from }]
  })
  const list = given.map(({ option, value, from }) => `${option} ${value} (${from})`).join(', ')
  return ok('configuration', list === '' ? 'Every option as it is by default' : `Options: ${list}`, {
    options: given,
  })
}

function placeOf(
  name: OptionName,
  config: Config,
  flags: Record<string, unknown>,
  env: RuntimeContext['env'],
) {
  if (flags[name] !== undefined) return flagOf(name)
  if (env[variableOf(name)]) return variableOf(name)
  const isDefault = JSON.stringify(config[name]) === JSON.stringify(options[name].default)
  return isDefault ? undefined : config.config
}

/** What is set in this shell and will be missing in a host that is not started from it. Names alone. */
export function shellCheck(platform: string, env: RuntimeContext['env']): Check {
  const names = lostNames(platform, env)
  if (names.length === 0) return ok('environment', 'Nothing here depends on variables of this shell')
  return warn(
    'environment',
    `Set in this shell, and not in a host with a window: ${names.join(', ')}.`,
    'Put what the server needs into "env" of the client\'s entry; KUSTOMER_MCP_ ones can be options there, or stand in a --config file. `kustomer-mcp doctor --env gui` shows what works without them.',
    { names },
  )
}
