import { appendHint, ToolError } from '../errors.ts'
import { singleLine } from '../text/quote.ts'
import { unknownArguments } from './arguments.ts'
import type { Arguments } from './coerce.ts'
import { formOf } from './form.ts'
import type { ObjectSchema } from './schema.ts'

/** Adds to an upstream `invalid-input` error what the arguments it names take, and which names are unknown. */
export function explainUpstream(error: unknown, args: Arguments, schema: ObjectSchema): unknown {
  if (!(error instanceof ToolError) || error.reason !== 'invalid-input') return error
  const named = argumentsNamed(error.message, Object.keys(schema.properties))
  const sentences = [
    ...named.slice(0, 3).map((name) => `\`${name}\` takes ${formOf(schema.properties[name] ?? {})}.`),
    ...unknownArguments(args, schema)
      .slice(0, 3)
      .map(({ name, meant }) =>
        meant === undefined
          ? `\`${singleLine(name, 64)}\` is not among the arguments known of this action.`
          : `\`${singleLine(name, 64)}\` is not known of this action; the nearest is \`${meant}\`.`,
      ),
  ]
  return sentences.length === 0 ? error : appendHint(error, sentences.join(' '))
}

/** Finds argument names in the forms of Kustomer's and Membrane's messages: after "at", in quotes, before a colon. */
export function argumentsNamed(message: string, known: readonly string[]): string[] {
  const quoted = /\u201c(.*)\u201d/s.exec(message)?.[1] ?? ''
  const places = quoted.matchAll(
    /(?:\bat )([\w./[\]-]+)|["'`]([\w./[\]-]{1,128})["'`]|(?:^|[\s;])([\w.[\]]{1,128}):/g,
  )
  const names = [...places].map(([, after, inQuotes, beforeColon]) => {
    const segments = (after ?? inQuotes ?? beforeColon ?? '').split(/[./[\]]+/).filter(Boolean)
    return segments.find((segment) => known.includes(segment))
  })
  return [...new Set(names.filter((name) => name !== undefined))]
}
