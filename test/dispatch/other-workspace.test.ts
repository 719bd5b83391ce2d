import { expect, it } from 'vitest'
import { localPrincipal } from '../../src/auth/principal.ts'
import { createConfirmations } from '../../src/dispatch/confirmation.ts'
import { createDeduplicator } from '../../src/dispatch/dedupe.ts'
import { createCache } from '../../src/store/cache.ts'
import { temporaryFolder } from '../support/harness.ts'
import { contextWith, dispatcherOn } from './support.ts'

/** Posts the same note to the connection that is chosen at the time. */
async function start(confirmMode: 'none' | 'writes') {
  const sent: string[] = []
  let connection = 'one'
  let fails = false
  const request = async (connectionId: string) => {
    sent.push(connectionId)
    if (fails) throw new Error('lost')
    return { status: 201, body: { done: true } }
  }
  const context = contextWith([], {
    membrane: { request } as never,
    connections: { resolve: async () => connection, use: (task: () => unknown) => task() } as never,
  })
  const folder = await temporaryFolder()
  const { middleware } = createDeduplicator({
    cache: createCache(folder, () => undefined),
    folder,
    scope: '',
  })
  const { registry, dispatch } = dispatcherOn(
    context,
    {},
    { confirmMode, confirmations: createConfirmations(), dedupe: middleware },
  )
  const tool = registry.get('proxy_request')
  if (tool === undefined) throw new Error('no proxy_request')
  const call = (more: object = {}) =>
    dispatch(
      tool,
      { method: 'POST', path: '/v1/notes', body: {}, ...more },
      { principal: localPrincipal, signal: new AbortController().signal },
    )
  return {
    sent,
    call,
    use: (id: string, failing = false) => {
      connection = id
      fails = failing
    },
  }
}

it('a token does not confirm the write to another workspace', async () => {
  const { sent, call, use } = await start('writes')
  const plan = await call()
  const { confirmationToken } = ('envelope' in plan ? plan.envelope.data : {}) as {
    confirmationToken: string
  }
  use('two')
  expect(await call({ confirmationToken })).toMatchObject({
    envelope: { data: { state: 'CONFIRMATION_REQUIRED' } },
  })
  expect(sent).toEqual([])
  use('one')
  expect(await call({ confirmationToken })).toMatchObject({ envelope: { data: { done: true } } })
  expect(sent).toEqual(['one'])
})

it('an unknown outcome holds back no write to another workspace', async () => {
  const { sent, call, use } = await start('none')
  use('one', true)
  expect(await call()).toMatchObject({ error: { reason: 'outcome-unknown' } })
  use('two')
  expect(await call()).toMatchObject({ envelope: { data: { done: true } } })
  use('one')
  expect(await call()).toMatchObject({ error: { reason: 'outcome-unknown' } })
  expect(sent).toEqual(['one', 'two'])
})
