import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rows } from '../../src/cli/doctor/contract/prove.ts'
import { summaryOf } from '../../src/cli/doctor/contract/report.ts'
import { prove } from '../support/contract.ts'
import { changed, starts } from '../support/doubles.ts'
import { setup, temporaryFolder } from '../support/harness.ts'
import { sandboxRunner } from '../support/sandbox-runner.ts'
import { deviations } from './deviations.ts'

test('there is a deviation for each row', () => {
  expect(Object.keys(deviations)).toEqual(rows.map(({ id }) => id))
})

test('without a connection nothing is fine', async () => {
  const folder = await temporaryFolder()
  const { seen, verdict } = await prove(sandboxRunner({ folder, start: 'no-connection' }), folder)
  expect(verdict).toBe('would-fail')
  expect(seen['connection-chosen']).toBe('There is no Kustomer connection in this Membrane account.')
})

test('a wrong query that is taken is no failure', async () => {
  const folder = await temporaryFolder()
  const stdout = `${JSON.stringify({ status: 200, headers: {}, body: { data: [] } }, undefined, 2)}\n`
  const runner = changed(sandboxRunner({ folder }), (_, argv) =>
    argv.includes('--query=pageSize=0') ? { exitCode: 0, stdout, stderr: '' } : undefined,
  )
  const { seen, verdict, verdicts } = await prove(runner, folder)
  expect(verdicts['bad-request']).toBe('not-seen')
  expect(seen['bad-request']).toBe('it was taken; no 400 could be brought about')
  expect(verdict).toBe('fine')
})

test('lists that are 20,000 levels deep are a finding, not a crash', async () => {
  const folder = await temporaryFolder()
  const deep = `${'['.repeat(20_000)}"Marisol"${']'.repeat(20_000)}`
  const runner = changed(sandboxRunner({ folder }), ({ stdout }, argv) =>
    starts(argv, 'connection', 'list')
      ? { stdout: stdout.replace('"id":', `"deep": ${deep},\n"id":`) }
      : undefined,
  )
  const { seen, verdict, transcript } = await prove(runner, folder)
  expect(verdict).toBe('would-fail')
  expect(Object.values(seen)).toContain('could not be judged')
  expect(transcript.calls.map(({ stdout }) => stdout)).toContain('{"left":"out"}\n')
  expect(JSON.stringify(transcript)).not.toContain('Marisol')
})

test.each(Object.entries(deviations))(
  'a CLI that differs in %s is found out, and the program works or says why not',
  async (id, { change, verdict, dialect = 'old' as const, usage, callChange = change, ...rest }) => {
    const state = await temporaryFolder()
    const double = (folder: string, start = rest.start, by = change) =>
      changed(sandboxRunner({ folder: join(state, folder), dialect, ...(start ? { start } : {}) }), by)
    const table = await prove(double('seen', 'ready'), state, {}, usage)
    expect(table.seen[id], id).not.toBe('')
    expect(table.verdicts[id], table.seen[id]).toBe(verdict)
    expect(summaryOf(table.rows)).toContain(id)

    const { call } = await setup({ runner: double('called', rest.start, callChange) })
    const [tool, args] = rest.call ?? ['list-customers', { pageSize: 1 }]
    const { isError, text } = await call(tool, { ...args })
    expect(isError ? text.split(':')[0] : 'works').toBe(rest.outcome)
    expect(text).not.toContain('PLANTED-SECRET')
  },
)
