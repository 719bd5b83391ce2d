import { isObject } from '../../../json.ts'
import { isMembraneId } from '../../../membrane/argv.ts'
import type { Fallback } from '../../../membrane/fallbacks.ts'
import { cursorOf, itemsOf } from './known.ts'
import type { Evidence } from './probe.ts'
import { read } from './reading.ts'
import {
  asAssumed,
  failureOf,
  meaningOf,
  notSeen,
  onAnswer,
  onDocument,
  type Row,
  row,
  understood,
  wouldFail,
} from './row.ts'

const listForms: readonly Fallback[] = ['bare-list', 'list-in-output', 'items-left-out']

const listRow = (id: string, probe: string, assumed: string, what: string): Row =>
  row(
    id,
    assumed,
    onAnswer(probe, (answer) => {
      const { document, error, fallbacks } = read(answer, 'list')
      if (document === undefined) return wouldFail(failureOf(error, answer))
      const other = fallbacks.filter((name) => listForms.includes(name))
      const seen = `${itemsOf(answer).length} ${what}`
      return other.length === 0 ? asAssumed(seen) : understood(`${seen}; ${meaningOf(other)}`)
    }),
  )

const idsOf = ({ answers }: Evidence, probe: string) =>
  itemsOf(answers.get(probe)).map(({ id }) => String(id))

const repeats = (evidence: Evidence, first: string, next: string) => {
  const before = idsOf(evidence, first)
  return idsOf(evidence, next).some((id) => before.includes(id))
}

/** Lists, pages and single records of Membrane: §§2 and 6. */
export const rowsOfLists: readonly Row[] = [
  listRow('connection-list', 'connections', '`connection list` answers `{ items, cursor? }`', 'connections'),
  row('connection-pages', '`--cursor` gives the connections after the first page', (evidence) => {
    if (evidence.answers.get('connections-next') === undefined)
      return cursorOf(evidence.answers.get('connections')) === undefined
        ? notSeen('all came on the first page')
        : understood('there are more, and help lists no --cursor: name one with --connection')
    return repeats(evidence, 'connections', 'connections-next')
      ? understood('the same connections again: name one with --connection')
      : asAssumed('others')
  }),
  row(
    'connection-get',
    '`connection get <id>` answers the connection',
    onDocument('connection', (document, { known }) =>
      isObject(document) && document['id'] === known.connectionId
        ? asAssumed('with its id')
        : wouldFail('with another id'),
    ),
  ),
  row(
    'connection-wait',
    '`connection get <id> --wait --timeout=<s>` answers the connection in time',
    onDocument('connection-wait', () => asAssumed('it does')),
  ),
  listRow('action-list', 'actions', '`action list` answers `{ items, cursor? }`', 'actions'),
  row('action-pages', '`--cursor` gives the actions after the first page', (evidence) => {
    if (evidence.answers.get('actions-next') === undefined) return notSeen('one page, or no --cursor')
    return repeats(evidence, 'actions-limit', 'actions-next')
      ? understood('the same actions again; each counts once')
      : asAssumed('others')
  }),
  row(
    'action-limit',
    '`--limit` gives so many actions',
    onDocument('actions-limit', (_, evidence) => {
      const count = idsOf(evidence, 'actions-limit').length
      return count <= 2 ? asAssumed(`${count} of 2`) : understood(`${count} of 2; the rest is cut off`)
    }),
  ),
  row(
    'action-intent',
    '`--intent` finds actions by what they do',
    onDocument('actions-intent', (_, evidence) => {
      const [found, all] = [idsOf(evidence, 'actions-intent'), idsOf(evidence, 'actions')]
      const wanted = evidence.known.actions.find(({ key }) => key === 'list-customers')?.id
      if (found.length === 0) return wouldFail('nothing for "list customers": `search-actions` finds nothing')
      const isRanked = found.join() !== all.slice(0, found.length).join() || found[0] === wanted
      return isRanked && (wanted === undefined || found.includes(wanted))
        ? asAssumed(`${found.length} of ${all.length}`)
        : understood(`${found.length} of ${all.length}, in the order of the list; they are ranked here`)
    }),
  ),
  row(
    'action-get',
    '`action get <id>` answers the action',
    onDocument('action', (document, { known }) =>
      isObject(document) && String(document['id']) === known.actions[0]?.id
        ? asAssumed('with its id')
        : wouldFail('with another id'),
    ),
  ),
  row('ids', 'ids of Membrane are 24 hex digits', ({ known }) => {
    const ids = [...known.connections, ...known.actions].map(({ id }) => String(id))
    if (ids.length === 0) return notSeen('nothing was listed')
    const other = ids.filter((id) => !isMembraneId(id))
    if (other.length === 0) return asAssumed(`all ${ids.length}`)
    return other.every((id) => /^[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,127}$/.test(id))
      ? understood(`${other.length} of ${ids.length} are not; they can be sent`)
      : wouldFail(`${other.length} of ${ids.length} have characters that are not sent`)
  }),
]
