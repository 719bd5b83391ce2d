import type { ToolError } from '../../../errors.ts'
import { type Fallback, fallbacks } from '../../../membrane/fallbacks.ts'
import type { ProcessResult } from '../../../membrane/process.ts'
import type { Answer, Evidence } from './probe.ts'
import { formOf, read } from './reading.ts'

export const verdicts = ['as-assumed', 'understood', 'would-fail', 'not-seen'] as const
export type Verdict = (typeof verdicts)[number]

export interface Finding {
  /** Shapes and counts alone: nothing of what the CLI said of people. */
  seen: string
  verdict: Verdict
}

/** One assumption about the CLI. */
export interface Row {
  id: string
  /** What the program relies on. */
  assumed: string
  judge(evidence: Evidence): Finding
}

export const asAssumed = (seen: string): Finding => ({ seen, verdict: 'as-assumed' })
export const understood = (seen: string): Finding => ({ seen, verdict: 'understood' })
export const wouldFail = (seen: string): Finding => ({ seen, verdict: 'would-fail' })
export const notSeen = (why: string): Finding => ({ seen: why, verdict: 'not-seen' })

export const row = (id: string, assumed: string, judge: Row['judge']): Row => ({ id, assumed, judge })

export const endOf = ({ ended, exitCode, code }: ProcessResult): string =>
  ended === 'exit' ? `exit code ${exitCode}` : `${ended}${code === undefined ? '' : ` (${code})`}`

export const failureOf = ({ reason, status }: ToolError, { result }: Answer): string =>
  `fails with \`${reason}\`${status === undefined ? '' : `, status ${status}`}, ${endOf(result)}`

/** Judges the answer of a probe. */
export const onAnswer =
  (id: string, judge: (answer: Answer, evidence: Evidence) => Finding): Row['judge'] =>
  (evidence) => {
    const answer = evidence.answers.get(id)
    return answer === undefined
      ? notSeen('nothing listed before gave what it needs')
      : judge(answer, evidence)
  }

/** Judges the document that a probe was answered with. Where it failed, the program would fail too, unless `otherwise` says more. */
export const onDocument = (
  id: string,
  judge: (document: object, evidence: Evidence) => Finding,
  otherwise: (failure: string) => Finding = wouldFail,
): Row['judge'] =>
  onAnswer(id, (answer, evidence) => {
    const { document, error } = read(answer, formOf(answer.argv))
    return document === undefined ? otherwise(failureOf(error, answer)) : judge(document, evidence)
  })

export const meaningOf = (names: readonly Fallback[]): string =>
  [...new Set(names)].map((name) => fallbacks[name]).join('; ')

/** The answers that the program takes for a success, each with its id. */
export const successesIn = ({ answers }: Evidence) =>
  [...answers].flatMap(([id, answer]) => {
    if (!answer.argv.includes('--json') || id.startsWith('unknown-')) return []
    const reading = read(answer, formOf(answer.argv))
    return reading.document === undefined ? [] : [{ id, answer, ...reading }]
  })
