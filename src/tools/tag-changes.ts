import type { Arguments } from '../catalog/coerce.ts'
import type { ObjectSchema } from '../catalog/schema.ts'
import type { NamedEntry } from '../directory/directory.ts'
import { ToolError } from '../errors.ts'
import { isObject } from '../json.ts'
import { fillPathParams } from '../kustomer/proxy-checks.ts'
import type { ClassifiedRequest } from '../membrane/app-call.ts'
import type { Membrane } from '../membrane/client.ts'
import type { ToolOutput } from '../response/envelope.ts'
import { toToolOutput } from '../response/tool-output.ts'
import { quoteUntrusted } from '../text/quote.ts'
import { classifyRequest } from './app-request.ts'
import type { ToolContext } from './tool.ts'

/** Arguments of an update that change single tags: what is not named stays, whoever else adds or removes tags. */
const requests = { addTags: 'POST', removeTags: 'DELETE' } as const
type TagArgument = keyof typeof requests

const names = Object.keys(requests) as TagArgument[]
export const tagArguments: readonly string[] = names

const list = { type: 'array', items: { type: 'string' } } as const

/** Adds the arguments to the schema of an update that has tags. */
export const withTagArguments = (schema: ObjectSchema): ObjectSchema => ({
  ...schema,
  properties: { ...schema.properties, ...Object.fromEntries(names.map((name) => [name, list])) },
})

/** One request for the tags to add, and one for those to remove. */
export interface TagChange {
  argument: TagArgument
  request: ClassifiedRequest
}

/**
 * The requests that change the tags with these ids. The API takes their names (its reference). Throws ToolError
 * `invalid-input` for an id that is no tag, and for `tags`, which replaces all, beside them.
 */
export async function tagChanges(
  path: string,
  args: Arguments,
  { directory }: Pick<ToolContext, 'directory'>,
  connectionId: string,
  signal: AbortSignal,
): Promise<TagChange[]> {
  const given = names.filter((name) => idsIn(args[name]).length > 0)
  if (given.length === 0) return []
  if (args['tags'] !== undefined)
    throw new ToolError('invalid-input', 'Give `tags`, which replaces all, or `addTags` and `removeTags`.')
  const ids = given.flatMap((name) => idsIn(args[name]))
  const both = ids.find((id, index) => ids.indexOf(id) !== index)
  if (both !== undefined)
    throw new ToolError('invalid-input', '`removeTags`: a tag can be added or removed, not both.')
  const known = await directory.current(connectionId, 'tag', new Set(ids), signal)
  return given.map((argument) => {
    const json = idsIn(args[argument]).map((id) => tagName(argument, id, known.get(id)))
    const target = fillPathParams({ id: String(args['id']) }, `${path}/tags`)
    return { argument, request: classifyRequest({ method: requests[argument], ...target, body: { json } }) }
  })
}

/** The API creates a tag of a name that it does not know, so only a name that stands for this tag alone is sent. */
function tagName(argument: string, id: string, tag: NamedEntry | undefined): string {
  if (tag === undefined || tag.deleted === true)
    throw new ToolError('invalid-input', `\`${argument}\`: no tag has the id ${quoteUntrusted(id, 40)}.`)
  if (tag.isUnique) return tag.name
  throw new ToolError(
    'invalid-input',
    `\`${argument}\`: another tag is called ${quoteUntrusted(tag.name, 80)} too, and only names can be sent. Replace all with \`tags\`. Nothing was sent.`,
  )
}

/**
 * Sends tag changes in their order, after what was done already, and returns the record as it is then. An error says what
 * was done before it.
 */
export async function changeTags(
  before: ToolOutput | undefined,
  changes: readonly TagChange[],
  { membrane, connectionId }: { membrane: Membrane; connectionId: string },
  signal: AbortSignal,
): Promise<ToolOutput> {
  let output = before
  const done = before === undefined ? [] : ['the other changes were made']
  for (const { argument, request } of changes) {
    const response = await membrane.request(connectionId, request, signal).catch((error: unknown) => {
      if (!(error instanceof ToolError) || done.length === 0) throw error
      const failed = error.message.replaceAll('Nothing was sent.', '').trim()
      const message = `\`${argument}\`: ${failed} Before that, ${done.join(' and ')}.`
      throw new ToolError(error.reason, message, { ...error, notSent: false, data: { ...error.data, done } })
    })
    done.push(`\`${argument}\` was done`)
    const answer = toToolOutput(response)
    if (isObject(answer.data) || output === undefined) output = answer
  }
  return output ?? { data: null }
}

const idsIn = (value: unknown): string[] => [
  ...new Set([value ?? []].flat().filter((id): id is string => typeof id === 'string')),
]
