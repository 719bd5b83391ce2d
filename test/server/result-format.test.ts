import { describe, expect, test } from 'vitest'
import type { Json } from '../support/harness.ts'
import { setupLines } from '../support/lines.ts'
import { connection, liveActions } from '../support/samples.ts'

const body = { data: [{ type: 'note', id: '1', attributes: { body: 'Hi' } }] }
const plan = { connections: [connection], actions: liveActions, body }
const envelope = { data: [{ type: 'note', id: '1', body: 'Hi' }] }

/** The list of tools, a result and an error, as a client of a protocol version gets them. */
async function answersOf(format: string, version: string) {
  const client = await setupLines({ plan, args: ['--result-format', format] })
  await client.initialize(version)
  const { tools } = (await client.request('tools/list')).result
  const call = async (path: string): Promise<Json> => {
    const params = { name: 'proxy_request', arguments: { path } }
    return (await client.request('tools/call', params)).result
  }
  return { tools, success: await call('/v1/notes'), error: await call('notes') }
}

const text = { type: 'text', text: JSON.stringify(envelope) }
const withSchema = (tools: Json[]) =>
  tools.filter(({ outputSchema }) => outputSchema?.type === 'object').length

describe.each(['2025-06-18', '2025-11-25'])('with protocol %s', (version) => {
  test('text has neither structured content nor schemas', async () => {
    const { tools, success } = await answersOf('text', version)
    expect(success).toEqual({ content: [text] })
    expect(withSchema(tools)).toBe(0)
  })

  test('both has the same data twice', async () => {
    const { tools, success } = await answersOf('both', version)
    expect(success).toEqual({ content: [text], structuredContent: envelope })
    expect(withSchema(tools)).toBe(tools.length)
  })

  test('structured names the records in its text', async () => {
    const { tools, success } = await answersOf('structured', version)
    expect(success.structuredContent).toEqual(envelope)
    expect(success.content).toEqual([{ type: 'text', text: expect.stringContaining('1 records') }])
    expect(withSchema(tools)).toBe(tools.length)
  })
})

describe.each(['2024-11-05', '2025-03-26'])('with the older protocol %s', (version) => {
  test.each(['text', 'both', 'structured'])('%s is text', async (format) => {
    const { tools, success } = await answersOf(format, version)
    expect(success).toEqual({ content: [text] })
    expect(withSchema(tools)).toBe(0)
  })
})

test.each(['text', 'both', 'structured'])('an error is text with %s', async (format) => {
  const { error } = await answersOf(format, '2025-06-18')
  expect(error).toEqual({
    content: [{ type: 'text', text: expect.stringMatching(/^invalid-input: /) }],
    isError: true,
  })
})
