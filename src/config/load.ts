import { readFile, stat } from 'node:fs/promises'
import { UsageError } from '../errors.ts'
import { isObject, type Json, parseJson } from '../json.ts'
import { suggest, withSuggestion } from '../text/suggest.ts'
import {
  type Config,
  defaultOf,
  flagOf,
  type OptionName,
  optionNames,
  optionOf,
  options,
  variableOf,
} from './options.ts'

/**
 * The configuration from flags, environment, config file and defaults, in this order. An empty variable counts as
 * unset, because hosts pass empty strings for settings that were left blank.
 * Rejects with UsageError for anything unknown or wrong.
 */
export async function loadConfig(
  flags: Record<string, unknown>,
  env: Record<string, string | undefined>,
): Promise<Config> {
  refuseUnknownVariables(env)
  const fromFlagsOrEnv = (name: OptionName): OptionSource | undefined => {
    if (flags[name] !== undefined) return { value: flags[name], origin: flagOf(name) }
    const variable = variableOf(name)
    return env[variable] ? { value: env[variable], origin: variable } : undefined
  }
  const fileName = (await parseOption('config', fromFlagsOrEnv('config'))) as Config['config']
  const file = fileName === undefined ? {} : await readConfigFile(fileName)
  const fromFile = (name: OptionName): OptionSource | undefined =>
    Object.hasOwn(file, name) ? { value: file[name], origin: `"${name}" in ${fileName}` } : undefined
  const entries = optionNames.map(
    async (name) => [name, await parseOption(name, fromFlagsOrEnv(name) ?? fromFile(name))] as const,
  )
  return Object.fromEntries(await Promise.all(entries)) as Config
}

/** The names of the options that the flags or the environment give. */
export const givenNames = (
  flags: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): OptionName[] => optionNames.filter((name) => flags[name] !== undefined || env[variableOf(name)])

interface OptionSource {
  value: unknown
  /** Where it was given, as a person would look for it. */
  origin: string
}

async function parseOption(name: OptionName, source: OptionSource | undefined): Promise<unknown> {
  const { schema, accepts } = optionOf(name)
  if (source === undefined)
    return defaultOf(name).catch(({ message }: Error) => {
      throw new UsageError(message)
    })
  const result = schema().safeParse(source.value)
  if (result.success) return result.data
  throw new UsageError(`${source.origin}: ${JSON.stringify(source.value)} is not accepted. Give ${accepts}.`)
}

async function readConfigFile(fileName: string): Promise<Json> {
  const refuse = (why: string) => new UsageError(`${flagOf('config')}: ${why}`)
  const content = await readRegularFile(fileName).catch((error: NodeJS.ErrnoException) => {
    throw refuse(`cannot read ${fileName} (${error.code ?? error.message}).`)
  })
  const parsed = parseJson(content)
  if (parsed === undefined) {
    const { jsonProblem } = await import('../text/json-problem.ts')
    throw refuse(`${fileName} is not JSON (${jsonProblem(content) ?? 'it cannot be read'}).`)
  }
  if (!isObject(parsed)) throw refuse(`${fileName} is not a JSON object, such as {"readOnly": true}.`)
  const unknown = Object.keys(parsed).filter((name) => !Object.hasOwn(options, name))
  if (unknown.length === 0) return parsed
  const names = unknown.map((name) => withSuggestion(name, optionNames)).join(', ')
  throw refuse(`${fileName} has unknown options: ${names}. Known: ${optionNames.join(', ')}.`)
}

/** The text without a byte order mark. Anything but a file is refused, because reading a pipe may never end. */
async function readRegularFile(fileName: string): Promise<string> {
  if (!(await stat(fileName)).isFile()) throw new Error('it is not a file')
  return (await readFile(fileName, 'utf8')).replace(/^\uFEFF/, '')
}

/** A slip in the name of a variable such as `KUSTOMER_MCP_READ_ONLY` must not pass as if nothing were set. */
function refuseUnknownVariables(env: Record<string, string | undefined>): void {
  const prefix = variableOf('')
  const known = optionNames.map(variableOf)
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith(prefix) && env[name] && !known.includes(name),
  )
  if (unknown.length === 0) return
  const names = unknown.map((name) => {
    // Every name shares the prefix, so only what comes after it can tell them apart.
    const meant = suggest(name.slice(prefix.length), optionNames)
    return meant === undefined ? name : `${name} (did you mean ${variableOf(meant)}?)`
  })
  throw new UsageError(
    `the environment has unknown options: ${names.join(', ')}. Known: ${known.join(', ')}.`,
  )
}
