import { isObject, type Json } from '../json.ts'

const maxDepth = 6
const maxCauses = 10
const nested = ['errors', 'error', 'details', 'issues', 'causes', 'data', 'body'] as const

/** What an error body says of its cause: texts at any depth, each with the place it names. */
export function causesIn(body: unknown, depth = 0): string[] {
  if (typeof body === 'string') return isMarkup(body) || body.trim() === '' ? [] : [body]
  if (depth > maxDepth) return []
  if (Array.isArray(body))
    return body
      .slice(0, maxCauses)
      .flatMap((each) => causesIn(each, depth + 1))
      .slice(0, maxCauses)
  if (!isObject(body)) return []
  const deeper = nested.flatMap((name) => within(body[name], name, depth + 1))
  const own = ownText(body, deeper.length > 0)
  return own === undefined ? deeper : [deeper.length === 0 ? own : `${own}: ${deeper.join('; ')}`]
}

/** `errors: { email: ["is taken"] }` names its places by its members. */
function within(value: unknown, name: string, depth: number): string[] {
  const isMap = name === 'errors' && isObject(value) && ownText(value, true) === undefined
  if (!isMap) return isPlainText(value, name) ? [] : causesIn(value, depth)
  return Object.entries(value)
    .slice(0, maxCauses)
    .flatMap(([place, cause]) => causesIn(cause, depth).map((text) => `${place}: ${text}`))
}

/** Text under `data` or `body` may be anything, such as an echo of what was sent. */
const isPlainText = (value: unknown, name: string) =>
  typeof value === 'string' && (name === 'data' || name === 'body')

function ownText(cause: Json, hasDeeper: boolean): string | undefined {
  const { message, msg, title, detail, description, error_description, reason, code, source, path, field } =
    cause
  const texts = [message, msg, title, detail, description, error_description, reason]
  const known = [...new Set(texts.filter((text) => typeof text === 'string' && text.trim() !== ''))]
  const text = known.length > 0 ? known.join(': ') : hasDeeper ? undefined : code
  if (typeof text !== 'string') return undefined
  const { pointer, parameter } = isObject(source) ? source : {}
  const place = [pointer, parameter, path, field].find((part) => typeof part === 'string')
  return place === undefined ? text : `${text} (at ${place})`
}

const isMarkup = (text: string) => /^\s*</.test(text)
