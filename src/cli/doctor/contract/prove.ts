import { setMaxListeners } from 'node:events'
import { withDeadline } from '../../../async/deadline.ts'
import { ToolError } from '../../../errors.ts'
import type { ProcessResult } from '../../../membrane/process.ts'
import type { measureUsage, ProcessUsage } from '../../../membrane/process-usage.ts'
import { learn } from './known.ts'
import type { Answer, Evidence } from './probe.ts'
import { stages } from './probes.ts'
import { type Finding, type Row, wouldFail } from './row.ts'
import { rowsOfCalls } from './rows-of-calls.ts'
import { rowsOfErrors } from './rows-of-errors.ts'
import { rowsOfLists } from './rows-of-lists.ts'
import { rowsOfProcess } from './rows-of-process.ts'
import { rowsOfProgram } from './rows-of-program.ts'
import { rowsOfRecords } from './rows-of-records.ts'

/** Every assumption that reading can prove, in the order in which they are shown. */
export const rows: readonly Row[] = [
  ...rowsOfProgram,
  ...rowsOfProcess,
  ...rowsOfLists,
  ...rowsOfRecords,
  ...rowsOfCalls,
  ...rowsOfErrors,
]

export interface ProvenRow extends Finding {
  id: string
  assumed: string
}

export const judgeRows = (evidence: Evidence): ProvenRow[] =>
  rows.map(({ id, assumed, judge }) => ({ id, assumed, ...judged(judge, evidence) }))

/** An answer may be anything, such as lists too deep for the stack. */
function judged(judge: Row['judge'], evidence: Evidence): Finding {
  try {
    return judge(evidence)
  } catch {
    return wouldFail('could not be judged')
  }
}

/** Runs one command line, in its turn and within its deadline. */
export type Run = (
  argv: readonly string[],
  options: { withoutHome: boolean; signal: AbortSignal },
) => Promise<ProcessResult>

interface GatherOptions {
  run: Run
  measure: typeof measureUsage
  /** `--connection`. */
  connection: string | undefined
  deadlineMs: number
  signal: AbortSignal
}

/** A whole stage that hangs ends after this. */
const stageMs = 180_000

/** Tries every command line that reads. What a stage gave decides what the next one asks. */
export async function gather({
  run,
  measure,
  connection,
  deadlineMs,
  signal,
}: GatherOptions): Promise<Evidence> {
  const answers = new Map<string, Answer>()
  let known = learn(answers, connection)
  let usage: ProcessUsage | undefined
  for (const [index, stage] of stages.entries()) {
    const tryStage = (limited: AbortSignal) => {
      // Every command of the stage listens to it.
      setMaxListeners(0, limited)
      return Promise.all(
        stage.map(async ({ id, argv, withoutHome = false }) => {
          const args = argv(known)
          if (args === undefined) return []
          const result = await run(args, { withoutHome, signal: limited }).catch(unstarted)
          return [[id, { argv: args, result }] as const]
        }),
      )
    }
    const started = () => withDeadline(stageMs, tryStage, signal)
    // The first stage is one command, so that what it needs can be measured.
    const measured = index === 0 ? await measure(started) : { result: await started(), usage }
    usage = measured.usage
    signal.throwIfAborted()
    for (const [id, answer] of measured.result.flat()) answers.set(id, answer)
    known = learn(answers, connection)
    if (index === 1 && hangs(answers)) break
  }
  return { answers, known, usage, deadlineMs }
}

/** A program that shows neither its version nor its help in time is asked nothing more. */
const hangs = (answers: ReadonlyMap<string, Answer>) =>
  ['version', 'help'].every((id) => answers.get(id)?.result.ended === 'timeout')

/** A command that did not get its turn in time. Any other error is about the CLI itself. */
function unstarted(error: unknown): ProcessResult {
  if (!(error instanceof ToolError) || error.reason !== 'timeout') throw error
  return { ended: 'timeout', stdout: '', stderr: '', milliseconds: 0 }
}
