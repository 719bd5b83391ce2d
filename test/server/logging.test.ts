import { expect, test } from 'vitest'
import { type Harness, type Json, setup } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

const plan = { connections: [connection], actions: liveActions }

test('the log says how each call ended, never with what', async () => {
  const harness = await setup({ args: ['--sandbox', '--log-level', 'trace'], cold: true })
  await harness.call('list-customers', { pageSize: 1 })
  await harness.call('get-customer-by-email', { email: 'somebody.private@example.com' })
  expect(outcomes(harness)).toEqual([
    expect.objectContaining({ tool: 'list-customers', outcome: 'ok', cliExit: 0, ms: expect.any(Number) }),
    expect.objectContaining({
      tool: 'get-customer-by-email',
      outcome: 'error',
      reason: 'not-found',
      cliExit: 1,
      status: 404,
    }),
  ])
  expect(harness.log()).not.toContain('somebody.private')
})

test('a call of an unknown tool is one log line', async () => {
  const harness = await setup({ plan })
  const names = ['no-such-tool', 'list-notes\nforged line', `long${'x'.repeat(5000)}`]
  const linesBefore = outcomes(harness)
  for (const name of names) {
    const isError = await harness.client.callTool({ name }).then(
      (result) => result.isError === true,
      () => true,
    )
    expect(isError, name).toBe(true)
  }
  const lines = outcomes(harness).slice(linesBefore.length)
  expect(lines).toHaveLength(names.length)
  for (const line of lines) {
    expect(line).toMatchObject({ outcome: 'error' })
    expect(JSON.stringify(line).length).toBeLessThan(2000)
  }
  expect(harness.calls().filter(({ argv }) => argv[1] === 'run')).toEqual([])
  expect((await harness.call('list-notes')).isError).toBe(false)
})

/** The log's lines about calls, each of which must be one JSON object. */
function outcomes({ log }: Pick<Harness, 'log'>): Json[] {
  const lines = log().split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).filter(({ outcome }) => outcome !== undefined)
}
