import { type Reason, ToolError } from '../errors.ts'
import type { ProcessResult } from './process.ts'

/** The error of a process that did not end by itself, or never started. */
export function abnormalExit(
  { ended, code, missing, milliseconds, ...result }: ProcessResult,
  write: boolean,
) {
  const after = `after ${Math.round(milliseconds / 100) / 10} s`
  switch (ended) {
    case 'not-started':
      return notStarted(code, missing)
    case 'timeout':
      return unprovenError(
        write,
        'timeout',
        `The Membrane CLI gave no answer ${after}, the deadline of a call.`,
      )
    case 'cancelled':
      return unprovenError(write, 'cancelled', `The call was cancelled ${after}.`)
    case 'too-large':
      return unprovenError(write, 'too-large', 'The answer was larger than 32 MiB and was stopped.')
    default:
      return unprovenError(
        write,
        'bad-output',
        `The Membrane CLI was ended by ${code} before it answered.`,
        result,
      )
  }
}

function notStarted(code: string | undefined, missing: ProcessResult['missing']): ToolError {
  if (code === 'E2BIG' || code === 'ENAMETOOLONG')
    return new ToolError('too-large', 'The input is larger than this system allows for one command.')
  if (missing === 'folder')
    return new ToolError(
      'upstream-error',
      'The Membrane CLI could not be started: the folder to run it in cannot be entered. Ask the person to set HOME to a folder that exists and is theirs.',
    )
  const isMissing = /^(ENOENT|EACCES|EPERM|ENOEXEC|EISDIR|ENOTDIR)$/.test(code ?? '')
  return new ToolError(
    isMissing ? 'cli-not-found' : 'upstream-error',
    `The Membrane CLI could not be started (${code}).`,
  )
}

/** The error of a call of which nothing proves how it ended. */
export function unprovenError(
  write: boolean,
  reason: Reason,
  message: string,
  details: { exitCode?: number | undefined; status?: number | undefined } = {},
): ToolError {
  const { exitCode, status } = details
  return write
    ? new ToolError('outcome-unknown', `${message} Whether the change was made is not known.`, {
        exitCode,
        status,
      })
    : new ToolError(reason, message, { exitCode, status })
}
