import { created, type Handler, need, removed, target } from './call.ts'
import { customerOf } from './customers.ts'
import { linkTo, newResource, type Organisation, type Resource, relatedId, touch } from './resource.ts'
import { refuseTakenExternalId } from './revision.ts'
import { type Attributes, countOf, listOf, recordOf } from './values.ts'

/** The customer follows from the conversation, whose note count and last activity change. */
export const createNote: Handler = (organisation, call) => {
  const { conversation: id, userMentions, ...attributes } = recordOf(call.body)
  const conversation = need(organisation, 'conversation', id)
  refuseTakenExternalId(organisation, 'note', attributes['externalId'])
  const mentions = listOf(userMentions).map((mention) => mentioned(organisation, recordOf(mention)))
  const note = newResource(organisation, {
    type: 'note',
    now: call.now,
    attributes,
    relationships: {
      customer: linkTo('customer', customerOf(organisation, conversation).id),
      conversation: linkTo('conversation', conversation.id),
      ...(mentions.length > 0 ? { userMentions: { data: mentions } } : {}),
    },
  })
  changeCount(organisation, conversation, 1, call.now)
  return created(organisation, note)
}

export const deleteNote: Handler = (organisation, call) => {
  const note = target(organisation, 'note', call)
  changeCount(organisation, need(organisation, 'conversation', relatedId(note, 'conversation')), -1, call.now)
  return removed(organisation, note)
}

function changeCount(organisation: Organisation, conversation: Resource, by: number, now: string): void {
  const { attributes } = conversation
  attributes['noteCount'] = Math.max(0, countOf(attributes['noteCount']) + by)
  attributes['lastActivityAt'] = now
  touch(organisation, conversation, now)
}

function mentioned(organisation: Organisation, { user, team }: Attributes) {
  const [type, id] = user === undefined ? (['team', team] as const) : (['user', user] as const)
  return { type, id: need(organisation, type, id).id }
}
