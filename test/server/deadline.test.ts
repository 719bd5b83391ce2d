import { describe, expect, test } from 'vitest'
import { internalErrorLog, setup } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'
import { atItsTime, elapse, stopClock } from '../support/time.ts'

const usable = { connections: [connection], actions: liveActions }
const note = { conversation: 'a'.repeat(24), body: 'x' }
const timeout = { isError: true, text: expect.stringMatching(/^timeout: /) }
const hanging = { ...usable, faults: [{ when: 'action run', hang: true }] }

test('a hanging CLI times out a read, not a write', async () => {
  const harness = await setup({ plan: hanging, args: ['--timeout-ms', '60000'] })
  stopClock()
  const calls = [harness.call('list-notes'), harness.call('create-note', note)]
  let isAnswered = false
  void Promise.race(calls).then(() => {
    isAnswered = true
  })
  await elapse(59_900)
  expect(isAnswered).toBe(false)
  await elapse(200)
  const [read, write] = await Promise.all(calls)
  expect(read).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^timeout: .*after 60 s, the deadline/),
  })
  expect(write).toMatchObject({
    isError: true,
    text: expect.stringMatching(/^outcome-unknown: .*Do not repeat it blindly/),
  })
})

test('a write that never had its turn was not sent', async () => {
  const args = ['--timeout-ms', '1200', '--max-concurrency', '1']
  const harness = await setup({ plan: hanging, args })
  stopClock()
  const calls = [harness.call('list-notes'), harness.call('create-note', note)]
  const [blocking, write] = await atItsTime(Promise.all(calls))
  expect(blocking).toMatchObject(timeout)
  expect(write).toMatchObject({ isError: true, text: expect.stringMatching(/^timeout: .*Nothing was sent/) })
  expect(harness.calls().filter(({ argv }) => argv[1] === 'run')).toHaveLength(1)
})

describe('a CLI that hangs on --help is a timeout', () => {
  test.each([
    ['by the deadline of the call', '3000', 3000],
    ['by the deadline of the help texts', '45000', 20_000],
  ])('%s', async (_, timeoutMs, afterMs) => {
    const harness = await setup({
      plan: { faults: [{ when: '', hang: true }] },
      args: ['--timeout-ms', timeoutMs, '--max-concurrency', '2'],
      cold: true,
    })
    stopClock()
    const start = Date.now()
    const results = await atItsTime(
      Promise.all([
        harness.call('list-notes'),
        harness.call('create-note', note),
        harness.call('proxy_request', { path: '/v1/customers' }),
      ]),
    )
    expect(Date.now() - start).toBe(afterMs)
    expect(results).toMatchObject([timeout, timeout, timeout])
    expect(await atItsTime(harness.call('list-notes'))).toMatchObject(timeout)
    expect(await harness.client.ping()).toEqual({})
    expect(harness.log()).not.toMatch(internalErrorLog)
  })
})

test('a hanging list of actions leaves no call unanswered', async () => {
  const plan = { ...usable, faults: [{ when: 'action list --connectionId', hang: true }] }
  const harness = await setup({ plan, args: ['--timeout-ms', '2000'], cold: true })
  stopClock()
  expect(await atItsTime(harness.call('list-notes'))).toMatchObject(timeout)
  const { isError, text, structured } = await atItsTime(harness.call('connect-kustomer'))
  expect(isError, text).toBe(false)
  expect(structured.data).toMatchObject({ state: 'READY' })
  expect(structured.notices).toEqual([expect.stringMatching(/list of its actions could not be read/)])
  expect(await atItsTime(harness.call('list-notes'))).toMatchObject(timeout)
  expect(harness.calls().filter(({ argv }) => argv[1] === 'run')).toEqual([])
  expect(harness.log()).not.toMatch(internalErrorLog)
})

test('progress is sent every five seconds', async () => {
  const plan = { ...usable, faults: [{ when: 'action run', delayMs: 12_000, standard: true }] }
  const harness = await setup({ plan })
  stopClock()
  const progress: number[] = []
  const call = harness.call('list-notes', {}, { onprogress: (one) => progress.push(one.progress) })
  await elapse(11_000)
  expect(progress).toEqual([1, 2])
  expect(await atItsTime(call)).toMatchObject({ isError: false })
  await elapse(20_000)
  expect(progress).toEqual([1, 2])
})

test('parallel calls run in order, four at a time', async () => {
  const plan = { ...usable, faults: [{ when: 'action run', delayMs: 400, json: { output: {} } }] }
  const harness = await setup({ plan, args: ['--max-concurrency', '4'] })
  stopClock()
  const start = Date.now()
  const bodies = Array.from({ length: 40 }, (_, index) => `note ${index}`)
  const calls = bodies.map((body) => harness.call('create-note', { ...note, body }))
  const results = await atItsTime(Promise.all(calls))
  expect(results.filter(({ isError }) => isError)).toEqual([])
  const inputs = harness.calls().map(({ argv }) => argv.find((arg) => arg.startsWith('--input=')) ?? '')
  expect(inputs.map((input) => JSON.parse(input.slice(8)).body)).toEqual(bodies)
  const rounds = harness.calls().map(({ at }) => Math.floor((at - start) / 400))
  expect(Math.max(...rounds.map((round) => rounds.filter((one) => one === round).length))).toBe(4)
})
