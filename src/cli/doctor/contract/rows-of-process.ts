import { stripTerminalCodes } from '../../../text/invisible.ts'
import type { Evidence } from './probe.ts'
import { read } from './reading.ts'
import {
  asAssumed,
  failureOf,
  meaningOf,
  notSeen,
  onAnswer,
  type Row,
  row,
  successesIn,
  understood,
  wouldFail,
} from './row.ts'

/** What is tried, and what the program itself never runs. */
const unused = ['status', 'unknown-command', 'unknown-flag', 'without-home', 'run-by-key', 'run-log']
const slowMs = 10_000
const heavy = { cpuMs: 10_000, peakMb: 500 }

const millisecondsOf = ({ answers }: Evidence) =>
  [...answers.values()].map(({ result }) => result.milliseconds).toSorted((a, b) => a - b)

const listed = (ids: readonly string[]) => (ids.length > 5 ? `${ids.length} commands` : ids.join(', '))

/** Streams, exit codes and time: §§2, 4 and 5.2. */
export const rowsOfProcess: readonly Row[] = [
  row('ends', 'a command ends by itself, with stdin closed', ({ answers }) => {
    const other = [...answers].filter(([, { result }]) => result.ended !== 'exit')
    if (other.length === 0) return asAssumed(`all ${answers.size} did`)
    const ids = other.map(([id]) => id)
    const seen = `${listed(ids)}: ${[...new Set(other.map(([, { result }]) => result.ended))].join(', ')}`
    return ids.every((id) => unused.includes(id)) ? understood(`${seen}; not used`) : wouldFail(seen)
  }),
  row('json-alone', 'with `--json`, stdout is one JSON document', (evidence) => {
    const successes = successesIn(evidence)
    const other = successes.filter(({ fallbacks }) =>
      fallbacks.some((name) => name === 'text-around-json' || name === 'several-documents'),
    )
    if (successes.length === 0) return notSeen('no command succeeded')
    if (other.length === 0) return asAssumed(`in ${successes.length} answers`)
    const names = other.flatMap(({ fallbacks }) => fallbacks)
    return understood(`${listed(other.map(({ id }) => id))}: ${meaningOf(names)}`)
  }),
  row('json-layout', 'JSON is indented by 2 spaces', (evidence) => {
    const successes = successesIn(evidence)
    if (successes.length === 0) return notSeen('no command succeeded')
    const other = successes.filter(
      ({ answer, document }) => answer.result.stdout.trim() !== JSON.stringify(document, undefined, 2),
    )
    return other.length === 0
      ? asAssumed(`in ${successes.length} answers`)
      : understood(`not in ${listed(other.map(({ id }) => id))}`)
  }),
  row('quiet', 'a command that succeeds prints nothing on stderr', (evidence) => {
    const successes = successesIn(evidence)
    if (successes.length === 0) return notSeen('no command succeeded')
    const other = successes.filter(({ answer }) => answer.result.stderr.trim() !== '')
    return other.length === 0
      ? asAssumed(`in ${successes.length} answers`)
      : understood(`${listed(other.map(({ id }) => id))} did; a notice is not read`)
  }),
  row('colour', 'with NO_COLOR there are no terminal codes in an answer', (evidence) => {
    const { answers } = evidence
    const other = [...answers].filter(
      ([, { argv, result }]) =>
        argv.includes('--json') && stripTerminalCodes(result.stdout) !== result.stdout,
    )
    return other.length === 0
      ? asAssumed('none')
      : understood(`in ${listed(other.map(([id]) => id))}; they are taken out`)
  }),
  row(
    'parallel',
    'commands at once answer as one alone does',
    onAnswer('connections-again', (answer, { answers }) => {
      const alone = answers.get('connections')
      if (alone === undefined || read(alone, 'list').document === undefined)
        return notSeen('one alone failed')
      const { document, error } = read(answer, 'list')
      if (document === undefined) return wouldFail(`one among others ${failureOf(error, answer)}`)
      return asAssumed('they do')
    }),
  ),
  row('time', `a command takes less than ${slowMs / 1000} s`, (evidence) => {
    const all = millisecondsOf(evidence)
    const [middle = 0, slowest = 0] = [all[Math.floor(all.length / 2)], all.at(-1)]
    const seen = `${middle} ms in the middle, ${slowest} ms at most, of ${all.length}`
    if (slowest < slowMs) return asAssumed(seen)
    return slowest < evidence.deadlineMs
      ? understood(`${seen}; the deadline is ${evidence.deadlineMs / 1000} s`)
      : wouldFail(`${seen}: longer than --timeout-ms`)
  }),
  row('resources', 'a command takes less than 10 s of CPU and 500 MB of memory', ({ usage }) => {
    if (usage === undefined) return notSeen('not measured on this system')
    const seen = `${usage.cpuMs} ms of CPU, ${usage.peakMb} MB`
    return usage.cpuMs < heavy.cpuMs && usage.peakMb < heavy.peakMb
      ? asAssumed(seen)
      : understood(`${seen}; a smaller --max-concurrency helps`)
  }),
  row(
    'home',
    'without the home folder nobody is signed in, and it says so',
    onAnswer('without-home', (answer) => {
      const { error } = read(answer, 'list')
      if (error === undefined) return notSeen('it is signed in all the same, by the environment or elsewhere')
      return error.reason === 'signed-out'
        ? asAssumed('it says so')
        : wouldFail(`${failureOf(error, answer)}: a lost sign-in is not recognised`)
    }),
  ),
]
