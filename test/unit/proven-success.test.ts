import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Reason } from '../../src/errors.ts'
import type { AnswerForm } from '../../src/membrane/answer-forms.ts'
import { parseResult } from '../../src/membrane/parse-result.ts'
import { errorIn, errorOf } from './app-answers.ts'
import { exit, json } from './error-cases.ts'

type Json = Record<string, unknown>
type Dialect = Exclude<AnswerForm, 'list' | 'record'>

const record = { type: 'note', id: 'n1', attributes: { body: 'Called back.', status: 500, error: 'quoted' } }
const logLines = [
  { level: 30, time: 1_764_000_000_000, msg: 'update available', latest: '1.19.0' },
  { level: 50, time: 1_764_000_000_000, msg: 'telemetry failed', status: 503 },
  { level: 'error', message: 'rate limit exceeded', timestamp: '2026-11-25T08:00:00Z' },
  { severity: 'ERROR', message: 'connect ECONNREFUSED 127.0.0.1:4318' },
]
const noiseLines = [
  ...logLines.map((line) => JSON.stringify(line)),
  '\u001b[33mDEPRECATED: use `membrane act --api`\u001b[39m',
  'Not logged in. Run `membrane login`.',
  'Rate limit exceeded',
  'Error: Action with id "a" not found',
  'connect ECONNREFUSED 127.0.0.1:4318',
  'Usage: membrane <command>',
  '[1/3] Running',
  '',
]
const noise = fc
  .array(fc.constantFrom(...noiseLines), { maxLength: 3 })
  .map((lines) => lines.map((line) => `${line}\n`).join(''))
const indent = fc.constantFrom(undefined, 2)

const bodies = fc.constantFrom<unknown>(
  { data: record },
  { data: [record, record], meta: { page: 1 } },
  { data: [] },
  { data: null },
  { meta: { upload: 'https://files.example/a' } },
)
const successStatus = fc.constantFrom(200, 201, 202, 204)
const envelopes = fc
  .tuple(successStatus, bodies, fc.constantFrom('body', 'data'), fc.boolean())
  .map(
    ([status, body, name, headers]): Json => ({ status, ...(headers ? { headers: {} } : {}), [name]: body }),
  )
const run = (output: unknown): Json => ({ output, actionRunId: '6af0c0ffee0000000000f001' })
const successes: Record<Dialect, fc.Arbitrary<Json>> = {
  response: fc.oneof(envelopes, bodies as fc.Arbitrary<Json>),
  run: fc.oneof(
    envelopes.map(run),
    bodies.map(run),
    fc.constant<Json>({ actionRunId: 'r' }),
    fc.constantFrom('success', 'completed').map((status) => ({ ...run({ data: record }), status })),
  ),
}
const dialects: Dialect[] = ['run', 'response']

/** Members that make an answer a failure, with the status that they state. */
const failures: [member: Json, status: number | undefined][] = [
  ...[400, 404, 409, 422, 429, 500, 502, 503].map((status): [Json, number] => [{ status }, status]),
  [{ status: '422' }, 422],
  [{ statusCode: 500 }, 500],
  [{ errors: [{ status: 404, title: 'No' }] }, 404],
  [{ errors: { status: '403', title: 'No' } }, 403],
  [{ errors: ['no'] }, undefined],
  [{ error: 'no' }, undefined],
  [{ error: { message: 'no', status: 422 } }, 422],
  [{ error: { message: 'no', code: 404 } }, 404],
  [{ success: false }, undefined],
  [{ ok: false }, undefined],
]
const runStates = ['error', 'failed', 'running', 'queued', 'pending', 'cancelled', 'anything else']

/** Every object of an answer that can state a failure: not the records of the app. */
function nodesOf(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || 'attributes' in value) return []
  const inner = ['output', 'data', 'body'].flatMap((name) => nodesOf((value as Json)[name], [...path, name]))
  return [path, ...inner]
}

function plant(document: Json, path: string[], members: Json): Json {
  const [name, ...rest] = path
  if (name === undefined) return { ...document, ...members }
  return { ...document, [name]: plant(document[name] as Json, rest, members) }
}

describe.each(dialects)('the answer of a %s', (form) => {
  it('is a success between any noise on both streams', () => {
    fc.assert(
      fc.property(successes[form], noise, noise, noise, indent, (document, before, after, stderr, space) => {
        const stdout = `${before}${JSON.stringify(document, null, space)}\n${after}`
        const result = exit({ exitCode: 0, stdout, stderr })
        expect(parseResult(result, { write: true, answer: form })).toEqual(document)
      }),
      { numRuns: 300 },
    )
  })

  it('is no success with any failing exit code', () => {
    fc.assert(
      fc.property(successes[form], fc.integer({ min: 1, max: 255 }), noise, (document, exitCode, stderr) => {
        const result = exit({ exitCode, stdout: json(document), stderr })
        expect(errorOf(result, true, form)?.reason).toBe('outcome-unknown')
        expect(errorOf(result, false, form)).toBeDefined()
      }),
    )
  })

  it('keeps a failure stated at any depth', () => {
    const planted = successes[form].chain((document) =>
      fc
        .tuple(fc.constantFrom(...nodesOf(document)), fc.constantFrom(...failures))
        .map(([path, [members, status]]) => ({ document: plant(document, path, members), status })),
    )
    fc.assert(
      fc.property(planted, noise, noise, ({ document, status }, before, after) => {
        const result = exit({ exitCode: 0, stdout: `${before}${json(document)}\n${after}` })
        const [read, write] = [false, true].map((isWrite) => errorOf(result, isWrite, form))
        expect(read?.status).toBe(status)
        expect(write?.status).toBe(status)
        if (status === undefined || status >= 500) expect(write?.reason).toBe('outcome-unknown')
      }),
      { numRuns: 500 },
    )
  })

  it('is a success for no other JSON, in any place', () => {
    const member = fc.constantFrom(
      ...[
        'output',
        'actionRunId',
        'status',
        'statusCode',
        'headers',
        'body',
        'data',
        'errors',
        'error',
        'message',
      ],
      ...['type', 'success', 'ok', 'level', 'msg', 'items', 'response', 'request', 'id'],
    )
    const scalar = fc.constantFrom<unknown>(
      '',
      'x',
      'running',
      'error',
      0,
      200,
      302,
      404,
      500,
      true,
      false,
      null,
    )
    const { node } = fc.letrec<{ node: Json; value: unknown }>((tie) => ({
      value: fc.oneof({ maxDepth: 4 }, scalar, tie('node'), fc.array(tie('node'), { maxLength: 2 })),
      node: fc.dictionary(member, tie('value'), { maxKeys: 4 }),
    }))
    const streams = fc.constantFrom('stdout', 'stderr')
    fc.assert(
      fc.property(
        node,
        streams,
        fc.constantFrom(0, 0, 0, 1, 134),
        noise,
        (document, stream, exitCode, after) => {
          const result = exit({ exitCode, [stream]: `${json(document)}\n${after}` })
          if (errorOf(result, true, form) !== undefined) return
          expect([exitCode, stream]).toEqual([0, 'stdout'])
          const proofs = form === 'run' ? ['output', 'actionRunId'] : ['status', 'statusCode', 'data', 'meta']
          expect(proofs.filter((name) => name in document)).not.toEqual([])
          expect(statedStatuses(document)).toEqual([])
        },
      ),
      { numRuns: 3000 },
    )
  })
})

/** Every status of 400 and more along the members that hold an answer, however deep. */
function statedStatuses(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  if (Array.isArray(value)) return value.flatMap(statedStatuses)
  const { status, statusCode } = value as Json
  const own = [status, statusCode].filter((each) => typeof each !== 'object' && Number(each) >= 400)
  return [...own, ...['output', 'data', 'body'].flatMap((name) => statedStatuses((value as Json)[name]))]
}

describe('a run is not proven', () => {
  it.each(runStates)('in the state %j', (status) => {
    const document = { ...run({ data: record }), status }
    expect(errorIn(document, true)?.reason).toBe('outcome-unknown')
    expect(errorIn(document, false)?.reason).toBe('upstream-error')
  })

  it.each<[string, string, Reason | undefined]>([
    ['an empty object', '{}', 'bad-output'],
    ['a state alone', '{"status":"success"}', 'bad-output'],
    ['another document', '{"unexpected":true}', 'bad-output'],
    ['a record without its run', json(record), 'bad-output'],
    ['a message', '{"message":"Done"}', 'bad-output'],
    ['a list', '[{"output":{}}]', 'bad-output'],
    ['log lines alone', logLines.map((line) => JSON.stringify(line)).join('\n'), 'bad-output'],
    ['an answer cut off behind another', '{"output":{}}\n{"type":"internal","mess', 'bad-output'],
    ['an error after it', `${json(run({}))}\n${json({ type: 'internal', message: 'No' })}`, 'upstream-error'],
    ['another failed answer beside it', `${json(run({}))}\n{"success":false}`, 'upstream-error'],
    ['partial results', json(run({ data: [record], errors: [{ status: 422 }] })), 'invalid-input'],
    ['a failed item', json(run({ data: [{ status: 200 }, { id: 'b', status: 422 }] })), undefined],
    ['a redirect', json(run({ status: 303, data: '' })), undefined],
    ['a refusal while it runs', json({ ...run({ status: 422 }), status: 'running' }), 'invalid-input'],
  ])('by %s', (_, stdout, read) => {
    const reasons = [false, true].map((write) => errorOf(exit({ exitCode: 0, stdout }), write)?.reason)
    expect(reasons).toEqual([read, 'outcome-unknown'])
  })
})
