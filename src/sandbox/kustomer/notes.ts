import { bodySchemaOf, readBody } from './body.ts'
import { type Call, idOf, need, one, type Reply } from './call.ts'
import { customerOf } from './customers.ts'
import { byId, pageOf } from './list.ts'
import {
  countOf,
  linkTo,
  listOf,
  newResource,
  type Organisation,
  type Reference,
  type Resource,
  recordOf,
  relatedId,
  textOf,
  touch,
} from './resource.ts'
import { refuseTakenExternalId } from './revision.ts'

const createSchema = bodySchemaOf('create-note')

/** GET /v1/notes. */
export const listNotes = ({ notes }: Organisation, call: Call): Reply => pageOf(byId(notes, call), call)

/** GET /v1/conversations/{id}/notes. */
export function notesOfConversation({ conversations, notes }: Organisation, call: Call): Reply {
  const { id } = need(conversations, idOf(call), 'conversation')
  return pageOf(
    byId(
      notes.filter((note) => relatedId(note, 'conversation') === id),
      call,
    ),
    call,
  )
}

/** POST /v1/notes: the customer follows from the conversation, whose note count and last activity follow the note. */
export function createNote(organisation: Organisation, call: Call): Reply {
  const body = readBody(call, createSchema)
  const conversation = need(organisation.conversations, textOf(body['conversation']), 'conversation')
  refuseTakenExternalId(organisation.notes, '', body['externalId'])
  const mentions = listOf(body['userMentions']).map((mention) => mentioned(organisation, recordOf(mention)))
  const { body: text, externalId = null, lang = null } = body
  const note = newResource(organisation, {
    type: 'note',
    now: call.now,
    attributes: { body: text, externalId, lang, createdByTeams: [] },
    relationships: {
      customer: linkTo('customer', customerOf(organisation, conversation).id),
      conversation: linkTo('conversation', conversation.id),
      ...(mentions.length > 0 ? { userMentions: { data: mentions } } : {}),
    },
  })
  changeCount(organisation, conversation, 1, call.now)
  organisation.notes.push(note)
  return one(note, 201)
}

/** DELETE /v1/notes/{id}. */
export function deleteNote(organisation: Organisation, call: Call): Reply {
  const note = need(organisation.notes, idOf(call), 'note')
  organisation.notes = organisation.notes.filter(({ id }) => id !== note.id)
  const conversation = need(organisation.conversations, relatedId(note, 'conversation'), 'conversation')
  changeCount(organisation, conversation, -1, call.now)
  return { status: 204 }
}

function changeCount(organisation: Organisation, conversation: Resource, by: number, now: string): void {
  const { attributes } = conversation
  attributes['noteCount'] = Math.max(0, countOf(attributes['noteCount']) + by)
  attributes['lastActivityAt'] = now
  touch(organisation, conversation, now)
}

function mentioned({ users, teams }: Organisation, { user, team }: Record<string, unknown>): Reference {
  return user === undefined
    ? { type: 'team', id: need(teams, textOf(team), 'team').id }
    : { type: 'user', id: need(users, textOf(user), 'user').id }
}
