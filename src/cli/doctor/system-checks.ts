import { access, constants, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { lostNames } from '../../clients/client-environment.ts'
import {
  type Config,
  defaultOf,
  flagOf,
  type OptionName,
  optionNames,
  variableOf,
} from '../../config/options.ts'
import { homeFolder, makeFolder } from '../../store/folders.ts'
import { singleLine } from '../../text/quote.ts'
import type { RuntimeContext } from '../runtime.ts'
import { type Check, type CheckStep, fail, ok, warn } from './check.ts'

const lowestNode = [20, 19]
const limitMs = 10_000

export interface SystemFacts {
  config: Config
  flags: Record<string, unknown>
  env: RuntimeContext['env']
  whose: 'own' | 'gui'
}

/** The checks of this machine, which need no other program. */
export async function systemSteps({ config, flags, env, whose }: SystemFacts): Promise<CheckStep[]> {
  const step = (id: string, title: string, run: CheckStep['run']) => ({ id, title, limitMs, run })
  return [
    step('node', 'Node', async () =>
      nodeCheck(process.versions.node, process.execPath, process.versions['electron']),
    ),
    step('configuration', 'Configuration', () => configurationCheck(config, flags, env)),
    step('home', 'Home folder', () => homeCheck(homeFolder())),
    step('state-folder', 'State folder', () => stateCheck(config)),
    ...(whose === 'own'
      ? [step('environment', 'Environment', async () => shellCheck(process.platform, env))]
      : []),
  ]
}

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

/** A missing home folder matters to the Membrane CLI, which keeps its sign-in there; an existing one is not reported. */
export async function homeCheck(home: string | undefined): Promise<readonly Check[]> {
  const fix = 'Set HOME to a folder of yours: the Membrane CLI keeps its sign-in there.'
  if (home === undefined) return [warn('home', 'This user has no home folder.', fix)]
  const found = await stat(home).catch(() => undefined)
  if (found?.isDirectory() === true) return []
  return [warn('home', `The home folder ${home} is not there.`, fix, { path: home })]
}

/** Makes the folder of caches and sandbox data where it is missing: writable, for its owner alone. */
export async function stateCheck({ stateDir }: Pick<Config, 'stateDir'>): Promise<Check> {
  const id = 'state-folder'
  const other = `Make it writable for you, or name another with ${flagOf('stateDir')}.`
  const facts = { path: stateDir }
  try {
    await makeFolder(stateDir, 0o700)
    const found = await stat(stateDir)
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

/** Which options differ from their defaults, and where each was given. */
export async function configurationCheck(
  config: Config,
  flags: Record<string, unknown>,
  env: RuntimeContext['env'],
): Promise<Check> {
  const sources = await Promise.all(
    optionNames.map(async (name) => ({ name, from: await sourceOf(name, config, flags, env) })),
  )
  const given = sources.flatMap(({ name, from }) =>
    from === undefined ? [] : [{ option: name, value: singleLine(String(config[name]), 200), from }],
  )
  const list = given.map(({ option, value, from }) => `${option} ${value} (${from})`).join(', ')
  return ok('configuration', list === '' ? 'Every option has its default' : `Options: ${list}`, {
    options: given,
  })
}

async function sourceOf(
  name: OptionName,
  config: Config,
  flags: Record<string, unknown>,
  env: RuntimeContext['env'],
): Promise<string | undefined> {
  if (flags[name] !== undefined) return flagOf(name)
  if (env[variableOf(name)]) return variableOf(name)
  // Where there is no default, the file must have given the value.
  const isDefault = JSON.stringify(config[name]) === JSON.stringify(await defaultOf(name).catch(() => null))
  return isDefault ? undefined : config.config
}

/** Which variables of this shell an app that is not started from it lacks. Names alone. */
export function shellCheck(platform: string, env: RuntimeContext['env']): Check {
  const names = lostNames(platform, env)
  if (names.length === 0) return ok('environment', 'Nothing here depends on variables of this shell')
  return warn(
    'environment',
    `Set in this shell, and not in an app with a window: ${names.join(', ')}.`,
    'Put what the server needs into "env" of the client\'s entry; KUSTOMER_MCP_ ones can be options there, or stand in a --config file. `kustomer-mcp doctor --env gui` shows what works without them.',
    { names },
  )
}
