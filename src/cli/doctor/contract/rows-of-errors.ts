import type { Reason } from '../../../errors.ts'
import { isObject } from '../../../json.ts'
import { statusOf } from '../../../membrane/answer-forms.ts'
import { lastJsonDocument } from '../../../membrane/json-output.ts'
import { redact } from '../../../text/redact.ts'
import type { Evidence } from './probe.ts'
import { formOf, read } from './reading.ts'
import {
  asAssumed,
  endOf,
  type Finding,
  failureOf,
  notSeen,
  onAnswer,
  type Row,
  row,
  understood,
  wouldFail,
} from './row.ts'

/** A call that has to fail, the reasons that tell an agent what to do, and what is wrong with any other. */
const failureRow = (
  id: string,
  probe: string,
  assumed: string,
  reasons: readonly Reason[],
  status?: number,
  taken: Finding = wouldFail('it succeeded'),
): Row =>
  row(
    id,
    assumed,
    onAnswer(probe, (answer) => {
      const { error } = read(answer, formOf(answer.argv))
      if (error === undefined) return taken
      if (!reasons.includes(error.reason))
        return wouldFail(`${failureOf(error, answer)}: the advice is wrong`)
      if (status === undefined || error.status === status) return asAssumed(failureOf(error, answer))
      return understood(`${failureOf(error, answer)}: without the status ${status}`)
    }),
  )

const failed = ['request-404', 'request-400', 'unknown-connection', 'unknown-action', 'invalid-input']

const failuresIn = ({ answers }: Evidence) =>
  failed.flatMap((id) => {
    const answer = answers.get(id)
    if (answer === undefined) return []
    const reading = read(answer, formOf(answer.argv))
    // Kustomer may take the wrong query.
    return id === 'request-400' && reading.error === undefined ? [] : [{ id, answer, ...reading }]
  })

const names = (items: readonly { id: string }[]) => items.map(({ id }) => id).join(', ')

/** How failures look: §3. */
export const rowsOfErrors: readonly Row[] = [
  row('error-exit', 'a command that fails ends with another exit code than 0', (evidence) => {
    const failures = failuresIn(evidence)
    if (failures.length === 0) return notSeen('nothing could be tried')
    const other = failures.filter(({ answer }) => answer.result.exitCode === 0)
    if (other.length === 0)
      return asAssumed([...new Set(failures.map(({ answer }) => endOf(answer.result)))].join(', '))
    const missed = other.filter(({ error }) => error === undefined)
    return missed.length === 0
      ? understood(`0 for ${names(other)}; the answer tells`)
      : wouldFail(`0 for ${names(missed)}, and nothing that tells`)
  }),
  row('error-streams', 'an error is one sentence on stderr and JSON on stdout', (evidence) => {
    const failures = failuresIn(evidence)
    if (failures.length === 0) return notSeen('nothing could be tried')
    const other = failures.filter(
      ({ answer: { result } }) =>
        result.stderr.trim() === '' || lastJsonDocument(result.stdout) === undefined,
    )
    return other.length === 0
      ? asAssumed(`in ${failures.length} failures`)
      : understood(`not for ${names(other)}; both streams are read`)
  }),
  row(
    'error-form',
    'the JSON of an error of the app is `{ response: { status }, request }`',
    onAnswer('request-404', (answer) => {
      const { error } = read(answer, formOf(answer.argv))
      const { stdout, stderr } = answer.result
      const document = lastJsonDocument(stdout) ?? lastJsonDocument(stderr)
      const { response, request } = isObject(document) ? document : {}
      if (isObject(response) && isObject(request) && statusOf(response) !== undefined)
        return asAssumed('it is')
      return error?.reason === 'not-found'
        ? understood(
            document === undefined ? 'there is no JSON; the text tells' : 'another form that is known',
          )
        : wouldFail('neither its form nor its text tells what happened')
    }),
  ),
  failureRow('not-found', 'request-404', 'a missing record answers 404', ['not-found'], 404),
  failureRow(
    'bad-request',
    'request-400',
    'a wrong query answers 400',
    ['invalid-input'],
    400,
    notSeen('it was taken; no 400 could be brought about'),
  ),
  failureRow('unknown-connection', 'unknown-connection', 'an unknown connection is not found', [
    'not-connected',
    'not-found',
  ]),
  failureRow('unknown-action', 'unknown-action', 'an unknown action is not found', [
    'action-not-found',
    'not-found',
  ]),
  failureRow('invalid-input', 'invalid-input', 'an action refuses an input that lacks what it needs', [
    'invalid-input',
  ]),
  row('error-secrets', 'credentials stand in the headers of an error, and nowhere else', (evidence) => {
    const failures = failuresIn(evidence)
    if (failures.length === 0) return notSeen('nothing could be tried')
    const told = failures.filter(
      ({ error }) => error !== undefined && redact(error.message) !== error.message,
    )
    if (told.length > 0) return wouldFail(`${names(told)}: in the message to the agent`)
    const inText = failures.filter(({ answer: { result } }) => redact(result.stderr) !== result.stderr)
    if (inText.length > 0) return understood(`${names(inText)}: on stderr, and taken out`)
    const inHeaders = failures.filter(({ answer: { result } }) => redact(result.stdout) !== result.stdout)
    return asAssumed(inHeaders.length > 0 ? `in ${inHeaders.length} errors, taken out` : 'there are none')
  }),
  row('busy', 'no call is refused for want of budget, and the relay is there', ({ answers, known }) => {
    const other = [...answers].flatMap(([id, answer]) => {
      const { error } = read(answer, formOf(answer.argv))
      return error?.reason === 'rate-limited' || error?.status === 503 ? [{ id, error, answer }] : []
    })
    const [first] = other
    if (first === undefined) return asAssumed('none was')
    const seen = `${names(other)}: ${failureOf(first.error, first.answer)}`
    if (first.error.reason === 'rate-limited') return understood(`${seen}; lower --requests-per-minute`)
    return known.capabilities?.act === true && known.capabilities.proxy === 'request'
      ? understood(`${seen}; \`act --api\` takes its place for a read`)
      : wouldFail(seen)
  }),
]
