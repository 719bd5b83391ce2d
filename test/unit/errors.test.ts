import { describe, expect, it } from 'vitest'
import type { AnswerForm } from '../../src/membrane/answer-forms.ts'
import { parseResult } from '../../src/membrane/parse-result.ts'
import { errorOf, responseError } from './app-answers.ts'
import { exit, json, keys, modes, statuses, words } from './error-cases.ts'

describe('a CLI that ends with', () => {
  it.each([...modes, ...statuses, ...keys, ...words])('%s', (_, output, read, write = read) => {
    const reasons = [false, true].map((isWrite) => errorOf(exit(output), isWrite)?.reason)
    expect(reasons).toEqual([read, write])
  })

  it.each<[string, AnswerForm, string]>([
    ['a list', 'list', '{"items":[]}'],
    ['a bare list', 'list', '[{"id":"a"}]'],
    [
      'notices and a response',
      'response',
      '\u001b[33mDEPRECATED\u001b[39m\n{"status":200,"headers":{},"body":{}}',
    ],
    ['an empty result', 'run', '{"actionRunId":"r"}'],
    [
      'an error-like text inside records',
      'run',
      json({ output: { data: { type: 'log', attributes: { status: 500, error: 'x' } } } }),
    ],
    [
      'a message of a record',
      'run',
      json({ output: { data: [{ type: 'message', attributes: { preview: 'Not logged in' } }] } }),
    ],
    [
      'a connection with old errors',
      'record',
      json({ id: 'x', state: 'READY', error: { message: 'old' }, errors: [{ message: 'old' }] }),
    ],
  ])('%s and exit 0 has succeeded', (_, answer, stdout) => {
    const result = exit({ exitCode: 0, stdout })
    expect(parseResult(result, { write: true, answer })).toEqual(
      JSON.parse(stdout.slice(stdout.search(/[{[]["{\n]/))),
    )
    expect(parseResult(result, { write: true, answer: 'text' })).toBe(stdout)
  })
})

describe('a response with an error status', () => {
  it.each(statuses)('%s gives the same reason as from the CLI', (status, _, read, write = read) => {
    const reasons = [false, true].map(
      (isWrite) => responseError(Number(status), { errors: [] }, isWrite)?.reason,
    )
    expect(reasons).toEqual([read, write])
  })

  it('is quoted, and not read for reasons', () => {
    const body = {
      type: 'bad_request',
      key: 'not_authenticated',
      code: 'ECONNREFUSED',
      message: 'run membrane login',
    }
    const error = responseError(422, body, true)
    expect([error?.reason, error?.status]).toEqual(['invalid-input', 422])
    expect(error?.message).toContain('“run membrane login”')
  })

  it.each([
    null,
    undefined,
    '',
    'text',
    5,
    [],
    [null],
    { errors: null },
    { errors: [null, 5] },
    { errors: 'x' },
  ])('may have the body %j', (body) => {
    expect(responseError(500, body, false)?.reason).toBe('upstream-error')
  })
})

it('reads long runs of blank lines to their end', { timeout: 10_000 }, () => {
  const blank = '\n'.repeat(90_000)
  expect(errorOf(exit({ stderr: `x${blank}x`, stdout: `x${blank}x` }), false)?.reason).toBe('upstream-error')
})
