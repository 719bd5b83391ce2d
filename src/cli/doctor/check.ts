import { ToolError } from '../../errors.ts'
import { humanAdvice } from '../human-advice.ts'

/** What was looked at, and how it is. This is what `--json` prints of it. */
export interface Check {
  id: string
  status: 'ok' | 'warn' | 'fail'
  message: string
  /** What the person can do about it. */
  fix?: string
  facts?: Readonly<Record<string, unknown>>
}

export const ok = (id: string, message: string, facts?: Check['facts']): Check => ({
  ...{ id, status: 'ok', message },
  ...(facts === undefined ? {} : { facts }),
})

export const warn = (id: string, message: string, fix?: string, facts?: Check['facts']): Check => ({
  ...ok(id, message, facts),
  status: 'warn',
  ...(fix === undefined ? {} : { fix }),
})

export const fail = (id: string, message: string, fix?: string, facts?: Check['facts']): Check => ({
  ...warn(id, message, fix, facts),
  status: 'fail',
})

/** Takes what went wrong in a check and returns it as one that failed. Throws what is no Failure. */
export function failed(id: string, error: unknown): Check {
  if (!(error instanceof ToolError)) throw error
  return fail(id, error.message, humanAdvice(error), { reason: error.reason, ...error.data })
}
