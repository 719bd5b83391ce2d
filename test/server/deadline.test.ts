import { once } from 'node:events'
import { describe, expect, onTestFinished, test } from 'vitest'
import { connection, liveActions } from '../support/samples.ts'
import { isAlive, type Json, ownMistake, setup, startByHand, until, warm } from '../support/server.ts'

const usable = { connections: [connection], actions: liveActions }
/** A process in its own session is not of the CLI's group: nothing ends it before it ends itself. */
const holdsStdoutMs = 60_000

const startedBy = (records: Json[]): { cli: number[]; sessions: number[] } => ({
  cli: records.flatMap(({ argv, pid }) => (argv?.[1] === 'run' ? pid : [])),
  sessions: records.flatMap(({ session }) => session ?? []),
})

describe('a process in its own session that holds the stdout of the CLI keeps nothing waiting', () => {
  test.each<[string, object, RegExp]>([
    ['the CLI hangs as well', { hang: true }, /^timeout: /],
    ['the CLI prints half an answer and hangs', { stdout: '{ "output": {', hang: true }, /^timeout: /],
    ['the CLI answers and ends', { json: { output: { ran: true } } }, /^(timeout: |\{"data":)/],
  ])('%s', { timeout: 25_000 }, async (_, fault, answer) => {
    const server = await startByHand(
      { ...usable, faults: [{ when: 'action run', session: holdsStdoutMs, ...fault, times: 2 }] },
      ['--timeout-ms', '1500'],
    )
    onTestFinished(async () => {
      for (const pid of startedBy(await server.records()).sessions.filter(isAlive))
        process.kill(pid, 'SIGKILL')
    })
    await warm(server)
    const read = await server.call('list-notes')
    expect(read.text).toMatch(answer)
    expect(read.isError).toBe(read.text.startsWith('timeout'))
    const write = await server.call('create-note', { conversation: 'a', body: 'x' })
    expect(write.text).toMatch(/^(outcome-unknown: |\{"data":)/)

    // With as many of them as may run at once, neither call may have kept its place.
    expect(await server.call('list-notes')).toMatchObject({ isError: false })
    expect(await server.call('connection-status')).toMatchObject({ isError: false })
    const { cli, sessions } = startedBy(await server.records())
    expect([cli.length, sessions.length]).toEqual([3, 2])
    expect(sessions.every(isAlive)).toBe(true)
    await until(() => !cli.some(isAlive))

    const exited = once(server.server, 'exit')
    server.server.stdin?.end()
    expect(await exited).toEqual([0, null])
  })

  test('the host leaves in the middle of the call', { timeout: 25_000 }, async () => {
    const server = await startByHand({
      ...usable,
      faults: [{ when: 'action run', session: holdsStdoutMs, hang: true }],
    })
    onTestFinished(async () => {
      for (const pid of startedBy(await server.records()).sessions.filter(isAlive))
        process.kill(pid, 'SIGKILL')
    })
    await warm(server)
    server.send({ id: 99, method: 'tools/call', params: { name: 'list-notes' } })
    await until(async () => startedBy(await server.records()).sessions.length > 0)
    const exited = once(server.server, 'exit')
    server.server.stdin?.end()
    expect(await exited).toEqual([0, null])
    const { cli, sessions } = startedBy(await server.records())
    expect([sessions.every(isAlive), cli.some(isAlive)]).toEqual([true, false])
  })
})

describe('a CLI that hangs on everything, even on --help', () => {
  const plan = { faults: [{ when: '', hang: true }] }

  test('is a timeout by the deadline of the call', async () => {
    const harness = await setup({ plan, args: ['--timeout-ms', '3000', '--max-concurrency', '2'] })
    const calls = [
      harness.call('list-notes'),
      harness.call('create-note', { conversation: 'a', body: 'x' }),
      harness.call('proxy_request', { path: '/v1/customers' }),
    ]
    for (const result of await Promise.all(calls))
      expect(result).toMatchObject({ isError: true, text: expect.stringMatching(/^timeout: /) })
    expect(await harness.call('list-notes')).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^timeout: /),
    })
    expect(await harness.log()).not.toMatch(ownMistake)
  })

  // The help texts have a deadline of their own, which ends some processes and meets others still waiting.
  test('is a timeout too when the deadline of the help texts comes first', { timeout: 58_000 }, async () => {
    const harness = await setup({ plan, args: ['--timeout-ms', '45000', '--max-concurrency', '2'] })
    expect(await harness.call('list-notes')).toMatchObject({
      isError: true,
      text: expect.stringMatching(/^timeout: /),
    })
    expect(await harness.log()).not.toMatch(ownMistake)
    expect(await harness.client.ping()).toEqual({})
  })
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
  expect((await harness.calls()).filter(({ argv }) => argv[1] === 'run')).toEqual([])
  expect(await harness.log()).not.toMatch(ownMistake)
})
