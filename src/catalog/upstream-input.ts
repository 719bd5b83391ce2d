import { appendHint, ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { singleLine } from '../text/quote.ts'
import { type Arguments, unknownArguments } from './arguments.ts'
import type { JsonSchema, ObjectSchema } from './schema.ts'

/**
 * Takes what an action failed with, its arguments and the best schema known of it, and returns an error that says more
 * where the app or Membrane found the input wrong: which argument it is about and what that takes, and which names are
 * not among those known. Anything else is returned as it came. Pure.
 */
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

/** Takes the arguments and the schema and returns a notice for each name that looks like a known one misspelt. */
export const unknownArgumentNotices = (args: Arguments, schema: ObjectSchema): string[] =>
  unknownArguments(args, schema)
    .filter(({ meant }) => meant !== undefined)
    .slice(0, 3)
    .map(
      ({ name, meant }) =>
        `The argument ${singleLine(name, 64)} is not known of this action and was passed on. If it had no effect, ${meant} was meant.`,
    )

/**
 * Takes what was said of wrong input and the names there are, and returns those it is about: as a JSON pointer or a
 * path after "at", in quotes, or before a colon. Those are the forms of Kustomer's and Membrane's messages.
 */
export function argumentsNamed(message: string, known: readonly string[]): string[] {
  const said = /“(.*)”/s.exec(message)?.[1] ?? ''
  const places = said.matchAll(
    /(?:\bat )([\w./[\]-]+)|["'`]([\w./[\]-]{1,128})["'`]|(?:^|[\s;])([\w.[\]]{1,128}):/g,
  )
  const names = [...places].map(([, at, quoted, headed]) => {
    const segments = (at ?? quoted ?? headed ?? '').split(/[./[\]]+/).filter(Boolean)
    return segments.find((segment) => known.includes(segment))
  })
  return [...new Set(names.filter((name) => name !== undefined))]
}

const maxChoices = 20

/** What a property takes, in words. */
function formOf({ type, enum: values, minimum, maximum, description, items }: JsonSchema): string {
  if (Array.isArray(values)) return `one of ${values.slice(0, maxChoices).join(', ')}`
  const bounds = [
    minimum === undefined ? '' : `from ${minimum}`,
    maximum === undefined ? '' : `to ${maximum}`,
  ]
  const of = isObject(items) && typeof items['type'] === 'string' ? `of ${items['type']}` : ''
  const form = [String(type ?? 'a value'), of, ...bounds].filter(Boolean).join(' ')
  return typeof description === 'string'
    ? `${form}: ${singleLine(description, 120).replace(/\.$/, '')}`
    : form
}
