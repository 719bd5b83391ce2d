import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import { expect, it, onTestFinished, vi } from 'vitest'
import { until } from '../support/harness.ts'
import { connection, connectionId, liveActions } from '../support/samples.ts'
import { stopClock } from '../support/time.ts'
import { type HttpOptions, startHttp } from './support.ts'

const list = { name: 'list-customers', arguments: {} }

const slow = (fault: object): HttpOptions => ({
  given: { connection: connectionId },
  plan: { connections: [connection], actions: liveActions, faults: [{ when: 'action run', ...fault }] },
})

async function connected(options: HttpOptions) {
  const harness = await startHttp(options)
  const { authorization } = await harness.bearer('anna')
  const client = new Client({ name: 'test', version: '1' })
  const transport = new StreamableHTTPClientTransport(new URL(harness.url), {
    requestInit: { headers: { authorization } },
  })
  await client.connect(transport as Transport)
  onTestFinished(() => client.close())
  return { ...harness, client, transport }
}

it('the SDK client lists the tools and calls one on the sandbox', async () => {
  const { client, transport } = await connected({ given: { sandbox: true, cli: undefined } })
  expect(transport.sessionId).toBeUndefined()
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toContain('list-customers')
  expect((await client.listPrompts()).prompts.length).toBeGreaterThan(0)
  const result = await client.callTool({ name: 'list-users', arguments: {} }, undefined, {
    onprogress: () => undefined,
  })
  expect(result.isError).toBeFalsy()
  expect(JSON.stringify(result.content)).toContain('Noor Haddad')
})

it('the SDK client hears of the progress of a call', async () => {
  const { client, scripted } = await connected(slow({ standard: true, delayMs: 12_000 }))
  const heard: number[] = []
  stopClock()
  const calling = client.callTool(list, undefined, {
    onprogress: ({ progress }) => void heard.push(progress),
  })
  await until(() => scripted.running() === 1)
  for (const expected of [1, 2]) {
    vi.advanceTimersByTime(5000)
    await until(() => heard.length === expected)
  }
  vi.advanceTimersByTime(2000)
  expect((await calling).isError).toBeFalsy()
  expect(heard).toEqual([1, 2])
})

it('the SDK client that closes ends its read', async () => {
  const { client, scripted } = await connected(slow({ hang: true }))
  const calling = client.callTool(list)
  const failed = expect(calling).rejects.toThrow()
  await until(() => scripted.running() === 1)
  await client.close()
  await failed
  await until(() => scripted.running() === 0)
})
