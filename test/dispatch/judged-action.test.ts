import { Session } from 'node:inspector/promises'
import { describe, expect, it, vi } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import { toLiveAction } from '../../src/catalog/live-action.ts'
import { ToolError } from '../../src/errors.ts'
import { connectionId } from '../support/samples.ts'
import { contextWith, deletion, dispatcherOn, id } from './support.ts'

const action = (method: string, path = '/v1/customers/{{id}}') =>
  toLiveAction({
    id: `${method}-id`,
    key: 'customer-job',
    name: 'Job',
    config: { request: { method, path } },
  })

/** A dispatcher whose catalog answers with another action at each look-up. */
function changing(...answers: ReturnType<typeof action>[]) {
  const get = vi.fn(async () => answers[Math.min(get.mock.calls.length, answers.length) - 1])
  const refresh = vi.fn(async () => undefined)
  const runAction = vi.fn(async (_run: { actionId: string; write: boolean }) => ({ body: { data: 1 } }))
  const context = contextWith([])
  Object.assign(context.catalog, { get, refresh })
  Object.assign(context, { membrane: { runAction } })
  const { dispatch, registry } = dispatcherOn(context, {}, { confirmMode: 'writes' })
  const run = (input: object = { id }) => {
    const tool = registry.get('run-action')
    if (tool === undefined) throw new Error('no run-action')
    return dispatch(
      tool,
      { action: 'customer-job', input },
      { principal: localPrincipal, signal: new AbortController().signal },
    )
  }
  return { run, get, refresh, runAction }
}

describe('the action judged is the action that runs', () => {
  it('when the catalog changes from GET to DELETE', async () => {
    const { run, get, runAction } = changing(action('GET'), action('DELETE'))
    expect(await run()).toEqual({ envelope: { data: { data: 1 } } })
    expect(runAction.mock.calls.map(([{ actionId, write }]) => [actionId, write])).toEqual([
      ['GET-id', false],
    ])
    expect(get).toHaveBeenCalledTimes(1)
  })

  it('when the catalog changes from DELETE to GET', async () => {
    const { run, get, runAction } = changing(action('DELETE'), action('GET'))
    expect(await run()).toMatchObject({
      envelope: { data: { state: 'CONFIRMATION_REQUIRED', plan: { effect: 'destructive' } } },
    })
    expect(runAction).not.toHaveBeenCalled()
    expect(get).toHaveBeenCalledTimes(1)
  })

  it.each([
    ['another method', action('DELETE')],
    ['another path', action('GET', '/v1/customers/{{id}}/merges')],
  ])('when its id is gone and its key has %s', async (_, current) => {
    const { run, runAction } = changing(action('GET'), { ...current, id: 'new-id' })
    runAction.mockRejectedValue(new ToolError('action-not-found', 'Unknown id.'))
    expect(await run()).toMatchObject({ error: { reason: 'action-not-found' } })
    expect(runAction).toHaveBeenCalledTimes(1)
  })

  it('under its new id when the request is the same', async () => {
    const { run, runAction, refresh } = changing(action('GET'), { ...action('GET'), id: 'new-id' })
    runAction.mockRejectedValueOnce(new ToolError('action-not-found', 'Unknown id.'))
    expect(await run()).toEqual({ envelope: { data: { data: 1 } } })
    expect(runAction.mock.calls.map(([{ actionId }]) => actionId)).toEqual(['GET-id', 'new-id'])
    expect(refresh).toHaveBeenCalledTimes(1)
  })
})

/** Counts, by V8's own counters, how often functions of these names ran during a task. */
async function countCalls(names: readonly string[], task: () => Promise<unknown>) {
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
  await session.post('Profiler.takePreciseCoverage')
  await task()
  const { result } = await session.post('Profiler.takePreciseCoverage')
  session.disconnect()
  const functions = result.filter(({ url }) => url.includes('/src/')).flatMap((script) => script.functions)
  const counted = names.map((name) => [
    name,
    functions
      .filter(({ functionName }) => functionName === name)
      .reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0),
  ])
  return Object.fromEntries(counted)
}

describe('a call is parsed once', () => {
  it('by proxy_request', async () => {
    const request = vi.fn(async (given: string) => ({ status: 204, body: given && null }))
    const context = contextWith([], { membrane: { request } as never })
    const { dispatch, registry } = dispatcherOn(context)
    const run = () => {
      const tool = registry.get('proxy_request')
      if (tool === undefined) throw new Error('no proxy_request')
      return dispatch(tool, deletion[1], { principal: localPrincipal, signal: new AbortController().signal })
    }
    const counts = await countCalls(['checkPath', 'readRequest', 'riskOfRequest'], run)
    expect(counts).toEqual({ checkPath: 1, readRequest: 1, riskOfRequest: 1 })
    expect(request).toHaveBeenCalledTimes(1)
    expect(request.mock.calls[0]?.[0]).toBe(connectionId)
  })

  it('by run-action', async () => {
    const { run, get } = changing(action('GET'))
    const counts = await countCalls(['resolveAction', 'riskOfAnyAction'], run)
    expect(counts).toEqual({ resolveAction: 1, riskOfAnyAction: 1 })
    expect(get).toHaveBeenCalledTimes(1)
  })
})
