import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { UsageError } from '../errors.ts'
import { withSuggestion } from '../text/suggest.ts'
import { type Config, flagOf, type OptionName, options, variableOf } from './options.ts'

/**
 * Takes the flags as parsed and the environment, reads the config file that they name, and returns the
 * configuration: flag before environment before file before default. An empty variable counts as unset, because
 * hosts pass empty strings for settings that were left blank.
 * Throws UsageError, with a sentence for the person, for anything unknown or wrong.
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
  const fileName = parseOption('config', fromFlagsOrEnv('config')) as Config['config']
  const file = fileName === undefined ? {} : await readConfigFile(fileName)
  const fromFile = (name: OptionName): OptionSource | undefined =>
    Object.hasOwn(file, name) ? { value: file[name], origin: `"${name}" in ${fileName}` } : undefined
  const names = Object.keys(options) as OptionName[]
  return Object.fromEntries(
    names.map((name) => [name, parseOption(name, fromFlagsOrEnv(name) ?? fromFile(name))]),
  ) as Config
}

/** Takes the flags as parsed and the environment, and returns the names of the options that they give. */
export const givenNames = (
  flags: Record<string, unknown>,
  env: Readonly<Record<string, string | undefined>>,
): OptionName[] =>
  (Object.keys(options) as OptionName[]).filter((name) => flags[name] !== undefined || env[variableOf(name)])

interface OptionSource {
  value: unknown
  /** Where it was given, as a person would look for it. */
  origin: string
}

function parseOption(name: OptionName, given: OptionSource | undefined): unknown {
  const { schema, accepts, default: fallback } = options[name]
  if (given === undefined) return fallback
  const result = schema().safeParse(given.value)
  if (result.success) return result.data
  throw new UsageError(`${given.origin}: ${JSON.stringify(given.value)} is not accepted. Give ${accepts}.`)
}

async function readConfigFile(fileName: string): Promise<Record<string, unknown>> {
  const content = await readFile(fileName, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${flagOf('config')}: cannot read ${fileName} (${error.code}).`)
  })
  const parsed = z.record(z.string(), z.unknown()).safeParse(fromJson(content, fileName))
  if (!parsed.success) throw new UsageError(`${flagOf('config')}: ${fileName} is not a JSON object.`)
  const unknown = Object.keys(parsed.data).filter((name) => !Object.hasOwn(options, name))
  if (unknown.length === 0) return parsed.data
  const known = Object.keys(options)
  const names = unknown.map((name) => withSuggestion(name, known)).join(', ')
  throw new UsageError(
    `${flagOf('config')}: ${fileName} has unknown options: ${names}. Known: ${known.join(', ')}.`,
  )
}

/** Editors on Windows may write a byte order mark first. */
function fromJson(content: string, fileName: string): unknown {
  try {
    return JSON.parse(content.replace(/^\uFEFF/, ''))
  } catch {
    throw new UsageError(`${flagOf('config')}: ${fileName} is not JSON.`)
  }
}

/** A slip in the name of a variable such as `KUSTOMER_MCP_READ_ONLY` must not pass as if nothing were set. */
function refuseUnknownVariables(env: Record<string, string | undefined>): void {
  const known = Object.keys(options).map(variableOf)
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith(variableOf('')) && env[name] && !known.includes(name),
  )
  if (unknown.length === 0) return
  const names = unknown.map((name) => withSuggestion(name, known)).join(', ')
  throw new UsageError(`the environment has unknown options: ${names}. Known: ${known.join(', ')}.`)
}
