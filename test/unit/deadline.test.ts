import { describe, expect, it } from 'vitest'
import { createSharedAbort, deadlineOf, isPastDeadline, withDeadline } from '../../src/async/deadline.ts'
import { elapse, settle, stopClock } from '../support/time.ts'

/** A call with a deadline of a second: its signal, and how its client cancels it. */
function start() {
  stopClock()
  const client = new AbortController()
  let signal = new AbortController().signal
  const ended = withDeadline(
    1000,
    (given) => {
      signal = given
      return new Promise((resolve) => deadlineOf(given).addEventListener('abort', resolve, { once: true }))
    },
    client.signal,
  )
  return { ended, signal: () => signal, cancel: () => client.abort() }
}

describe('the deadline of a call', () => {
  it('is not reached by a cancellation', async () => {
    const { signal, cancel } = start()
    cancel()
    await settle()
    expect([signal().aborted, deadlineOf(signal()).aborted]).toEqual([true, false])
    expect(signal().reason).toMatchObject({
      reason: 'cancelled',
      message: expect.stringMatching(/before anything was sent/),
    })
    await elapse(999)
    expect(deadlineOf(signal()).aborted).toBe(false)
    await elapse(1)
    expect(isPastDeadline(deadlineOf(signal()))).toBe(true)
    expect(isPastDeadline(signal())).toBe(false)
  })

  it('ends what waits and what was started', async () => {
    const { signal } = start()
    await elapse(1000)
    expect([isPastDeadline(signal()), isPastDeadline(deadlineOf(signal()))]).toEqual([true, true])
  })

  it('of another signal is the signal itself', () => {
    const { signal } = new AbortController()
    expect(deadlineOf(signal)).toBe(signal)
  })
})

describe('work that calls share', () => {
  it('goes on to the deadline of the call that gave up last', async () => {
    const { signal, cancel } = start()
    const shared = createSharedAbort()
    cancel()
    shared.abort(signal())
    expect([shared.signal.aborted, deadlineOf(shared.signal).aborted]).toEqual([true, false])
    expect(shared.signal.reason).toBe(signal().reason)
    await elapse(1000)
    expect(isPastDeadline(deadlineOf(shared.signal))).toBe(true)
  })

  it('ends at once by a deadline', async () => {
    const { signal } = start()
    await elapse(1000)
    const shared = createSharedAbort()
    shared.abort(signal())
    expect([isPastDeadline(shared.signal), isPastDeadline(deadlineOf(shared.signal))]).toEqual([true, true])
  })

  it('ends at once by a signal without a deadline', () => {
    const controller = new AbortController()
    controller.abort(new Error('gone'))
    const shared = createSharedAbort()
    shared.abort(controller.signal)
    expect([shared.signal.aborted, deadlineOf(shared.signal).aborted]).toEqual([true, true])
  })
})
