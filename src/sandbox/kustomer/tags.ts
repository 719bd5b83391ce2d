import { badRequest, type Call, idOf, need, one, type Reply } from './call.ts'
import { byId, pageOf } from './list.ts'
import { listOf, newResource, type Organisation, type Resource, touch } from './resource.ts'

/** GET /v1/tags. */
export const listTags = ({ tags }: Organisation, call: Call): Reply => pageOf(byId(tags, call), call)

/**
 * Takes tag ids or names and returns the ids. Stored tags are ids (recorded answers of public integrations); that a
 * body may name them and that an unknown one is a 400 is assumed.
 */
export function tagIds({ tags }: Organisation, given: unknown): string[] {
  return listOf(given).map((value) => {
    const tag = tags.find(({ id, attributes }) => id === value || attributes['name'] === value)
    if (tag === undefined) throw badRequest(`tags: there is no tag ${value}`, { field: 'tags' })
    return tag.id
  })
}

/** POST /v1/conversations/{id}/tags: a list of names is added to those there are; a name without a tag makes one. */
export function addTags(organisation: Organisation, call: Call): Reply {
  const conversation = need(organisation.conversations, idOf(call), 'conversation')
  const ids = namesIn(call).map((name) => {
    const known = organisation.tags.find((tag) => isNamed(tag, name))
    if (known !== undefined) return known.id
    const attributes = { name, color: '#4B7BEC' }
    const tag = newResource(organisation, { type: 'tag', now: call.now, attributes, relationships: {} })
    organisation.tags.push(tag)
    return tag.id
  })
  return replaceTags(organisation, call, conversation, [
    ...new Set([...listOf(conversation.attributes['tags']), ...ids]),
  ])
}

/** DELETE /v1/conversations/{id}/tags: a list of names is taken off; a name that is not there changes nothing. */
export function removeTags(organisation: Organisation, call: Call): Reply {
  const conversation = need(organisation.conversations, idOf(call), 'conversation')
  const names = namesIn(call)
  const removed = new Set(
    organisation.tags.filter((tag) => names.some((name) => isNamed(tag, name))).map(({ id }) => id),
  )
  const kept = listOf(conversation.attributes['tags']).filter((id) => !removed.has(String(id)))
  return replaceTags(organisation, call, conversation, kept)
}

function replaceTags(
  organisation: Organisation,
  call: Call,
  conversation: Resource,
  tags: readonly unknown[],
): Reply {
  conversation.attributes['tags'] = tags
  touch(organisation, conversation, call.now)
  return one(conversation)
}

function namesIn({ body }: Call): string[] {
  const isName = (value: unknown) => typeof value === 'string' && value.trim() !== ''
  if (Array.isArray(body) && body.length > 0 && body.every(isName)) return body
  throw badRequest('The request body must be an array of tag names')
}

const isNamed = ({ id, attributes }: Resource, name: string) => id === name || attributes['name'] === name
