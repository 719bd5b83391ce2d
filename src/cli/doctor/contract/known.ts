import { ToolError } from '../../../errors.ts'
import { isObject, type Json } from '../../../json.ts'
import { readCapabilities } from '../../../membrane/capabilities.ts'
import { chooseConnection } from '../../../membrane/connection.ts'
import { type Connection, connectionSchema, readPage } from '../../../membrane/documents.ts'
import { type HelpTexts, helpTopics } from '../../../membrane/help-texts.ts'
import { singleLine } from '../../../text/quote.ts'
import type { Answer, Known, ListedAction } from './probe.ts'
import { helpId } from './probes.ts'
import { bodyOf, documentOf, recordsIn } from './reading.ts'

/** What the answers so far give for later probes. Never throws: what cannot be read is not known. */
export function learn(answers: ReadonlyMap<string, Answer>, configured: string | undefined): Known {
  const connections = attempt(() => {
    const document = documentOf(answers.get('connections'), 'list')
    return document === undefined ? [] : readPage(document, connectionSchema).items
  }, [])
  return {
    capabilities: attempt(() => capabilitiesOf(answers), undefined),
    help: textOf(answers.get('help')),
    connections,
    ...choiceOf(connections, configured),
    connectionsCursor: cursorOf(answers.get('connections')),
    actions: itemsOf(answers.get('actions')).flatMap(listedAction),
    actionsCursor: cursorOf(answers.get('actions-limit')),
    recordIds: Object.fromEntries(listedRecords(answers)),
    email: firstEmail(bodyOf(answers.get('read-list-customers'))),
    actionRunId: textIn(documentOf(answers.get('read-list-customers'), 'run'), 'actionRunId'),
  }
}

function choiceOf(
  connections: readonly Connection[],
  configured: string | undefined,
): Pick<Known, 'connectionId' | 'whyNoConnection'> {
  try {
    return { connectionId: chooseConnection(connections, configured).id, whyNoConnection: undefined }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return { connectionId: undefined, whyNoConnection: singleLine(error.message, 500) }
  }
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}

export const textOf = (answer: Answer | undefined): string =>
  answer === undefined ? '' : `${answer.result.stdout}\n${answer.result.stderr}`

const capabilitiesOf = (answers: ReadonlyMap<string, Answer>) =>
  readCapabilities(textOf(answers.get('version')), helpTextsOf(answers))

export const helpTextsOf = (answers: ReadonlyMap<string, Answer>): HelpTexts =>
  Object.fromEntries(helpTopics.map((topic) => [topic, textOf(answers.get(helpId(topic)))])) as HelpTexts

/** The items of a list in any form that is understood. */
export function itemsOf(answer: Answer | undefined): Json[] {
  const document = documentOf(answer, 'list')
  const inner = isObject(document) && isObject(document['output']) ? document['output'] : document
  const list = isObject(inner) ? (inner['items'] ?? inner['output']) : inner
  return Array.isArray(list) ? list.filter(isObject) : []
}

export function cursorOf(answer: Answer | undefined): string | undefined {
  const document = documentOf(answer, 'list')
  return textIn(document, 'cursor')
}

function listedAction({ id, key, inputSchema }: Json): ListedAction[] {
  if (typeof id !== 'string' && typeof id !== 'number') return []
  return [{ id: String(id), key: typeof key === 'string' ? key : undefined, inputSchema }]
}

const textIn = (document: object | undefined, name: string): string | undefined => {
  const value = isObject(document) ? document[name] : undefined
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined
}

/** A record of each type, by the list that it came in. */
function listedRecords(answers: ReadonlyMap<string, Answer>): [type: string, id: string][] {
  const types = { customers: 'customer', conversations: 'conversation', companies: 'company', users: 'user' }
  return Object.entries({ ...types, messages: 'message', notes: 'note' }).flatMap(([list, type]) => {
    const [first] = recordsIn(bodyOf(answers.get(`read-list-${list}`)))
    const id = textIn(first, 'id')
    return id === undefined ? [] : [[type, id] as [string, string]]
  })
}

/** The first text under a name such as `email` that looks like an address. */
function firstEmail(value: unknown, depth = 0): string | undefined {
  if (depth > 8 || typeof value !== 'object' || value === null) return undefined
  for (const [name, member] of Object.entries(value)) {
    const isAddress = typeof member === 'string' && /^email$/i.test(name) && /^[^@\s]+@[^@\s]+$/.test(member)
    const found = isAddress ? member : firstEmail(member, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}
