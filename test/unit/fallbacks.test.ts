import { expect, test } from 'vitest'
import type { AnswerForm } from '../../src/membrane/answer-forms.ts'
import { createFallbackCounter, type Fallback, fallbacks } from '../../src/membrane/fallbacks.ts'
import { parseResult } from '../../src/membrane/parse-result.ts'
import { createCache } from '../../src/store/cache.ts'
import { setup, temporaryFolder } from '../support/harness.ts'
import { actionId, connection, liveActions } from '../support/samples.ts'
import { exit } from './error-cases.ts'

const json = (value: unknown) => JSON.stringify(value, undefined, 2)
const failed = { response: { status: 404, data: {} }, request: { method: 'GET', url: 'https://x.example/' } }

/** What is noted of an answer, and whether it was a success. */
function noted(output: { stdout?: string; stderr?: string; exitCode?: number }, answer: AnswerForm) {
  const names: Fallback[] = []
  try {
    parseResult(exit({ exitCode: 0, ...output }), { write: false, answer }, (name) => names.push(name))
    return ['understood', ...names]
  } catch {
    return ['failed', ...names]
  }
}

test.each<[string, Parameters<typeof noted>, string[]]>([
  ['a list as documented', [{ stdout: json({ items: [] }) }, 'list'], ['understood']],
  ['a bare list', [{ stdout: '[]' }, 'list'], ['understood', 'bare-list']],
  ['a list in output', [{ stdout: json({ output: [] }) }, 'list'], ['understood', 'list-in-output']],
  [
    'a notice before the answer',
    [{ stdout: `note\n${json({ items: [] })}` }, 'list'],
    ['understood', 'text-around-json'],
  ],
  [
    'two documents',
    [{ stdout: `{"progress":1}\n${json({ items: [] })}` }, 'list'],
    ['understood', 'several-documents'],
  ],
  [
    'a response as documented',
    [{ stdout: json({ status: 200, headers: {}, body: {} }) }, 'response'],
    ['understood'],
  ],
  ['a response without a body', [{ stdout: json({ status: 204, headers: {} }) }, 'response'], ['understood']],
  [
    'a response with data',
    [{ stdout: json({ status: 200, headers: {}, data: {} }) }, 'response'],
    ['understood', 'data-for-body'],
  ],
  [
    'a status of another name',
    [{ stdout: json({ statusCode: 200, headers: {}, body: {} }) }, 'response'],
    ['understood', 'other-status-name'],
  ],
  ['a bare body', [{ stdout: json({ data: [] }) }, 'response'], ['understood', 'bare-body']],
  ['a run', [{ stdout: json({ output: { data: {} } }) }, 'run'], ['understood']],
  ['an error as documented', [{ stdout: json(failed), stderr: 'x: 404', exitCode: 1 }, 'run'], ['failed']],
  ['an error on stderr', [{ stderr: json(failed), exitCode: 1 }, 'run'], ['failed', 'error-on-stderr']],
  [
    'an error of another program',
    [{ stdout: json({ error: 'not_found', message: 'No.' }), exitCode: 1 }, 'run'],
    ['failed', 'other-error-form'],
  ],
  ['an error in words', [{ stderr: 'Oops: 404', exitCode: 1 }, 'run'], ['failed', 'error-without-json']],
  ['an error with exit code 0', [{ stdout: json(failed) }, 'run'], ['failed', 'error-with-exit-0']],
  ['a refused command', [{ stderr: 'Unknown command: x', exitCode: 1 }, 'run'], ['failed']],
  ['nobody signed in', [{ stderr: 'Not logged in', exitCode: 1 }, 'run'], ['failed']],
])('%s', (_, [output, answer], expected) => {
  expect(noted(output, answer)).toEqual(expected)
})

test('counts of several processes are added up', async () => {
  const folder = await temporaryFolder()
  const counter = () => {
    const first: Fallback[] = []
    const cache = createCache(folder, () => undefined)
    return {
      first,
      ...createFallbackCounter({ cache, keyOf: async () => 'cli', onFirst: (name) => first.push(name) }),
    }
  }
  const [one, other] = [counter(), counter()]
  for (let count = 0; count < 5; count++) one.note('bare-list')
  one.note('bare-body')
  expect(one.first).toEqual(['bare-list', 'bare-body'])
  expect(await one.counts()).toEqual({ 'bare-list': 5, 'bare-body': 1 })
  other.note('bare-list')
  expect(await other.counts()).toEqual({ 'bare-list': 6, 'bare-body': 1 })
})

test('drift is logged once, counted, and the call works', async () => {
  const body = { data: [{ type: 'customer', id: actionId('list-customers') }] }
  const { call, log, app } = await setup({
    plan: {
      connections: [connection],
      actions: liveActions,
      faults: [{ when: 'request', json: { status: 200, headers: {}, data: body } }],
    },
  })
  for (let count = 0; count < 3; count++) {
    const { isError } = await call('proxy_request', { path: '/v1/customers' })
    expect(isError).toBe(false)
  }
  expect(log().match(/"event":"CLI drift"/g)).toHaveLength(1)
  expect(log()).toContain(fallbacks['data-for-body'])
  expect(await app.context.membrane.fallbacks()).toEqual({ 'data-for-body': 3 })
})

test('a verb that is refused counts as drift', async () => {
  const { call, app } = await setup({
    plan: {
      dialect: 'mixed',
      connections: [connection],
      actions: liveActions,
      faults: [{ when: 'request', stderr: 'Unknown command: request', exit: 1 }],
    },
  })
  expect(await call('proxy_request', { path: '/v1/customers' })).toMatchObject({ isError: false })
  expect(await app.context.membrane.fallbacks()).toEqual({ 'verb-refused': 1 })
})
