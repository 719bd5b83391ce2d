import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { connection, liveActions } from '../support/samples.ts'
import { isAlive, type Json, setup, startByHand, until, warm } from '../support/server.ts'

const plan = { connections: [connection], actions: liveActions }

test.skipIf(!existsSync('/dev/full'))('a log file that takes nothing costs the log and no call', async () => {
  const harness = await setup({ plan, args: ['--log-file', '/dev/full', '--log-level', 'trace'] })
  for (let count = 0; count < 3; count++) {
    const { isError, text } = await harness.call('list-notes')
    expect(isError, text).toBe(false)
  }
  expect((await harness.call('connection-status')).structured.data.ready).toBe(true)
  expect(await harness.client.ping()).toEqual({})
  expect(isAlive(harness.pid())).toBe(true)
  expect(harness.protocolErrors).toEqual([])
})

describe('a host that never reads stderr', () => {
  const calls = 3000

  async function flooded() {
    const host = await startByHand(plan, ['--log-level', 'trace', '--exclude-tools', 'create-note'], true)
    for (let count = 0; count < calls; count++) {
      host.send({ id: `call-${count}`, method: 'tools/call', params: { name: 'create-note', arguments: {} } })
    }
    return host
  }

  test('gets every answer', async () => {
    const { request, answered } = await flooded()
    expect(await request('ping')).toMatchObject({ result: {} })
    await until(() => answered().filter((id) => String(id).startsWith('call-')).length === calls)
    expect(await request('ping')).toMatchObject({ result: {} })
  })

  test('is left by the server when it ends stdin', async () => {
    const { server, request } = await flooded()
    await request('ping')
    const exited = once(server, 'exit')
    server.stdin?.end()
    expect(await exited).toEqual([0, null])
  })
})

test('a call of a tool that does not exist is an error for the host, and one line of the log', async () => {
  const harness = await setup({ plan })
  await warm(harness)
  const names = ['no-such-tool', 'list-notes\nforged line', `long${'x'.repeat(5000)}`]
  const linesBefore = await outcomes(harness)
  for (const name of names) {
    const isError = await harness.client.callTool({ name }).then(
      (result) => result.isError === true,
      () => true,
    )
    expect(isError, name).toBe(true)
  }
  const lines = (await outcomes(harness)).slice(linesBefore.length)
  expect(lines).toHaveLength(names.length)
  for (const line of lines) {
    expect(line).toMatchObject({ outcome: 'error' })
    expect(JSON.stringify(line).length).toBeLessThan(2000)
  }
  expect((await harness.calls()).filter(({ argv }) => argv[1] === 'run')).toEqual([])
  expect((await harness.call('list-notes')).isError).toBe(false)
})

/** The log's lines about calls, each of which must be one JSON object. */
async function outcomes({ log }: { log(): Promise<string> }): Promise<Json[]> {
  const lines = (await log()).split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line)).filter(({ outcome }) => outcome !== undefined)
}
