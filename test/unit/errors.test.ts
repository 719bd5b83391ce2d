import { describe, expect, it } from 'vitest'
import { type Reason, ToolError } from '../../src/errors.ts'
import { failureOfReply, parseResult } from '../../src/membrane/parse-result.ts'
import type { ProcessResult } from '../../src/membrane/process.ts'
import { exit, json, keys, modes, statuses, words } from './error-cases.ts'

function reasonOf(result: ProcessResult, write: boolean): Reason {
  try {
    parseResult(result, { write, answer: 'json' })
  } catch (error) {
    expect(error).toBeInstanceOf(ToolError)
    return (error as ToolError).reason
  }
  throw new Error('it was judged a success')
}

describe('a CLI that ends with', () => {
  it.each([...modes, ...statuses, ...keys, ...words])('%s', (_, output, read, write = read) => {
    expect([reasonOf(exit(output), false), reasonOf(exit(output), true)]).toEqual([read, write])
  })

  it.each([
    ['a document', '{"items":[]}'],
    ['notices and a document', '\u001b[33mDEPRECATED\u001b[39m\n{"status":200,"headers":{},"body":{}}'],
    ['an empty result', '{}'],
    [
      'an error-like text inside output',
      json({ output: { type: 'internal', message: 'x', request: {}, response: {} } }),
    ],
    [
      'a message of a record',
      json({ output: { data: [{ type: 'message', attributes: { preview: 'Not logged in' } }] } }),
    ],
    [
      'a connection with old errors',
      json({ id: 'x', state: 'READY', error: { message: 'old' }, errors: [{ message: 'old' }] }),
    ],
  ])('%s and exit 0 has succeeded', (_, stdout) => {
    const result = exit({ exitCode: 0, stdout })
    expect(parseResult(result, { write: true, answer: 'json' })).toEqual(
      JSON.parse(stdout.slice(stdout.search(/\{"|\{\}|\{\n/))),
    )
    expect(parseResult(result, { write: true, answer: 'text' })).toBe(stdout)
  })
})

describe('a reply with an error status', () => {
  it.each(statuses)('%s gives the same reason as from the CLI', (status, _, read, write = read) => {
    const reasons = [false, true].map(
      (isWrite) => failureOfReply(Number(status), { errors: [] }, isWrite).reason,
    )
    expect(reasons).toEqual([read, write])
  })

  it('is not read for reasons, only quoted', () => {
    const body = {
      type: 'bad_request',
      key: 'not_authenticated',
      code: 'ECONNREFUSED',
      message: 'run membrane login',
    }
    const failure = failureOfReply(422, body, true)
    expect([failure.reason, failure.status]).toEqual(['invalid-input', 422])
    expect(failure.message).toContain('“run membrane login”')
  })

  it('says where the mistake is', () => {
    const body = {
      errors: [
        { title: 'Invalid', detail: 'must be an email', source: { pointer: '/data/attributes/email' } },
      ],
    }
    expect(failureOfReply(400, body, false).message).toContain(
      'Invalid: must be an email (at /data/attributes/email)',
    )
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
    expect(failureOfReply(500, body, false).reason).toBe('upstream-error')
  })
})

it('reads long runs of blank lines to their end', { timeout: 10_000 }, () => {
  const blank = '\n'.repeat(90_000)
  expect(reasonOf(exit({ stderr: `x${blank}x`, stdout: `x${blank}x` }), false)).toBe('upstream-error')
})
