import { badRequest, type Call, type Handler, one, type Reply, target } from './call.ts'
import { newResource, type Organisation, type Resource, touch } from './resource.ts'
import { listOf } from './values.ts'

/**
 * The ids of tags given as ids or names. Records hold ids (answers of public integrations); that a body may name tags
 * and that an unknown one is a 400 is assumed.
 */
export function tagIds({ tags }: Organisation, given: unknown): string[] {
  return listOf(given).map((value) => {
    const tag = tags.find((other) => isNamed(other, value))
    if (tag === undefined) throw badRequest(`tags: there is no tag ${value}`, { field: 'tags' })
    return tag.id
  })
}

/** Adds tags by name to a conversation and makes those that do not exist. */
export const addTags: Handler = (organisation, call) => {
  const ids = namesIn(call).map((name) => {
    const known = organisation.tags.find((tag) => isNamed(tag, name))
    if (known !== undefined) return known.id
    const tag = newResource(organisation, {
      type: 'tag',
      now: call.now,
      attributes: { name },
      relationships: {},
    })
    organisation.tags.push(tag)
    return tag.id
  })
  return changeTags(organisation, call, (tags) => [...new Set([...tags, ...ids])])
}

/** Removes tags by name from a conversation; a name that it does not have changes nothing. */
export const removeTags: Handler = (organisation, call) => {
  const names = namesIn(call)
  const isRemoved = (tag: Resource) => names.some((name) => isNamed(tag, name))
  const ids = organisation.tags.filter(isRemoved).map(({ id }): unknown => id)
  return changeTags(organisation, call, (tags) => tags.filter((id) => !ids.includes(id)))
}

function changeTags(
  organisation: Organisation,
  call: Call,
  change: (tags: readonly unknown[]) => unknown[],
): Reply {
  const conversation = target(organisation, 'conversation', call)
  conversation.attributes['tags'] = change(listOf(conversation.attributes['tags']))
  touch(organisation, conversation, call.now)
  return one(conversation)
}

function namesIn({ body }: Call): string[] {
  const isName = (value: unknown) => typeof value === 'string' && value.trim() !== ''
  if (Array.isArray(body) && body.length > 0 && body.every(isName)) return body
  throw badRequest('The request body must be an array of tag names')
}

const isNamed = ({ id, attributes }: Resource, name: unknown) => id === name || attributes['name'] === name
