import { overlay } from '../../../catalog/built-in.ts'
import { driftOf } from '../../../catalog/drift.ts'
import { findAction, toLiveAction } from '../../../catalog/live-action.ts'
import { snapshotActions } from '../../../catalog/snapshot.macro.ts'
import { isObject, type Json } from '../../../json.ts'
import { isKustomer, isUsable } from '../../../membrane/connection.ts'
import { actionSchema } from '../../../membrane/documents.ts'
import { itemsOf } from './known.ts'
import type { Evidence } from './probe.ts'
import { documentOf } from './reading.ts'
import { asAssumed, type Finding, notSeen, type Row, row, understood, wouldFail } from './row.ts'
import { schemaKeywords } from './vocabulary.ts'

const states = 'BUILDING CLIENT_ACTION_REQUIRED CONFIGURATION_ERROR SETUP_FAILED READY DISCONNECTING'.split(
  ' ',
)
const types =
  'list-data-records find-data-record-by-id match-data-record create-data-record find-or-create-data-record update-data-record delete-data-record search-data-record connector-operation api-request-to-external-app api-request-to-your-app http-request run-javascript api-request'.split(
    ' ',
  )

/** How states and keywords are written; anything else may be private. */
const isName = (text: string) => /^(?:[A-Z_]{3,30}|[a-z][A-Za-z]{2,30})$/.test(text)
const named = (texts: Iterable<string>) => [...new Set(texts)].filter(isName).slice(0, 8).join(', ')

const onActions =
  (judge: (items: readonly Json[], evidence: Evidence) => Finding): Row['judge'] =>
  (evidence) => {
    const items = itemsOf(evidence.answers.get('actions'))
    return items.length === 0 ? notSeen('no action was listed') : judge(items, evidence)
  }

const liveActions = (items: readonly Json[]) =>
  items.flatMap((item) => {
    const { data } = actionSchema.safeParse(item)
    return data === undefined ? [] : [toLiveAction(data)]
  })

/** The members of connections and actions: §6. */
export const rowsOfRecords: readonly Row[] = [
  row('connection-app', 'a connection says by a key or a name that it leads to Kustomer', ({ known }) => {
    const { connections } = known
    if (connections.length === 0) return notSeen('there is no connection')
    const count = connections.filter(isKustomer).length
    if (count > 0) return asAssumed(`${count} of ${connections.length}`)
    return wouldFail('none of them: name one with --connection')
  }),
  row('connection-state', 'a connection that works has the state READY, or none', ({ known }) => {
    const own = known.connections.filter(isKustomer)
    if (own.length === 0) return notSeen('there is no connection to Kustomer')
    const seen = named(own.map(({ state }) => state ?? 'none'))
    if (own.some(isUsable)) return asAssumed(seen)
    return wouldFail(`${seen}: calls fail with \`connection-needs-attention\``)
  }),
  row('connection-chosen', 'one connection is chosen', ({ answers, known }) => {
    const { connectionId, connectionsCursor, whyNoConnection = '' } = known
    if (connectionId !== undefined) return asAssumed('it is')
    if (documentOf(answers.get('connections'), 'list') === undefined)
      return wouldFail('connections could not be listed')
    return wouldFail(`${whyNoConnection}${connectionsCursor ? ' Only the first page was read.' : ''}`)
  }),
  row('connection-members', 'the members of a connection are texts and switches', ({ answers, known }) => {
    const items = itemsOf(answers.get('connections'))
    if (items.length === 0) return notSeen('there is no connection')
    const kinds = {
      name: 'string',
      key: 'string',
      state: 'string',
      connected: 'boolean',
      archivedAt: 'string',
    }
    const other = items.flatMap((item) =>
      Object.entries(kinds).filter(
        ([name, kind]) => ![kind, 'undefined'].includes(typeof (item[name] ?? undefined)),
      ),
    )
    if (other.length > 0) return understood(`not ${named(other.map(([name]) => name))}, which are not read`)
    return known.connections.length === items.length
      ? asAssumed(`of ${items.length}`)
      : understood(`${items.length - known.connections.length} have no id and are left out`)
  }),
  row(
    'action-keys',
    'every built-in action is listed under its key or name',
    onActions((items) => {
      const live = liveActions(items)
      const missing = snapshotActions.filter(({ key }) => findAction(live, key) === undefined)
      const byName = snapshotActions.filter(({ key }) => findAction(live, key)?.key === undefined)
      if (missing.length > 0)
        return wouldFail(`not ${missing.map(({ key }) => key).join(', ')}: these tools fail`)
      return byName.length === 0
        ? asAssumed(`all ${snapshotActions.length}`)
        : understood(`${byName.map(({ key }) => key).join(', ')} by name alone`)
    }),
  ),
  row(
    'action-types',
    'the type of an action is a known one',
    onActions((items) => {
      const seen = items.map(({ type }) => (typeof type === 'string' ? type : 'none'))
      const other = seen.filter((type) => !types.includes(type))
      return other.length === 0
        ? asAssumed([...new Set(seen)].join(', '))
        : understood(`${other.length} of ${seen.length} have another; it is not read`)
    }),
  ),
  row(
    'action-states',
    'the state of an action is a known one, mostly READY',
    onActions((items) => {
      const seen = items.map(({ state }) => (typeof state === 'string' ? state : 'READY'))
      const other = seen.filter((state) => !states.includes(state))
      return other.length === 0
        ? asAssumed(named(seen))
        : wouldFail(`${other.length} have another state: their tools say that they are being built`)
    }),
  ),
  row(
    'action-schemas',
    'every action has an `inputSchema` for an object',
    onActions((items) => {
      const other = items.filter(
        ({ inputSchema }) => !isObject(inputSchema) || !isObject(inputSchema['properties']),
      )
      return other.length === 0
        ? asAssumed(`all ${items.length}`)
        : understood(`not ${other.length} of ${items.length}; these take any arguments`)
    }),
  ),
  row(
    'schema-keywords',
    'schemas use keywords of JSON Schema, and the known ones of Membrane',
    onActions((items) => {
      const used = new Set(items.flatMap(({ inputSchema }) => keywordsIn(inputSchema)))
      const other = [...used].filter((keyword) => !schemaKeywords.includes(keyword))
      return other.length === 0
        ? asAssumed(`${used.size} of them`)
        : understood(`also ${named(other) || 'others'}, which are passed over`)
    }),
  ),
  row(
    'schema-fields',
    'the fields of the built-in actions are those that are shipped',
    onActions((items) => {
      const live = liveActions(items)
      const drift = driftOf(
        snapshotActions,
        snapshotActions.map((entry) => overlay(entry, findAction(live, entry.key))),
      )
      return drift.length === 0
        ? asAssumed('they are')
        : understood(`not of ${drift.map(({ action }) => action).join(', ')}; the live ones are used`)
    }),
  ),
]

/** The keywords of a schema and of those inside it, without the names of properties. */
function keywordsIn(schema: unknown, depth = 0): string[] {
  if (depth > 8 || !isObject(schema)) return []
  const { properties, items, anyOf, additionalProperties } = schema
  const inner = [
    ...(isObject(properties) ? Object.values(properties) : []),
    ...(Array.isArray(anyOf) ? anyOf : []),
    items,
    additionalProperties,
  ]
  return [...Object.keys(schema), ...inner.flatMap((each) => keywordsIn(each, depth + 1))]
}
