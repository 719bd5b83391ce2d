import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isAlive, type Json, internalErrorLog, setup, startByHand, until } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

const usable = { connections: [connection], actions: liveActions }
/** A process in its own session is not of the CLI's group: nothing ends it before it ends itself. */
const holdsStdoutMs = 60_000

const startedBy = (records: Json[]): { cli: number[]; sessions: number[] } => ({
  cli: records.flatMap(({ argv, pid }) => (argv?.[1] === 'run' ? pid : [])),
  sessions: records.flatMap(({ session }) => session ?? []),
})

describe('a process in its own session that holds the stdout of the CLI keeps nothing waiting', () => {
  const cases: [string, object, RegExp][] = [
    ['the CLI hangs as well', { hang: true }, /^timeout: /],
    ['the CLI prints half an answer and hangs', { stdout: '{ "output": {', hang: true }, /^timeout: /],
    ['the CLI answers and ends', { json: { output: { ran: true } } }, /^(timeout: |\{"data":)/],
  ]
  const idOf = (index: number) => `${index}`.padStart(24, '0')

  test('whatever the CLI does', { timeout: 25_000 }, async () => {
    const faults = cases.map(([, fault], index) => ({ has: idOf(index), session: holdsStdoutMs, ...fault }))
    const server = await startByHand(
      { ...usable, faults },
      { args: ['--timeout-ms', '3000', '--max-concurrency', '6'] },
    )
    onTestFinished(async () => {
      for (const pid of startedBy(await server.records()).sessions.filter(isAlive))
        process.kill(pid, 'SIGKILL')
    })
    // The first process of a server runs alone.
    expect(await server.call('list-notes')).toMatchObject({ isError: false })
    const answers = cases.map(async ([name, , answer], index) => {
      const [read, write] = await Promise.all([
        server.call('get-customer-by-id', { id: idOf(index) }),
        server.call('create-note', { conversation: idOf(index), body: 'x' }),
      ])
      expect(read.text, name).toMatch(answer)
      expect(read.isError, name).toBe(read.text.startsWith('timeout'))
      expect(write.text, name).toMatch(/^(outcome-unknown: |\{"data":)/)
    })
    await Promise.all(answers)

    // With as many of them as may run at once, no call may have kept its place.
    expect(await server.call('list-notes')).toMatchObject({ isError: false })
    expect(await server.call('connection-status')).toMatchObject({ isError: false })
    const { cli, sessions } = startedBy(await server.records())
    expect([cli.length, sessions.length]).toEqual([8, 6])
    expect(sessions.every(isAlive)).toBe(true)
    await until(() => !cli.some(isAlive))

    const exited = once(server.server, 'exit')
    server.server.stdin?.end()
    expect(await exited).toEqual([0, null])
  })

  test('the host leaves in the middle of the call', { timeout: 25_000 }, async () => {
    const faults = [{ when: 'action run', session: holdsStdoutMs, hang: true }]
    const server = await startByHand({ ...usable, faults }, { prefetched: true })
    onTestFinished(async () => {
      for (const pid of startedBy(await server.records()).sessions.filter(isAlive))
        process.kill(pid, 'SIGKILL')
    })
    server.send({ id: 99, method: 'tools/call', params: { name: 'list-notes' } })
    await until(async () => startedBy(await server.records()).sessions.length > 0)
    const exited = once(server.server, 'exit')
    server.server.stdin?.end()
    expect(await exited).toEqual([0, null])
    const { cli, sessions } = startedBy(await server.records())
    expect([sessions.every(isAlive), cli.some(isAlive)]).toEqual([true, false])
  })
})

// The help texts have a deadline of their own, which ends some processes and meets others still waiting.
test('a CLI that hangs even on --help is a timeout by the deadline of the call, or that of the help texts', {
  timeout: 58_000,
}, async () => {
  const plan = { faults: [{ when: '', hang: true }] }
  const start = (timeoutMs: string) =>
    setup({ plan, args: ['--timeout-ms', timeoutMs, '--max-concurrency', '2'] })
  const isTimeout = { isError: true, text: expect.stringMatching(/^timeout: /) }
  const [impatient, patient] = [await start('3000'), await start('45000')]
  const byHelpTexts = patient.call('list-notes')
  const calls = [
    impatient.call('list-notes'),
    impatient.call('create-note', { conversation: 'a', body: 'x' }),
    impatient.call('proxy_request', { path: '/v1/customers' }),
  ]
  for (const result of await Promise.all(calls)) expect(result).toMatchObject(isTimeout)
  expect(await impatient.call('list-notes')).toMatchObject(isTimeout)
  expect(await byHelpTexts).toMatchObject(isTimeout)
  for (const { log } of [impatient, patient]) expect(log()).not.toMatch(internalErrorLog)
  expect(await patient.client.ping()).toEqual({})
})

test('a hanging list of actions leaves no call without an answer', async () => {
  const harness = await setup({
    plan: { ...usable, faults: [{ when: 'action list --connectionId', hang: true }] },
    args: ['--timeout-ms', '2000'],
  })
  const list = await harness.call('list-notes')
  expect(list).toMatchObject({ isError: true, text: expect.stringMatching(/^timeout: /) })
  const connected = await harness.call('connect-kustomer')
  if (connected.isError) {
    expect(connected.text).toMatch(/^timeout: /)
  } else {
    expect(connected.structured.data).toMatchObject({ state: 'READY' })
    expect(connected.structured.notices).toEqual([expect.stringMatching(/actions/i)])
  }
  expect(await harness.call('list-notes')).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^timeout: /),
  })
  expect(harness.calls().filter(({ argv }) => argv[1] === 'run')).toEqual([])
  expectharness.log().not.toMatch(internalErrorLog)
})
