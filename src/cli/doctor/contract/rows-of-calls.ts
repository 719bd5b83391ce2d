import { isObject } from '../../../json.ts'
import { isEnvelope } from '../../../membrane/answer-forms.ts'
import type { Answer } from './probe.ts'
import { readKeys } from './probes.ts'
import { bodyOf, formOf, isJsonApi, read, recordsIn } from './reading.ts'
import {
  asAssumed,
  type Finding,
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
import { memberNamesKept } from './vocabulary.ts'

/** Judges the body of a request that succeeded. */
const onBody = (id: string, judge: (body: unknown, answer: Answer) => Finding): Row['judge'] =>
  onAnswer(id, (answer) => {
    const { error } = read(answer, formOf(answer.argv))
    return error === undefined ? judge(bodyOf(answer), answer) : wouldFail(failureOf(error, answer))
  })

const metaOf = (body: unknown) => (isObject(body) && isObject(body['meta']) ? body['meta'] : {})

/** One record, or a page that says that it has room for one. */
const isFirstPage = (body: unknown) => metaOf(body)['pageSize'] === 1 || recordsIn(body).length === 1

/** The published names among the members of a value. Others may be private. */
function keysOf(value: unknown): string {
  if (!isObject(value)) return typeof value
  const names = Object.keys(value)
  const known = names.filter((name) => memberNamesKept.has(name)).slice(0, 6)
  const others = names.length - known.length
  return [...known, ...(others > 0 ? [`${others} others`] : [])].join(', ') || 'none'
}

const readRow = (key: string): Row =>
  row(
    `read-${key}`,
    `\`${key}\` answers with records`,
    onBody(`read-${key}`, (body) => {
      const count = recordsIn(body).length
      if (count > 0) return asAssumed(`${count}`)
      return isJsonApi(body)
        ? notSeen('there is none')
        : understood(`no record; its members are ${keysOf(body)}, and are handed on`)
    }),
  )

/** Uses of actions, and requests to the app: §2.1, §2.2 and §7. */
export const rowsOfCalls: readonly Row[] = [
  row(
    'action-run',
    'an action answers `{ output?, actionRunId? }`',
    onDocument('read-list-customers', (document) =>
      'output' in document ? asAssumed(keysOf(document)) : understood('no output, which counts as empty'),
    ),
  ),
  row(
    'action-run-id',
    'the answer of an action has `actionRunId`',
    onDocument('read-list-customers', (document) =>
      'actionRunId' in document ? asAssumed('it has') : understood('it has not; it is not needed'),
    ),
  ),
  row(
    'action-output',
    '`output` is `{ status, headers, data }`',
    onDocument('read-list-customers', (document) => {
      const output = isObject(document) ? document['output'] : undefined
      return isEnvelope(output) && 'data' in output
        ? asAssumed(keysOf(output))
        : understood(`its members are ${keysOf(output)}; they are handed on`)
    }),
  ),
  row(
    'json-api',
    "inside is Kustomer's own answer, `{ data, meta, links }`",
    onBody('read-list-customers', (body) =>
      isJsonApi(body)
        ? asAssumed(keysOf(body))
        : understood(`its members are ${keysOf(body)}; they are handed on`),
    ),
  ),
  row(
    'run-by-key',
    '`action run` takes an id; whether it takes a key is not known',
    onAnswer('run-by-key', (answer) => {
      const { error } = read(answer, 'run')
      if (error === undefined) return asAssumed('it takes a key too')
      return /not-found|invalid-input/.test(error.reason)
        ? asAssumed('it takes ids alone')
        : understood(`a key ${failureOf(error, answer)}; ids are used`)
    }),
  ),
  row(
    'run-log',
    '`action-run-log get <actionRunId>` shows a past use',
    onDocument(
      'run-log',
      (document) => asAssumed(keysOf(document)),
      (failure) => understood(`${failure}; it is not used`),
    ),
  ),
  row(
    'request',
    'a request to the app works where its connection does',
    onBody('request-query', (body) => asAssumed(keysOf(body))),
  ),
  row(
    'request-envelope',
    '`request` answers `{ status, headers, body }`, `act` `{ output: { status, headers, data } }`',
    onDocument('request-query', (document, { answers }) => {
      const answer = answers.get('request-query')
      if (answer?.argv[0] === 'act')
        return isObject(document) && isEnvelope(document['output'])
          ? asAssumed(keysOf(document['output']))
          : understood('the body alone; its status is not known')
      const { fallbacks } = read(answer as Answer, 'response')
      const other = fallbacks.filter((name) => name === 'data-for-body' || name === 'bare-body')
      return other.length === 0 ? asAssumed(keysOf(document)) : understood(meaningOf(other))
    }),
  ),
  row(
    'request-query',
    'a query arrives',
    onBody('request-query', (body) =>
      isFirstPage(body)
        ? asAssumed('one record a page')
        : wouldFail('it does not: pages are not those asked for'),
    ),
  ),
  row(
    'request-repeat',
    'two queries arrive',
    onBody('request-repeat', (body) => {
      const { page, pageSize } = metaOf(body)
      if (page === 2 && pageSize === 1) return asAssumed('both')
      return page === undefined && pageSize === undefined
        ? notSeen('the answer does not say')
        : wouldFail('not both: filters and pages are not those asked for')
    }),
  ),
  row(
    'request-header',
    'a header can be sent',
    onBody('request-header', () => asAssumed('it can')),
  ),
  row(
    'request-path-parameter',
    'a path parameter is filled in',
    onAnswer('request-path-parameter', (answer, { known }) => {
      const { error } = read(answer, formOf(answer.argv))
      const [record] = recordsIn(bodyOf(answer))
      if (error !== undefined) return wouldFail(failureOf(error, answer))
      return record?.['id'] === known.recordIds['customer']
        ? asAssumed('the record of its id')
        : wouldFail('another record')
    }),
  ),
  row(
    'request-encoded',
    'an encoded character in a path arrives as one',
    onAnswer('request-encoded', (answer) => {
      const { error } = read(answer, formOf(answer.argv))
      if (error !== undefined)
        return wouldFail(`${failureOf(error, answer)}: ids and addresses with such characters are not found`)
      return recordsIn(bodyOf(answer)).length > 0 ? asAssumed('the record was found') : wouldFail('no record')
    }),
  ),
  ...readKeys.map(readRow),
]
