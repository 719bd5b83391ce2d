import { isObject, parseJson } from '../../../json.ts'
import { looksLikeError } from '../../../membrane/answer-forms.ts'
import { createReplacer, type Replacer } from './replacer.ts'
import { helpWords, memberNamesKept, pathWords, plainWords, wholeTexts } from './vocabulary.ts'

/** Replaces everything that may be private, and keeps the shape. */
export interface Disguise {
  argv(args: readonly string[]): string[]
  /** A stream of a command. */
  output(text: string, args: readonly string[]): string
}

/** Numbers that say how an answer is made. */
const shapeNumbers =
  /^(status|statusCode|page|pageSize|limit|minLength|maxLength|minimum|maximum|minItems|maxItems|minProperties|maxProperties|popularity|retryAttempts)$/
/** Below these names there are values of the account. */
const accountNames = /^(attributes|custom|input)$/
/** The hosts of the two vendors, without the name of the organisation before them. */
const hosts =
  /(?<=https:\/\/)api\.(?:kustomerapp\.com|getmembrane\.com|integration\.app)(?![\w.-])|(?<=https:\/\/[\w-]{1,63})\.api\.kustomerapp\.com(?![\w.-])/
const paging = /(?<=[?&"]|^)(?:page|pageSize|limit)=\d{1,4}(?=[&"#:]|$)/
const status = /(?:40[013489]|41[03]|42[29]|50[0-4])/.source
/** A status stands at the end of a line, or after a word that says so. */
const statuses = new RegExp(`(?<=: )${status}(?=\\s*$)|(?<=\\b(?:status|code):? )${status}\\b`)
/** Of words with a capital, those that begin a sentence, and are too long to be a name such as Will or Page. */
const firstWords = new RegExp(
  `(?<=^|[.!?:\\p{So}] | {2})(?:${[...helpWords].filter(isLong).map(capitalised).join('|')}|You|Too)(?![\\p{L}\\p{M}\\p{N}])`,
  'u',
)
const saidByCli = new RegExp(
  [hosts, paging, statuses, firstWords].map(({ source }) => source).join('|'),
  'gmu',
)
const flagNames = /<[a-zA-Z-]{1,30}>|(?<![\w-])--[a-z][a-zA-Z-]{1,30}(?![\w-])/g
const commandNames = new RegExp(`${flagNames.source}|^ {1,8}(?:membrane )?[a-z][a-z-]{1,20}(?= |$)`, 'g')
/** Longer text without JSON is cut. */
const maxTextLength = 200_000
/** The dates of headers: known text, so they are replaced as one unit. */
const httpDate = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/
const messageNames = /^(message|error|title|detail)$/
const typedSuffix = /(?:Str|Num|At|Bool|Txt|Tree|Strs|Nums|Ats)$/
const maxDepth = 200

export function createDisguise(replacer: Replacer = createReplacer()): Disguise {
  const hide = (text: string) => replacer.replace(text)
  const whole = (text: string) => (wholeTexts.has(text) ? text : hide(text))
  const sentence = (text: string, words = plainWords) =>
    keeping(text, saidByCli, (part) => replacer.replace(part, (word) => words.has(word)))
  const path = (text: string) =>
    keeping(text, new RegExp(`${hosts.source}|${paging.source}`, 'g'), (part) =>
      replacer.replace(part, (word) => pathWords.has(word)),
    )

  function text(value: string, name: string, isError: boolean, place: Place): string {
    if (name === 'pattern' && !wholeTexts.has(value)) return '^.*$'
    if (wholeTexts.has(value)) return value
    if (httpDate.test(value) && Number.isFinite(Date.parse(value)))
      return new Date(hide(new Date(value).toISOString())).toUTCString()
    const inner = /^\s*[[{]/.test(value) ? parseJson(value) : undefined
    if (typeof inner === 'object') return JSON.stringify(json(inner, isError, place))
    if (/^(?:\/|https?:\/\/)/.test(value)) return path(value)
    return isError && messageNames.test(name) ? sentence(value) : hide(value)
  }

  function number(value: number, name: string, place: Place): number {
    const [least, most] = name.startsWith('status') ? [100, 599] : [0, 9999]
    const isShape = place !== 'account' && shapeNumbers.test(name) && Number.isInteger(value)
    if (isShape && value >= least && value <= most) return value
    const hidden = Number(hide(String(value)))
    return Number.isFinite(hidden) ? hidden : 0
  }

  /** A suffix that names the type of a custom attribute stays. */
  function member(name: string): string {
    if (memberNamesKept.has(name)) return name
    const suffix = typedSuffix.exec(name)?.[0] ?? ''
    return `${hide(name.slice(0, name.length - suffix.length))}${suffix}`
  }

  function json(value: unknown, isError: boolean, place: Place = 'answer', name = '', depth = 0): unknown {
    if (typeof value === 'string') return text(value, name, isError, place)
    if (typeof value === 'number') return number(value, name, place)
    if (typeof value !== 'object' || value === null) return value
    if (depth > maxDepth) return null
    if (Array.isArray(value)) return value.map((item) => json(item, isError, place, '', depth + 1))
    return Object.fromEntries(
      Object.entries(value).map(([own, inner]) => [
        member(own),
        json(inner, isError, placeBelow(own, place), own, depth + 1),
      ]),
    )
  }

  /** The document with its layout. */
  function document(source: string): string | undefined {
    const parsed = /^[[{]/.test(source) ? parseJson(source) : undefined
    if (typeof parsed !== 'object' || parsed === null) return undefined
    const indent = JSON.stringify(parsed, undefined, 2) === source ? 2 : source.includes('\n') ? 1 : undefined
    return JSON.stringify(json(parsed, isObject(parsed) && looksLikeError(parsed)), undefined, indent)
  }

  function output(source: string, args: readonly string[]): string {
    if (args.includes('--help')) return helpText(source.slice(0, maxTextLength))
    if (args.includes('--version'))
      return keeping(source, /(?<![\d.])\d{1,3}\.\d{1,3}\.\d{1,3}(?![\d.])/g, (part) => sentence(part))
    const { before, inner, after } = partsOf(source)
    const made = document(inner)
    return made === undefined
      ? sayings(source.slice(0, maxTextLength))
      : `${sayings(before)}${made}${sayings(after)}`
  }

  /** Text that keeps its colours. */
  const sayings = (source: string) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes are made of control characters
    keeping(source, /\u001B\[[0-9;]{0,16}m/g, (part) => sentence(part))

  /** Help keeps its flags, and in its lists of commands the names at the start of a line. */
  function helpText(source: string): string {
    let isList = false
    const hideLine = (line: string) => {
      if (/^\S/.test(line)) isList = /^(?:usage|[\w ]*commands)\b.*:/i.test(line)
      const names = isList ? commandNames : flagNames
      return keeping(line, names, (part) => sentence(part, helpWords))
    }
    return source.split('\n').map(hideLine).join('\n')
  }

  function argument(arg: string): string {
    const [, name, value] = /^--(\w+)=([\s\S]*)$/.exec(arg) ?? []
    if (name === undefined || value === undefined)
      return /^--(?:json|help|version|wait|rawData)$/.test(arg) || isCommand(arg) ? arg : positional(arg)
    if (name === 'noSuchFlag') return arg
    if (/^(limit|timeout)$/.test(name) && /^\d{1,4}$/.test(value)) return arg
    const parsed = /^[[{]/.test(value) ? parseJson(value) : undefined
    if (typeof parsed === 'object' && parsed !== null)
      return `--${name}=${JSON.stringify(json(parsed, false))}`
    const [, own, rest] = /^(\w+)(=|: )/.exec(value) ?? []
    if (own === undefined || rest === undefined) return `--${name}=${whole(value)}`
    const inner = value.slice(own.length + rest.length)
    const isShape = name === 'query' && shapeNumbers.test(own) && /^\d{1,4}$/.test(inner)
    return `--${name}=${member(own)}${rest}${isShape ? inner : whole(inner)}`
  }

  const positional = (arg: string) => (arg.startsWith('/') ? path(arg) : whole(arg))

  return { argv: (args) => args.map(argument), output }
}

/** Where a value stands: in a schema, among the values of the account, or elsewhere. */
type Place = 'answer' | 'schema' | 'account'

function placeBelow(name: string, place: Place): Place {
  if (place !== 'answer') return place
  if (accountNames.test(name)) return 'account'
  return /^\w*[sS]chema$/.test(name) ? 'schema' : 'answer'
}

function isLong(word: string): boolean {
  return /^[a-z]{5,}$/.test(word)
}

function capitalised(word: string): string {
  return `${word.charAt(0).toUpperCase()}${word.slice(1)}`
}

const isCommand = (arg: string) =>
  plainWords.has(arg) || arg === 'no-such-command' || arg === 'action-run-log'

/** The last document that starts a line, and the text around it. */
function partsOf(source: string): { before: string; inner: string; after: string } {
  const end = Math.max(source.lastIndexOf('}'), source.lastIndexOf(']')) + 1
  for (const { index } of [...source.matchAll(/^[[{]/gm)].slice(0, 20)) {
    const inner = source.slice(index, end)
    if (parseJson(inner) !== undefined)
      return { before: source.slice(0, index), inner, after: source.slice(end) }
  }
  return { before: source, inner: '', after: '' }
}

/** Replaces all but what the pattern matches. */
function keeping(text: string, pattern: RegExp, replace: (part: string) => string): string {
  const kept = [...text.matchAll(pattern)].map(([match]) => match)
  return text
    .split(pattern)
    .map((part, index) => `${replace(part)}${kept[index] ?? ''}`)
    .join('')
}
