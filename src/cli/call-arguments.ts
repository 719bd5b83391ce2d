import { UsageError } from '../errors.ts'
import { isObject } from '../json.ts'

export interface GivenArguments {
  /** The arguments as JSON, or `-` for JSON on stdin. */
  text: string | undefined
  /** Arguments as `name=value`; they come on top of the JSON. */
  pairs: readonly string[]
}

/**
 * Takes what was typed and what reads stdin, and returns the arguments of the call; values of pairs stay text, which
 * the tool's schema turns into what it wants. Throws UsageError that says where the JSON is wrong.
 */
export async function argumentsOf(
  { text, pairs }: GivenArguments,
  readStdin: () => Promise<string>,
): Promise<Record<string, unknown>> {
  const json = text === '-' ? await readStdin() : (text ?? '{}')
  const parsed = await parse(json.replace(/^\uFEFF/, ''))
  if (!isObject(parsed)) throw new UsageError('The arguments must be a JSON object, such as {"pageSize": 5}.')
  return { ...parsed, ...Object.fromEntries(pairs.map(pair)) }
}

function pair(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new UsageError(`--arg: ${JSON.stringify(text)} is not accepted. Give name=value.`)
  return [name, value]
}

async function parse(json: string): Promise<unknown> {
  try {
    return JSON.parse(json)
  } catch {
    const { jsonProblem } = await import('../text/json-problem.ts')
    throw new UsageError(`The arguments are not JSON: ${jsonProblem(json) ?? 'they cannot be read'}.`)
  }
}
