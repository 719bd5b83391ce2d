import { describe, expect, it } from 'vitest'
import type { ToolError } from '../../src/errors.ts'
import { parseResult } from '../../src/membrane/parse-result.ts'

const record = { data: { type: 'note', id: 'n1', attributes: { body: '<b>Hi</b>', error: 'none' } } }

function outcomeOf(stdout: string, answer: 'run' | 'response'): string {
  try {
    parseResult(
      { ended: 'exit', exitCode: 0, stdout, stderr: '', milliseconds: 3000 },
      { write: true, answer },
    )
    return 'done'
  } catch (error) {
    return (error as ToolError).reason
  }
}

const envelope = (body: unknown) => ({ status: 200, headers: {}, body })

const failures: [string, unknown][] = [
  ['success "false"', { success: 'false' }],
  ['Success false', { Success: false }],
  ['isSuccess false', { isSuccess: false }],
  ['hasErrors', { hasErrors: true }],
  ['errorMessage', { errorMessage: 'Boom', errorType: 'Error' }],
  ['error_code', { error_code: 'E1' }],
  ['fault', { fault: { faultstring: 'Boom' } }],
  ['a code beside a message', { code: 500, message: 'Boom' }],
  ['status_code', { status_code: 422 }],
  ['httpStatus', { httpStatus: 500 }],
  ['state rejected', { state: 'rejected' }],
  ['a failure in payload', { payload: { success: false } }],
  ['errors in meta', { data: null, meta: { errors: [{ title: 'Boom' }] } }],
  ['a page', '<html><body>502 Bad Gateway</body></html>'],
  ['an error as JSON text', '{"error":"boom"}'],
]

describe('a write answered with a failure', () => {
  it.each(failures)('is not done: %s', (_, body) => {
    expect(outcomeOf(JSON.stringify({ output: body, actionRunId: 'r' }), 'run')).not.toBe('done')
    expect(outcomeOf(JSON.stringify({ output: envelope(body) }), 'run')).not.toBe('done')
    expect(outcomeOf(JSON.stringify(envelope(body)), 'response')).not.toBe('done')
  })

  it.each([
    ['words', 'Internal Server Error'],
    ['a message alone', { message: 'Unauthorized' }],
  ])('is unknown after a run with %s', (_, output) => {
    expect(outcomeOf(JSON.stringify({ output }), 'run')).toBe('outcome-unknown')
  })

  it('is unknown where an earlier answer failed', () => {
    const [failed, done] = [{ output: { error: 'boom' } }, { output: record }].map((each) =>
      JSON.stringify(each),
    )
    expect(outcomeOf(`${failed}\n${done}`, 'run')).toBe('outcome-unknown')
    expect(outcomeOf(`${done}\n${failed}`, 'run')).toBe('outcome-unknown')
  })
})

describe('a write answered with a success', () => {
  it.each<[string, unknown]>([
    ['a record', record],
    ['a flat record', { id: 'n1', body: '<p>Hi</p>', errorCode: 'custom', status: 'rejected' }],
    ['nothing', null],
    ['ok', 'ok'],
    ['success true', { success: true, message: 'Note created' }],
    ['no error', { error: null, errors: [], errorMessage: '', hasErrors: false }],
  ])('is done: %s', (_, body) => {
    expect(outcomeOf(JSON.stringify({ output: body, actionRunId: 'r' }), 'run')).toBe('done')
    expect(outcomeOf(JSON.stringify(envelope(body)), 'response')).toBe('done')
  })

  it('is done with words where a status proves it', () => {
    expect(outcomeOf(JSON.stringify(envelope('Accepted')), 'response')).toBe('done')
    const run = { status: 'completed', output: 'Note created', actionRunId: 'r' }
    expect(outcomeOf(JSON.stringify(run), 'run')).toBe('done')
  })

  it('is done after progress', () => {
    const lines = [{ actionRunId: 'r', status: 'running' }, { output: record }]
    expect(outcomeOf(lines.map((line) => JSON.stringify(line)).join('\n'), 'run')).toBe('done')
  })
})
