import type { Arguments } from '../catalog/arguments.ts'
import { appendHint, type ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import type { Tool } from '../tools/tool.ts'

/** What an id stands for, and which tools find one, the best first; for the proxy, with the path to read. */
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

/** Arguments that take ids. What `id` stands for is in the tool's name. */
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
 * Takes a Failure, the tool and the arguments of the call, and the names of the tools that are offered, and returns the
 * Failure with what helps to find the right id, where one is missing, was not found, or has the form of something else.
 * Ids are judged only after the call failed, since the service may take what is not known here. Pure.
 */
export function taught(
  failure: ToolError,
  tool: Tool,
  given: Arguments,
  offered: readonly string[],
): ToolError {
  if (failure.reason !== 'invalid-input' && failure.reason !== 'not-found') return failure
  const isRun = tool.name === 'run-action'
  const args = isRun && isObject(given['input']) ? given['input'] : given
  const { action } = given
  const handle = isRun && typeof action === 'string' ? action : tool.name
  const required = isRun ? [] : (tool.inputSchema.required ?? [])
  // A tool that says itself where to look has said it better.
  if (offered.some((name) => name !== tool.name && failure.message.includes(name))) return failure
  const names = [...new Set([...required, ...Object.keys(args)])].filter((name) => kindOf(name, handle))
  const sentences = names.flatMap((name) => {
    const kind = kindOf(name, handle) ?? ''
    const values = [args[name]].flat()
    const found = findersOf(kind, offered)
    const [shape] = values.flatMap((value) => shapeOf(value, kind, offered))
    if (shape !== undefined) return [`\`${name}\` ${shape}`, ...(shape.includes('takes') ? [] : [found])]
    const isMeant = args[name] === undefined || failure.reason === 'not-found' || isNamed(failure, name)
    return isMeant && found !== '' ? [`\`${name}\` is the id of a ${kind}.`, found] : []
  })
  return sentences.length === 0
    ? failure
    : appendHint(failure, [...new Set(sentences)].filter(Boolean).join(' '))
}

const kindOf = (argument: string, handle: string): string | undefined =>
  argument === 'id'
    ? kindInName.exec(handle)?.[1]
    : Object.hasOwn(kinds, argument)
      ? kinds[argument]
      : undefined

const isNamed = ({ message }: ToolError, name: string) => message.includes(`\`${name}`)

function findersOf(kind: string, offered: readonly string[]): string {
  const ways = (finders[kind] ?? [])
    .filter(([tool]) => offered.includes(tool))
    .map(([tool, path]) => (path === undefined ? tool : `${tool} with GET ${path}`))
  return ways.length === 0 ? '' : `Find it with ${ways.join(' or ')}.`
}

/** What stands in place of an id, and what to give instead; the value itself is not repeated. */
function shapeOf(value: unknown, kind: string, offered: readonly string[]): string[] {
  if (typeof value !== 'string' || /^[0-9a-f]{24}$/i.test(value)) return []
  if (/^https?:\/\//i.test(value) || /kustomerapp\.com\//i.test(value))
    return ['is a link: give only the 24 characters of the id in it.']
  if (/^[^\s@]+@[^\s@]+$/.test(value)) {
    const byEmail = kind === 'customer' && offered.includes('get-customer-by-email')
    return [`is an email address, not an id${byEmail ? '; get-customer-by-email takes one.' : '.'}`]
  }
  if (/^[0-9a-f]{20,28}$/i.test(value)) return ['is not a whole id: one has 24 hexadecimal characters.']
  return ['is not a Kustomer id, which has 24 hexadecimal characters.']
}
