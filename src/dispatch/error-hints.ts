import type { Arguments } from '../catalog/coerce.ts'
import { appendHint, ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { isRecordId } from '../kustomer/references.ts'
import type { Tool } from '../tools/tool.ts'

/** The tools that find an id of each kind, best first; for the proxy, with the path to read. */
const finders: Readonly<Record<string, readonly (readonly [tool: string, path?: string])[]>> = {
  customer: [['get-customer-by-email'], ['search'], ['list-customers']],
  conversation: [['search'], ['list-customer-conversations'], ['list-conversations']],
  company: [['list-companies'], ['search']],
  user: [['list-users']],
  message: [['get-conversation-thread'], ['list-messages']],
  note: [['get-conversation-thread'], ['list-notes']],
  team: [['proxy_request', '/v1/teams']],
  tag: [['proxy_request', '/v1/tags']],
  queue: [['proxy_request', '/v1/routing/queues']],
}

/** The kind of record that an argument names. That of `id` is in the tool's name. */
const kinds: Readonly<Record<string, string>> = {
  customer: 'customer',
  conversation: 'conversation',
  company: 'company',
  assignee: 'user',
  assignedUsers: 'user',
  userMentions: 'user',
  team: 'team',
  assignedTeams: 'team',
  queue: 'queue',
}
const kindInName = /^(?:get|update|list|delete)-(customer|conversation|company|user|message|note)/

/**
 * Adds how to find the right id, where one is missing, was not found, or has the form of something else. Ids are judged
 * only after the call failed, since the service may take what is not known here.
 */
export function addIdHints(
  error: ToolError,
  tool: Tool,
  given: Arguments,
  listed: readonly string[],
): ToolError {
  const { reason, message } = error
  const advice = adviceFor(error, tool, given, listed)
  if (advice !== undefined) return new ToolError(reason, message, { ...error, advice })
  if (reason !== 'invalid-input' && reason !== 'not-found') return error
  const isRun = tool.name === 'run-action'
  const args = isRun && isObject(given['input']) ? given['input'] : given
  const { action } = given
  const handle = isRun && typeof action === 'string' ? action : tool.name
  const required = isRun ? [] : (tool.inputSchema.required ?? [])
  // A message that names a tool has the better hint already.
  if (listed.some((name) => name !== tool.name && message.includes(name))) return error
  const names = [...new Set([...required, ...Object.keys(args)])].filter((name) => kindOf(name, handle))
  const sentences = names.flatMap((name) => {
    const kind = kindOf(name, handle) ?? ''
    const values = [args[name]].flat()
    const finder = findersOf(kind, listed)
    const takesNames = !(kind === 'message' || kind === 'note') && (!isRun || listed.includes(handle))
    const [shape] = takesNames ? [] : values.flatMap((value) => shapeOf(value, kind, listed))
    if (shape !== undefined) return [`\`${name}\` ${shape}`, ...(shape.includes('takes') ? [] : [finder])]
    const isMeant = args[name] === undefined || reason === 'not-found' || message.includes(`\`${name}`)
    return isMeant && finder !== '' ? [`\`${name}\` is the id of a ${kind}.`, finder] : []
  })
  if (sentences.length === 0) return error
  return appendHint(error, [...new Set(sentences)].filter(Boolean).join(' '))
}

/** Advice that fits the call better than that of the reason. */
function adviceFor(
  { reason, status }: ToolError,
  { name, endpoint }: Tool,
  { method, path, action }: Arguments,
  listed: readonly string[],
): string | undefined {
  if (status === 501) return 'Nothing was done. Use another tool or path; the same call will fail again.'
  const creates =
    endpoint?.method === 'POST' ||
    (method === 'POST' && typeof path === 'string' && createPath.test(path)) ||
    (typeof action === 'string' && /^create-/.test(action))
  if (reason === 'conflict' && creates) {
    const made = [path, action, name].find((text) => typeof text === 'string') ?? name
    const finder = findersOf(kindAtEnd(String(made)), listed) || 'Find it with a list or search tool.'
    return `The record exists already, so nothing was created. ${finder} Do not create it again.`
  }
  if (reason === 'not-found' && name === 'get-customer-by-email')
    return 'No customer has this address as their own. Look for a shared address, a name or a phone number with search, or create the customer.'
  if (reason === 'not-found' && name === 'proxy_request')
    return 'Check the path and each id in it with a list or search tool. Do not retry unchanged.'
  return undefined
}

const kindOf = (argument: string, handle: string): string | undefined =>
  argument === 'id'
    ? kindInName.exec(handle)?.[1]
    : Object.hasOwn(kinds, argument)
      ? kinds[argument]
      : undefined

/** A collection, or what a record holds. A POST elsewhere, such as `/merge` or `/tags` of a record, changes what is there. */
const createPath = /^\/?v\d+\/[\w-]+\/?(?:\?.*)?$|\/(?:messages|notes|drafts)(?:\/[\w-]+)?\/?(?:\?.*)?$/

/** The kind of record that a path or the name of a create ends with. */
const kindAtEnd = (text: string): string =>
  /(customer|company|conversation|message|note|user|team|tag|queue)s?\/?(?:\?.*)?$/.exec(
    text.replace('companies', 'company'),
  )?.[1] ?? ''

function findersOf(kind: string, listed: readonly string[]): string {
  const ways = (finders[kind] ?? [])
    .filter(([tool]) => listed.includes(tool))
    .map(([tool, path]) => (path === undefined ? tool : `${tool} with GET ${path}`))
  return ways.length === 0 ? '' : `Find it with ${ways.join(' or ')}.`
}

/** Says what a value is instead of an id. The value itself is not repeated. */
function shapeOf(value: unknown, kind: string, listed: readonly string[]): string[] {
  if (typeof value !== 'string' || isRecordId(value)) return []
  if (/^https?:\/\//i.test(value) || /kustomerapp\.com\//i.test(value))
    return ['is a link: give only the 24 characters of the id in it.']
  if (/^[^\s@]+@[^\s@]+$/.test(value)) {
    const byEmail = kind === 'customer' && listed.includes('get-customer-by-email')
    return [`is an email address, not an id${byEmail ? '; get-customer-by-email takes one.' : '.'}`]
  }
  if (/^[0-9a-f]{20,28}$/i.test(value)) return ['is not a whole id: one has 24 hexadecimal characters.']
  return ['is not a Kustomer id, which has 24 hexadecimal characters.']
}
