import { ToolError } from '../../errors.ts'
import { humanAdvice } from '../human-advice.ts'

/** What was checked and how it is, as `--json` prints it. */
export interface Check {
  id: string
  status: 'ok' | 'warn' | 'fail'
  message: string
  /** What a person can do about it. */
  fix?: string | undefined
  facts?: Readonly<Record<string, unknown>> | undefined
}

type Facts = Check['facts']

export const ok = (id: string, message: string, facts?: Facts): Check => ({
  id,
  status: 'ok',
  message,
  facts,
})

export const warn = (id: string, message: string, fix?: string, facts?: Facts): Check => ({
  id,
  status: 'warn',
  message,
  fix,
  facts,
})

export const fail = (id: string, message: string, fix?: string, facts?: Facts): Check => ({
  ...warn(id, message, fix, facts),
  status: 'fail',
})

/** One row of the doctor's table. */
export interface CheckStep {
  id: string
  /** What is checked, as a person calls it. */
  title: string
  /** Checks without which this one cannot work; it is skipped when one of them failed. */
  needs?: readonly string[]
  /** How long it may take, in milliseconds. */
  limitMs: number
  run(signal: AbortSignal): Promise<Check | readonly Check[]>
}

/** Runs the steps in their order, each within its limit, and reports every check. Rejects only with a bug of ours. */
export async function runChecks(steps: readonly CheckStep[], report: (check: Check) => void): Promise<void> {
  const failures = new Set<string>()
  for (const step of steps) {
    const { id, title, needs = [] } = step
    if (needs.some((one) => failures.has(one))) {
      failures.add(id)
      report(warn(id, `${title}: skipped.`))
      continue
    }
    const checks = [await withinLimit(step).catch((error: unknown) => failureOf(step, error))].flat()
    if (checks.some(({ status }) => status === 'fail')) failures.add(id)
    for (const check of checks) report(check)
  }
}

/** Rejects with a ToolError at the limit, even where the step does not heed its signal. */
async function withinLimit({ limitMs, run }: CheckStep): Promise<Check | readonly Check[]> {
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new ToolError('timeout', 'Too late.')
      controller.abort(error)
      reject(error)
    }, limitMs)
  })
  return Promise.race([run(controller.signal), late]).finally(() => clearTimeout(timer))
}

function failureOf({ id, title, limitMs }: CheckStep, error: unknown): Check {
  if (!(error instanceof ToolError)) throw error
  const message =
    error.reason === 'timeout' ? `${title}: no answer within ${limitMs / 1000} s.` : error.message
  return fail(id, message, humanAdvice(error), { reason: error.reason, ...error.data })
}
