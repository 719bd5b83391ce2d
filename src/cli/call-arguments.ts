import type { ParseError } from 'jsonc-parser'
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

/** Takes a name such as `CloseBraceExpected` and returns its words. */
const inWords = (name: string) => name.replace(/\B[A-Z]/g, ' $&').toLowerCase()

async function parse(json: string): Promise<unknown> {
  try {
    return JSON.parse(json)
  } catch {
    const { parseTree, printParseErrorCode } = await import('jsonc-parser')
    const errors: ParseError[] = []
    parseTree(json, errors, { disallowComments: true })
    const { offset, error } = errors[0] ?? { offset: json.length, error: 0 }
    const before = json.slice(0, offset).split('\n')
    const place = `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`
    const rest = json.slice(offset, offset + 20)
    const found = rest === '' ? 'where it ends' : `at ${JSON.stringify(rest)}`
    const what = error === 0 ? '' : ` (${inWords(printParseErrorCode(error))})`
    throw new UsageError(`The arguments are not JSON: ${place}, ${found}${what}.`)
  }
}
