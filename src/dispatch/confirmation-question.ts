import { isObject, type Json } from '../json.ts'
import { isRecordId } from '../kustomer/references.ts'
import { quoteUntrusted, singleLine } from '../text/quote.ts'
import type { JudgedCall } from './pipeline.ts'
import { recordIdsIn } from './record-ids.ts'

/** Arguments that hold what a customer or a colleague would read. */
const textNames = ['body', 'preview', 'text', 'rawBody']
/** Arguments that say what is done and to whom, in the order in which a person needs them. */
const leading = [
  'method',
  'path',
  'action',
  'to',
  'subject',
  'name',
  'status',
  'channel',
  'direction',
  'sendAt',
]
const maxText = 160
const maxArgument = 200
const maxNamed = 20
const maxName = 160
/** Without the ids, of which there are at most twenty. */
const maxQuestion = 1000

/**
 * The question of a confirmation, in one paragraph: clients show as little as three rows of it. The text to be sent comes
 * first, then what is done and to whom, then the rest, then the ids.
 */
export function confirmationQuestion({ tool, args, prepared }: JudgedCall): string {
  const members = flatten(prepared.given ?? args)
  const text = textNames
    .map((name) => members[name])
    .find((value) => typeof value === 'string' && value !== '')
  const remaining = Object.keys(members).filter(
    (name) => members[name] !== text && !isRecordId(members[name]),
  )
  const ordered = [
    ...leading.filter((name) => remaining.includes(name)),
    ...remaining.filter((name) => !leading.includes(name)),
  ]
  const facts = ordered.map((name) => `${singleLine(name, 64)} ${shown(members[name])}`)
  const question = [
    text === undefined ? '' : `“${singleLine(text as string, maxText).replace(/[\u201c\u201d]/g, '"')}”`,
    `${tool.title} (${prepared.risk})${facts.length > 0 ? `: ${facts.join(', ')}` : ''}.`,
  ]
    .filter(Boolean)
    .join(' ')
  const cut =
    question.length > maxQuestion
      ? `${question.slice(0, maxQuestion)}… (${question.length - maxQuestion} more characters).`
      : question
  const { resolved = [] } = prepared
  const named = resolved
    .slice(0, maxNamed)
    .map(({ argument, id, given, name }) => `${argument} ${id} (${quoteUntrusted(name || given, maxName)})`)
  const others = recordIdsIn(args).filter((id) => resolved.every((reference) => reference.id !== id))
  return `${cut} Records: ${[...named, ...others].join(', ') || 'none named'}.`
}

/** The members of `input` and `body` count as arguments of the call. */
function flatten(args: Json): Json {
  const { input, body, ...rest } = args
  return {
    ...rest,
    ...(isObject(input) ? input : {}),
    ...(isObject(body) ? body : body === undefined ? {} : { body }),
  }
}

const shown = (value: unknown) =>
  singleLine(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''), maxArgument)
