import { UsageError } from '../errors.ts'
import { isObject } from '../json.ts'

export interface TypedArguments {
  /** The arguments as JSON, or `-` for JSON on stdin. */
  text: string | undefined
  /** Arguments as `name=value`, which override the JSON. */
  pairs: readonly string[]
}

/**
 * The arguments of a call. Values of pairs stay text, which the tool's schema converts. Throws UsageError that says where
 * the JSON is wrong.
 */
export async function parseArguments(
  { text, pairs }: TypedArguments,
  readStdin: () => Promise<string>,
): Promise<Record<string, unknown>> {
  const json = text === '-' ? await readStdin() : (text ?? '{}')
  const parsed = await parseJson(json.replace(/^\uFEFF/, ''))
  if (!isObject(parsed)) throw new UsageError('The arguments must be a JSON object, such as {"pageSize": 5}.')
  return { ...parsed, ...Object.fromEntries(pairs.map(parsePair)) }
}

function parsePair(text: string): [string, string] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? []
  if (name === undefined || value === undefined)
    throw new UsageError(`--arg: ${JSON.stringify(text)} is not accepted. Give name=value.`)
  return [name, value]
}

async function parseJson(json: string): Promise<unknown> {
  try {
    return JSON.parse(json)
  } catch {
    const { jsonProblem } = await import('../text/json-problem.ts')
    throw new UsageError(`The arguments are not JSON: ${jsonProblem(json) ?? 'they cannot be read'}.`)
  }
}
