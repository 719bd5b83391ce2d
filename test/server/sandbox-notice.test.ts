import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Json, setup } from '../support/harness.ts'
import { connection, liveActions } from '../support/samples.ts'

const notice =
  'This is the sandbox: a simulation with sample data. Nothing here reaches Kustomer or a real customer.'
/** The folder of the repository. */
const root = join(import.meta.dirname, '..', '..')
const real = { plan: { connections: [connection], actions: liveActions } }

describe('the sandbox says so', () => {
  test('at the beginning of the instructions', async () => {
    const { client } = await setup({ args: ['--sandbox'] })
    expect(client.getInstructions()).toMatch(
      /^This is a SANDBOX: .*Nothing here reaches Kustomer or a real customer\. Say so when you report results\.\n\n/,
    )
    expect((client.getInstructions() ?? '').length).toBeLessThanOrEqual(2000)
  })

  test.each([
    ['ready', {}],
    ['signed out', { MEMBRANE_SANDBOX_START: 'signed-out' }],
  ])('in connection-status: %s', async (_, env) => {
    const harness = await setup({ args: ['--sandbox'], env })
    expect((await harness.call('connection-status')).structured.data).toMatchObject({ sandbox: true })
  })

  test('in the first answer alone', async () => {
    const harness = await setup({ args: ['--sandbox'] })
    const noticesOf = async (name: string, args: Json): Promise<string[]> =>
      (await harness.call(name, args)).structured.notices ?? []
    const first = await noticesOf('list-customers', { pageSize: 1 })
    expect(first[0]).toBe(notice)
    expect(first.length).toBeGreaterThan(1)
    for (const [name, args] of [
      ['list-customers', { pageSize: 1 }],
      ['search', { type: 'company' }],
      ['connection-status', {}],
    ] as const)
      expect(await noticesOf(name, args)).not.toContain(notice)
  })

  test('once, when the first calls come together', async () => {
    const harness = await setup({ args: ['--sandbox'] })
    const results = await Promise.all([1, 2, 3].map((pageSize) => harness.call('list-notes', { pageSize })))
    const said = results.filter(({ structured }) => structured.notices?.includes(notice))
    expect(said).toHaveLength(1)
  })

  test('in the first success after an error', async () => {
    const harness = await setup({ args: ['--sandbox'] })
    const failed = await harness.call('get-note-by-id', { id: '0'.repeat(24) })
    expect([failed.isError, failed.text]).toEqual([true, expect.stringMatching(/^not-found: /)])
    expect((await harness.call('list-notes')).structured.notices).toContain(notice)
  })
})

test('a real connection says nothing of a sandbox', async () => {
  const harness = await setup(real)
  expect(harness.client.getInstructions()).not.toMatch(/sandbox/i)
  for (const name of ['connection-status', 'list-notes']) {
    const { text } = await harness.call(name)
    // Its folder may be named so: that of a mutation run is.
    expect(text.replaceAll(root, '')).not.toMatch(/sandbox/i)
  }
})
