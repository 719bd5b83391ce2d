import { styleText } from 'node:util'
import type { ProvenRow } from './prove.ts'
import type { Verdict } from './row.ts'

const marks: Readonly<Record<Verdict, readonly [mark: string, colour: 'green' | 'yellow' | 'red' | 'dim']>> =
  {
    'as-assumed': ['ok', 'green'],
    understood: ['diff', 'yellow'],
    'would-fail': ['fail', 'red'],
    'not-seen': ['-', 'dim'],
  }

export type ContractVerdict = 'fine' | 'works-with-differences' | 'would-fail'

export function verdictOf(rows: readonly ProvenRow[]): ContractVerdict {
  if (rows.some(({ verdict }) => verdict === 'would-fail')) return 'would-fail'
  return rows.some(({ verdict }) => verdict === 'understood') ? 'works-with-differences' : 'fine'
}

/** A row of the table: what was assumed, and below it what was seen. */
export function lineOfRow({ id, assumed, seen, verdict }: ProvenRow, isTerminal: boolean): string {
  const [text, colour] = marks[verdict]
  const mark = text.padEnd(4)
  return `${isTerminal ? styleText(colour, mark) : mark}  ${id}: ${assumed}\n      ${seen}`
}

/** The end of the table: fine, works with differences, or what would fail. */
export function summaryOf(rows: readonly ProvenRow[]): string {
  const of = (wanted: Verdict) => rows.filter(({ verdict }) => verdict === wanted)
  const [failed, differs, unseen] = [of('would-fail'), of('understood'), of('not-seen')]
  const names = (some: readonly ProvenRow[]) => some.map(({ id }) => id).join(', ')
  return [
    failed.length > 0
      ? `Would fail: ${names(failed)}.`
      : differs.length > 0
        ? 'Works, with differences.'
        : 'Fine.',
    differs.length === 0 ? '' : `Differs and is understood: ${names(differs)}.`,
    `${of('as-assumed').length} of ${rows.length} assumptions hold${unseen.length === 0 ? '' : `, ${unseen.length} could not be tried`}.`,
  ]
    .filter(Boolean)
    .join(' ')
}
