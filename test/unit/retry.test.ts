import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { withDeadline } from '../../src/async/deadline.ts'
import { ToolError } from '../../src/errors.ts'
import type { CliInfo } from '../../src/membrane/cli.ts'
import { createMembrane, type Membrane } from '../../src/membrane/client.ts'
import { createRateLimiter } from '../../src/membrane/limits.ts'
import type { ProcessResult } from '../../src/membrane/process.ts'
import { exit, json, relayed } from './error-cases.ts'

type Output = Partial<ProcessResult>

const info: CliInfo = {
  path: 'membrane',
  fingerprint: 'f',
  version: '1.18.0',
  act: false,
  run: 'action run',
  proxy: 'request',
  actionGet: false,
  actionLimit: false,
  actionCursor: false,
  connectionEnsure: false,
  connectionWait: false,
  connectionCursor: false,
  loginStart: false,
  loginTenant: true,
}
const reset: Output = { stderr: 'Error: read ECONNRESET' }
const answer: Output = {
  exitCode: 0,
  stdout: json({ output: { data: [] }, status: 200, headers: {}, body: { data: [] } }),
}

/** A client of a CLI whose processes end in these ways, the last of which repeats. */
function clientOf(outputs: readonly Output[], capabilities: Partial<CliInfo> = {}, runMs = 0) {
  const started: string[] = []
  const membrane = createMembrane(
    {
      exec: async ([command = '']) => {
        started.push(command)
        if (runMs > 0) await new Promise((resolve) => setTimeout(resolve, runMs))
        return exit(outputs[Math.min(started.length, outputs.length) - 1] ?? {})
      },
      getInfo: async () => ({ ...info, ...capabilities }),
      invalidate: async () => undefined,
      note: () => undefined,
      fallbacks: async () => ({}),
    },
    createRateLimiter({ requestsPerMinute: 100, searchesPerMinute: 100 }),
  )
  return { membrane, started }
}

type Send = (membrane: Membrane, write: boolean, signal: AbortSignal) => Promise<unknown>
const runAction: Send = (membrane, write, signal) =>
  membrane.runAction({ connectionId: 'c', actionId: 'a', input: {}, write }, signal)
const request: Send = (membrane, write, signal) =>
  membrane.request(
    'c',
    { method: 'POST', path: '/v1/x', query: [], pathParams: {}, headers: [], write, kind: 'search' },
    signal,
  )
const sends: [name: string, send: Send][] = [
  ['action', runAction],
  ['request', request],
]

/** The reason of a call, or `ok`, after all waits. */
async function reasonOf(call: Promise<unknown>): Promise<string> {
  const ended = call.then(
    () => 'ok',
    (error: unknown) => (error instanceof ToolError ? error.reason : String(error)),
  )
  await vi.runAllTimersAsync()
  return ended
}

const never = new AbortController().signal
const transient: [string, Output, string][] = [
  ['ECONNRESET', reset, 'network'],
  ['a name that is not found', { stderr: 'getaddrinfo ENOTFOUND api.getmembrane.com' }, 'network'],
  ['500', { stdout: relayed(500) }, 'upstream-error'],
  ['502', { stdout: relayed(502) }, 'upstream-error'],
  [
    '500 in an answer that looks like a success',
    { exitCode: 0, stdout: json({ output: { status: 500, data: {} }, status: 500, body: {} }) },
    'upstream-error',
  ],
]

beforeAll(async () => {
  // The first read loads the retry library, and fake timers do not wait for that.
  await runAction(clientOf([answer]).membrane, false, never)
})

describe.each(sends)('a %s', (_, send) => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it.each(transient)('that reads is retried twice after %s', async (_, fault, reason) => {
    const recovering = clientOf([fault, fault, answer])
    expect(await reasonOf(send(recovering.membrane, false, never))).toBe('ok')
    expect(recovering.started.length).toBe(3)
    const failing = clientOf([fault])
    expect(await reasonOf(send(failing.membrane, false, never))).toBe(reason)
    expect(failing.started.length).toBe(3)
  })

  it.each([
    ...transient,
    ['503', { stdout: relayed(503) }, ''],
    ['504', { stdout: relayed(504) }, ''],
  ] as typeof transient)('that writes is sent once after %s', async (_, fault) => {
    const { membrane, started } = clientOf([fault], { act: true })
    expect(await reasonOf(send(membrane, true, never))).toBe('outcome-unknown')
    expect(started.length).toBe(1)
  })

  it.each<[string, Output, string]>([
    ['400', { stdout: relayed(400) }, 'invalid-input'],
    ['401', { stdout: relayed(401) }, 'connection-needs-attention'],
    ['403', { stdout: relayed(403) }, 'forbidden'],
    ['404', { stdout: relayed(404) }, 'not-found'],
    ['408', { stdout: relayed(408) }, 'timeout'],
    ['409', { stdout: relayed(409) }, 'conflict'],
    ['413', { stdout: relayed(413) }, 'too-large'],
    ['422', { stdout: relayed(422) }, 'invalid-input'],
    ['429', { stdout: relayed(429) }, 'rate-limited'],
    ['no answer', { exitCode: 0 }, 'bad-output'],
    ['a signal', { ended: 'signal', code: 'SIGKILL' }, 'bad-output'],
    ['nobody signed in', { stderr: 'Not logged in. Run membrane login.' }, 'signed-out'],
  ])('that reads is not retried after %s', async (_, output, reason) => {
    const { membrane, started } = clientOf([output])
    expect(await reasonOf(send(membrane, false, never))).toBe(reason)
    expect(started.length).toBe(1)
  })

  it('is not retried after it was cancelled', async () => {
    const { membrane, started } = clientOf([reset])
    const controller = new AbortController()
    const call = send(membrane, false, controller.signal)
    call.catch(() => undefined)
    await vi.advanceTimersByTimeAsync(1)
    controller.abort(new ToolError('cancelled', 'The call was cancelled.'))
    expect(await reasonOf(call)).toBe('network')
    expect(started.length).toBe(1)
  })

  it('reports the last attempt at its deadline', async () => {
    const { membrane, started } = clientOf([reset], {}, 900)
    const call = withDeadline(1000, (signal) => send(membrane, false, signal))
    expect(await reasonOf(call)).toBe('network')
    expect(started.length).toBe(1)
  })
})

describe('the other verb', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('is used once for a read when the relay is down', async () => {
    const { membrane, started } = clientOf([reset, reset, { stdout: relayed(503) }, reset], { act: true })
    expect(await reasonOf(request(membrane, false, never))).toBe('network')
    expect(started).toEqual(['request', 'request', 'request', 'act'])
  })

  it.each([false, true])('is used when the CLI refused the first, write %s', async (write) => {
    const refused = { stderr: 'error: unknown command "request"\n' }
    const { membrane, started } = clientOf([refused, answer], { act: true })
    expect(await reasonOf(request(membrane, write, never))).toBe('ok')
    expect(started).toEqual(['request', 'act'])
  })
})
