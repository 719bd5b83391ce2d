import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { mainJs, setup, temporaryFolder } from '../support/server.ts'

const body = 'Written while the client was gone.'
const note = { conversation: '6afc33b0c0f0000004000003', body }

it('a write whose response met a broken pipe stays known', async () => {
  const stateDir = join(await temporaryFolder(), 'state')
  const child = spawn(process.execPath, [mainJs, '--sandbox', '--state-dir', stateDir], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  const send = (message: object) => child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  const clientInfo = { name: 'test', version: '1' }
  send({
    id: 0,
    method: 'initialize',
    params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo },
  })
  await once(child.stdout, 'data')
  send({ method: 'notifications/initialized' })
  child.stdout.destroy()
  await once(child.stdout, 'close')
  send({ id: 1, method: 'tools/call', params: { name: 'create-note', arguments: note } })
  await once(child, 'exit')

  const { call } = await setup({ args: ['--sandbox'], stateDir })
  const again = await call('create-note', note)
  expect(again.isError).toBe(false)
  expect(again.text).toContain('Done before, at ')
  const found = await call('search', { type: 'note', text: body })
  expect(found.structured?.data).toHaveLength(1)
})
