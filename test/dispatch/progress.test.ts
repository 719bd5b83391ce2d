import { expect, it } from 'vitest'
import type { Json } from '../support/harness.ts'
import { atItsTime, elapse, stopClock } from '../support/time.ts'
import { warmServer } from './support.ts'

it('progress is sent every five seconds to a client that asked', async () => {
  stopClock()
  const harness = await warmServer([], [{ when: 'action run', delayMs: 12_000, json: { output: {} } }])
  const received: Json[] = []
  const { transport } = harness.client
  if (transport === undefined) throw new Error('no transport')
  const deliver = transport.onmessage
  transport.onmessage = (message, extra) => {
    if ('method' in message && message.method === 'notifications/progress') received.push(message)
    deliver?.(message, extra)
  }
  const progress: Json[] = []
  const calls = Promise.all([
    harness.call('list-notes', {}, { onprogress: (step) => progress.push(step) }),
    harness.call('list-users', {}),
  ])
  const results = await atItsTime(calls)
  expect(results.map(({ isError }) => isError)).toEqual([false, false])
  expect(progress.map((step) => step.progress)).toEqual(progress.map((_, index) => index + 1))
  expect(progress[0]).toMatchObject({ progress: 1, message: 'Waiting for the Membrane CLI' })
  expect(progress.length).toBe(2)
  expect(received.length).toBe(2)
  await elapse(6000)
  expect(received.length).toBe(2)
  expect(harness.protocolErrors).toEqual([])
})
