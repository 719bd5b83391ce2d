import { UsageError } from '../errors.ts'
import { suggest } from '../text/suggest.ts'

/** The error for a name that does not exist, with the nearest one that does. */
export function unknownName(
  kind: string,
  name: string,
  known: readonly string[],
  advice: string,
): UsageError {
  const suggestion = suggest(name, known)
  const hint = suggestion === undefined ? '' : ` Did you mean ${suggestion}?`
  return new UsageError(`there is no ${kind} ${JSON.stringify(name)}.${hint} ${advice}`)
}
