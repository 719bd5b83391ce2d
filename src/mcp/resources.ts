import {
  ErrorCode,
  type ReadResourceResult,
  type Resource,
  type ResourceTemplate,
} from '@modelcontextprotocol/sdk/types.js'
import type { CallResult } from '../dispatch/dispatcher.ts'
import { formatForAgent } from '../response/envelope.ts'
import { singleLine } from '../text/quote.ts'
import type { Tool } from '../tools/tool.ts'
import { protocolError } from './protocol-error.ts'

/** A resource: what a reading tool answers, by address. Adding one is one entry. */
interface ResourceEntry {
  /** What follows the scheme; names in braces stand for one segment each, and are the tool's arguments. */
  path: string
  name: string
  title: string
  description: string
  /** The tools that can read it, the best first. */
  tools: readonly string[]
}

const scheme = 'kustomer://'
const mimeType = 'application/json'
/** MCP's code for a resource that is not there. */
const notFound = -32002

const entries: readonly ResourceEntry[] = [
  {
    path: 'status',
    name: 'status',
    title: 'Connection status',
    description:
      'Whether the Membrane CLI, the sign-in and the Kustomer connection work, and what is missing.',
    tools: ['connection-status'],
  },
  {
    path: 'customers/{id}',
    name: 'customer',
    title: 'Customer',
    description: 'One customer: names, contact data, company, tags, custom attributes.',
    tools: ['get-customer-by-id'],
  },
  {
    path: 'conversations/{id}',
    name: 'conversation',
    title: 'Conversation',
    description: 'One conversation, with its messages and notes in time order where they can be read.',
    tools: ['get-conversation-thread', 'get-conversation-by-id'],
  },
  {
    path: 'companies/{id}',
    name: 'company',
    title: 'Company',
    description: 'One company: names, domains, contact data, tags, custom attributes.',
    tools: ['get-company-by-id'],
  },
  {
    path: 'results/{id}/{page}',
    name: 'result',
    title: 'Rest of an answer',
    description: 'A page of an answer that was cut: its notice names the id and how many pages there are.',
    tools: ['read-result'],
  },
]

const isTemplate = ({ path }: ResourceEntry) => path.includes('{')
const addressOf = ({ path }: ResourceEntry) => `${scheme}${path}`

/** The tool that reads a resource here: none where the policy refuses all that could. */
const readerOf = ({ tools: names }: ResourceEntry, listed: readonly Tool[]) =>
  names
    .map((name) => listed.find((tool) => tool.name === name))
    .find((tool) => tool?.annotations.readOnlyHint === true)

/** The resources without parameters. */
export const listResources = (listed: readonly Tool[]): Resource[] =>
  entries
    .filter((entry) => !isTemplate(entry) && readerOf(entry, listed) !== undefined)
    .map((entry) => ({ uri: addressOf(entry), ...wordsOf(entry) }))

/** The resources of single records. */
export const listTemplates = (listed: readonly Tool[]): ResourceTemplate[] =>
  entries
    .filter((entry) => isTemplate(entry) && readerOf(entry, listed) !== undefined)
    .map((entry) => ({ uriTemplate: addressOf(entry), ...wordsOf(entry) }))

const wordsOf = ({ name, title, description }: ResourceEntry) => ({ name, title, description, mimeType })

/**
 * Reads a resource by calling its tool. Throws a protocol error: -32002 where there is no such resource or record, -32603
 * with the reason for any other failure.
 */
export async function readResource(
  uri: string,
  listed: readonly Tool[],
  call: (tool: Tool, args: Record<string, unknown>) => Promise<CallResult>,
): Promise<ReadResourceResult> {
  const found = matching(uri)
  if (found === undefined) {
    const known = entries.map(addressOf).join(', ')
    throw protocolError(
      notFound,
      `There is no resource ${JSON.stringify(singleLine(uri, 200))}. Known: ${known}.`,
    )
  }
  const tool = readerOf(found.entry, listed)
  if (tool === undefined) {
    const message = `refused-by-policy: ${addressOf(found.entry)} is not offered, since its tool is not.`
    throw protocolError(notFound, message, { reason: 'refused-by-policy' })
  }
  const result = await call(tool, found.args)
  if ('error' in result) {
    const { reason } = result.error
    const code = reason === 'not-found' ? notFound : ErrorCode.InternalError
    throw protocolError(code, formatForAgent(result.error), { reason })
  }
  return { contents: [{ uri, mimeType, text: JSON.stringify(result.envelope) }] }
}

function matching(uri: string): { entry: ResourceEntry; args: Record<string, string> } | undefined {
  const segments = uri.split('/')
  for (const entry of entries) {
    const wanted = addressOf(entry).split('/')
    const pairs = wanted.map(
      (part, index) => [/^\{(\w+)\}$/.exec(part)?.[1], segments[index] ?? '', part] as const,
    )
    const args = pairs.flatMap(([name, segment]) =>
      name === undefined ? [] : [[name, decoded(segment)] as const],
    )
    const fits = pairs.every(([name, segment, part]) =>
      name === undefined ? segment === part : decoded(segment),
    )
    if (fits && segments.length === wanted.length)
      return { entry, args: Object.fromEntries(args) as Record<string, string> }
  }
  return undefined
}

/** One path segment, decoded: no part of an address may reach past it. */
function decoded(segment: string): string | undefined {
  try {
    const id = decodeURIComponent(segment)
    return /^(?!\.+$)[\w.~@+:-]{1,128}$/.test(id) ? id : undefined
  } catch {
    return undefined
  }
}
