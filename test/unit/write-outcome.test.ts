import { describe, expect, it } from 'vitest'
import type { ProcessResult } from '../../src/membrane/process.ts'
import { errorOf } from './app-answers.ts'
import { exit, json, membrane, relayed } from './error-cases.ts'

type Output = Partial<ProcessResult>
const success = json({ output: { data: { type: 'note', id: 'n1' } }, actionRunId: 'r' })
const unproven: [string, Output][] = [
  ['a rate limit in a log line', { stderr: '{"level":40,"msg":"rate limit, waiting"}\n' }],
  ['a rate limit in words', { stderr: 'Error: rate limit exceeded' }],
  ['"not logged in" after other text', { stdout: 'Note created.\n', stderr: 'Not logged in.' }],
  ['"not logged in" after the answer', { stdout: success, stderr: 'Not logged in.' }],
  ['"not logged in" with more on its line', { stderr: 'Not logged in to telemetry; note created' }],
  ['"not logged in" and exit 0', { exitCode: 0, stderr: 'Not logged in.' }],
  ['"action not found" of a run log', { stderr: 'Action not found' }],
  ['"connection not found" in words', { stderr: "Connection with id 'x' not found" }],
  ['ECONNREFUSED of telemetry', { stderr: 'telemetry: connect ECONNREFUSED 127.0.0.1:4318' }],
  ['an internal error without a status', { stdout: membrane('internal', undefined, 'Action not found') }],
  ['a run that failed', { stdout: membrane('action_run', undefined, 'action_run failed') }],
  [
    'a refusal within a run that failed',
    {
      stdout: json({ type: 'action_run', message: 'x', causedByError: JSON.parse(membrane('bad_request')) }),
    },
  ],
  ['custom code that failed', { stdout: membrane('custom_code') }],
  ['a 500 inside a success', { exitCode: 0, stdout: json({ output: { status: 500, data: {} } }) }],
  ['a 503 of the app', { stdout: relayed(503) }],
  ['a 408 of the app', { stdout: relayed(408) }],
  ['a 4xx in words alone', { stderr: 'Error making request to https://api.kustomerapp.com/v1/notes: 404' }],
  ['usage text alone', { stdout: 'Usage: membrane <command>\n' }],
  ['an unknown option after two seconds', { stderr: "error: unknown option '--x'", milliseconds: 5000 }],
  ['an unknown option and exit 0', { stderr: "error: unknown option '--x'", exitCode: 0 }],
  ['an unknown option that was ignored', { stderr: 'Unknown option --x ignored\nNote created' }],
  ['an unknown option beside an answer', { stderr: "error: unknown option '--x'", stdout: success }],
  ['a refusal after the answer', { exitCode: 0, stdout: `${success}\n${relayed(404)}` }],
  ['a complete answer and an abort', { exitCode: 134, stdout: success }],
  ['a complete answer and a crash', { ended: 'signal', code: 'SIGSEGV', stdout: success }],
]
const proven: [string, Output, string, boolean][] = [
  ['a structured 4xx of the app', { stdout: relayed(422) }, 'invalid-input', false],
  ['a structured 4xx of the app on stderr', { stderr: relayed(404) }, 'not-found', false],
  ['a structured 429', { stdout: relayed(429) }, 'rate-limited', false],
  ['a 4xx envelope in a run', { exitCode: 0, stdout: json({ output: { status: 409 } }) }, 'conflict', false],
  ['a refusal of Membrane', { stdout: membrane('bad_request', 'access_denied') }, 'forbidden', false],
  [
    'a broken connection within a run',
    {
      stdout: json({
        type: 'action_run',
        message: 'x',
        causedByError: JSON.parse(membrane('connection', 'access_token_expired')),
      }),
    },
    'connection-needs-attention',
    false,
  ],
  ['nobody signed in', { stderr: 'Not logged in. Run `membrane login`.\n' }, 'signed-out', false],
  ['nobody signed in, coloured', { stderr: '\u001b[31mNot logged in\u001b[39m\n' }, 'signed-out', false],
  [
    'nobody signed in, with advice',
    { stderr: 'You are not logged in. Please run `membrane login` first.\n' },
    'signed-out',
    false,
  ],
  ['no token', { stderr: 'Error: Access token is not provided.' }, 'signed-out', false],
  ['an unknown command', { stderr: 'error: unknown command "request"' }, 'cli-unsupported', true],
  [
    'an unknown command with its line',
    { stderr: 'Unknown command: request c /v1\n' },
    'cli-unsupported',
    true,
  ],
  [
    'an unknown option and the usage',
    { stderr: "error: unknown option '--rawData'\n\nUsage: membrane request\n  -X" },
    'cli-unsupported',
    true,
  ],
]

describe('a write is outcome-unknown after', () => {
  it.each(unproven)('%s', (_, output) => {
    expect(errorOf(exit(output), true)?.reason).toBe('outcome-unknown')
    expect(errorOf(exit(output), true)?.notSent).toBe(false)
  })
})

describe('a write was refused by', () => {
  it.each(proven)('%s', (_, output, reason, notSent) => {
    expect(errorOf(exit(output), true)).toMatchObject({ reason, notSent })
  })
})
