import { describe, expect, it } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import { createConfirmations } from '../../src/dispatch/confirmation.ts'
import { createDispatcher, type DispatcherOptions } from '../../src/dispatch/dispatcher.ts'
import { type Call, type Middleware, pipeline } from '../../src/dispatch/pipeline.ts'
import { ToolError } from '../../src/errors.ts'
import type { RiskLevel } from '../../src/kustomer/risk.ts'
import type { Elicitation } from '../../src/tools/elicitation.ts'
import type { PreparedCall, Tool } from '../../src/tools/tool.ts'
import { memoryLog } from '../support/harness.ts'
import { atItsTime, stopClock } from '../support/time.ts'

/** A dispatcher with one tool. Every member of the pipeline notes its name when a call reaches it. */
function traced(
  { risk = 'record', execute }: { risk?: RiskLevel; execute?: PreparedCall['execute'] } = {},
  options: Partial<DispatcherOptions> = {},
) {
  const trace: string[] = []
  const signals: AbortSignal[] = []
  const noting =
    <C extends Call>(name: string): Middleware<C> =>
    (call, next) => {
      trace.push(name)
      signals.push(call.signal)
      return next(call)
    }
  const tool: Tool = {
    name: 'any',
    group: 'actions',
    title: 'Any',
    description: '',
    inputSchema: { type: 'object', properties: {} },
    annotations: {
      readOnlyHint: risk === 'read',
      destructiveHint: false,
      idempotentHint: false,
      openWorldHint: true,
    },
    endpoint: { method: 'POST', path: '/v1/any', risk },
    async prepare() {
      trace.push('prepare')
      return {
        risk,
        idempotencyKey: 'key',
        async execute(signal) {
          trace.push('execute')
          return execute === undefined ? { data: 'done' } : execute(signal)
        },
      }
    },
  }
  const log = memoryLog()
  const policy = {
    readOnly: false,
    refusal() {
      trace.push('policy')
      return undefined
    },
  }
  const { dispatch } = createDispatcher({
    ready: Promise.resolve(),
    policy,
    registry: { all: () => [tool], get: () => tool },
    recover: noting('recovery'),
    confirmMode: 'writes',
    confirmations: createConfirmations(),
    dedupe: noting('dedupe'),
    audit: noting('audit'),
    names: async () => () => undefined,
    format: ({ data }) => ({ data }),
    firstNotice: undefined,
    timeoutMs: 1000,
    log: {
      ...log,
      info(fields) {
        trace.push('log')
        log.info(fields)
      },
    },
    ...options,
  })
  const elicitation = {
    async confirm() {
      trace.push('confirm')
      return 'accept'
    },
  } as unknown as Elicitation
  const controller = new AbortController()
  const run = ({ asks = true } = {}) =>
    dispatch(
      tool,
      {},
      { principal: localPrincipal, signal: controller.signal, elicitation: asks ? elicitation : undefined },
    )
  const logLine = () => JSON.parse(log.text().trim().split('\n').at(-1) ?? '')
  return { run, trace, signals, log: log.text, logLine, controller }
}

const everyStage = ['recovery', 'policy', 'prepare', 'confirm', 'dedupe', 'audit', 'execute', 'log']

describe('the pipeline', () => {
  it('runs the first middleware outermost', async () => {
    const trace: string[] = []
    const around =
      (name: string): Middleware<string> =>
      async (call, next) => {
        trace.push(`${name} ${call}`)
        const output = await next(`${call}!`)
        trace.push(name)
        return output
      }
    const run = pipeline([around('one'), around('two')], async (call) => ({ data: call }))
    expect(await run('call')).toEqual({ data: 'call!!' })
    expect(trace).toEqual(['one call', 'two call!', 'two', 'one'])
  })

  it('passes a write through every stage in order', async () => {
    const { run, trace } = traced()
    expect(await run()).toEqual({ envelope: { data: 'done' } })
    expect(trace).toEqual(everyStage)
  })

  it('takes a read past the stages of writes', async () => {
    const { run, trace } = traced({ risk: 'read' })
    await run()
    expect(trace).toEqual(['recovery', 'policy', 'prepare', 'execute', 'log'])
  })

  it('leaves recovery out where the client cannot ask', async () => {
    const { run, trace } = traced({ risk: 'read' })
    await run({ asks: false })
    expect(trace).toEqual(['policy', 'prepare', 'execute', 'log'])
  })

  it('leaves the audit out without a file', async () => {
    const { run, trace } = traced({}, { audit: undefined })
    await run()
    expect(trace).toEqual(everyStage.filter((stage) => stage !== 'audit'))
  })

  it('stops at the policy before the arguments are read', async () => {
    const { run, trace, logLine } = traced({}, { policy: { readOnly: false, refusal: () => 'is off' } })
    expect(await run()).toMatchObject({
      error: { reason: 'refused-by-policy', message: 'The tool any is off.' },
    })
    expect(trace).toEqual(['recovery', 'log'])
    expect(logLine()).toMatchObject({ tool: 'any', outcome: 'error', reason: 'refused-by-policy' })
  })
})

it('a first notice stands in the first success alone', async () => {
  let isFailing = true
  const { run } = traced(
    { execute: async () => (isFailing ? Promise.reject(new ToolError('conflict', 'No.')) : { data: 1 }) },
    { firstNotice: 'A sandbox.', format: ({ data, notices }) => ({ data, ...(notices ? { notices } : {}) }) },
  )
  expect(await run()).toMatchObject({ error: { reason: 'conflict' } })
  isFailing = false
  expect(await run()).toEqual({ envelope: { data: 1, notices: ['A sandbox.'] } })
  expect(await run()).toEqual({ envelope: { data: 1 } })
})

describe('the deadline', () => {
  it('is inside the log and around everything else', async () => {
    stopClock()
    const { run, logLine, signals, controller } = traced({
      execute: (signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    })
    const result = await atItsTime(run())
    expect(result).toMatchObject({ error: { reason: 'timeout' } })
    expect(logLine()).toMatchObject({ outcome: 'error', reason: 'timeout' })
    expect(signals).not.toContain(controller.signal)
    expect(controller.signal.aborted).toBe(false)
  })

  it('ends early when the client cancels', async () => {
    const { run, controller } = traced({ execute: async (signal) => signal.throwIfAborted() as never })
    controller.abort()
    expect(await run()).toMatchObject({ error: { reason: 'cancelled' } })
  })
})

describe('error mapping', () => {
  const failing = (risk: RiskLevel) =>
    traced({ risk, execute: () => Promise.reject(new TypeError('SECRET')) })

  it.each<[RiskLevel, string]>([
    ['read', 'bad-output'],
    ['record', 'outcome-unknown'],
  ])('calls a bug in a %s %s', async (risk, reason) => {
    const { run, logLine, log } = failing(risk)
    const result = await run()
    expect(result).toMatchObject({ error: { reason, message: expect.stringMatching(/^Internal error/) } })
    expect(JSON.stringify(result)).not.toContain('SECRET')
    expect(log()).toMatch(/"event":"internal error".*TypeError: SECRET/)
    expect(logLine()).toMatchObject({ outcome: 'error', reason })
  })

  it('logs the status and the exit code', async () => {
    const error = new ToolError('conflict', 'No.', { status: 409, exitCode: 1 })
    const { run, logLine } = traced({ execute: () => Promise.reject(error) })
    expect(await run()).toMatchObject({ error: { reason: 'conflict', status: 409 } })
    expect(logLine()).toMatchObject({ reason: 'conflict', status: 409, cliExit: 1 })
  })

  it('catches a formatter that throws', async () => {
    const { run } = traced(
      {},
      {
        format() {
          throw new RangeError('x')
        },
      },
    )
    expect(await run()).toMatchObject({ error: { reason: 'outcome-unknown' } })
  })
})
