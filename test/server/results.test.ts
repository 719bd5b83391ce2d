import { describe, expect, test } from 'vitest'
import { type Harness, setup, setupOnce } from '../support/harness.ts'
import { actionId, connection, keys, liveActions, otherTools } from '../support/samples.ts'

const plan = { connections: [connection], actions: liveActions }
const id = 'aaaaaaaaaaaaaaaaaaaaaaaa'
const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'

describe('text of people passes unchanged but for tokens', () => {
  const server = setupOnce({ plan })
  const attributesOf = async (attributes: object) => {
    const body = { data: { type: 'message', id: '1', attributes } }
    const faults = [
      { when: 'request', json: { status: 200, headers: {}, body } },
      { when: 'action run', json: { output: body } },
    ]
    const harness = server()
    harness.rewrite({ ...plan, faults })
    const results = [
      await harness.call('proxy_request', { path: '/v1/messages/1' }),
      await harness.call('get-message-by-id', { id: '1' }),
    ]
    return results.map(({ isError, text, structured }) => {
      expect(isError, text).toBe(false)
      const { type, id: _, ...attributes } = structured.data
      expect(type).toBe('message')
      return { text, attributes, notices: structured.notices ?? [] }
    })
  }
  const aboutRedaction = expect.stringMatching(/redacted|replaced/i)

  test('words that only look like credentials', async () => {
    const attributes = {
      preview: 'My password: is not working',
      subject: 'Basic 12345678 plan',
      body: 'cookie: chocolate',
      several: 'Hi,\nmy password: is not working; api key = where?\ncookie: chocolate, please\nBye',
    }
    for (const result of await attributesOf(attributes)) {
      expect(result.attributes).toEqual(attributes)
      expect(result.notices).not.toContainEqual(aboutRedaction)
    }
  })

  test.each<[string, string, string]>([
    ['a bearer token', 'abcdefghijklmnop123', 'It says Bearer abcdefghijklmnop123 in the log'],
    ['a JWT', jwt, `My token is ${jwt}, does it help?`],
  ])('%s is replaced, and a notice says so', async (_, secret, preview) => {
    for (const result of await attributesOf({ preview, subject: 'My password: is not working' })) {
      expect(result.text).not.toContain(secret)
      expect(result.attributes).toEqual({
        preview: preview.replace(secret, '[redacted]'),
        subject: 'My password: is not working',
      })
      expect(result.notices).toContainEqual(aboutRedaction)
    }
  })
})

describe('--exclude-tools create-note', () => {
  const server = setupOnce({ plan, args: ['--exclude-tools', 'create-note'] })
  const note = { conversation: id, body: 'x' }
  const ran = (harness: Harness) =>
    harness
      .calls()
      .map(({ argv }) => argv.join(' '))
      .filter((line) => /^(action run|act )/.test(line))

  test.each<[string, string]>([
    ['key', 'create-note'],
    ['id', actionId('create-note')],
  ])('also holds for run-action by %s', async (_, action) => {
    const harness = server()
    const { isError, text } = await harness.call('run-action', { action, input: note })
    expect(isError).toBe(true)
    expect(text).toMatch(/^refused-by-policy: .*create-note/)
    expect(ran(harness)).toEqual([])

    const other = await harness.call('run-action', { action: 'list-notes' })
    expect(other.isError, other.text).toBe(false)
    expect(ran(harness)).toEqual([expect.stringContaining(actionId('list-notes'))])
  })

  test('holds by id before the actions are known', async () => {
    const harness = await setup({ plan, args: ['--exclude-tools', 'create-note'], cold: true })
    const { isError, text } = await harness.call('run-action', {
      action: actionId('create-note'),
      input: note,
    })
    expect(isError).toBe(true)
    expect(text).toMatch(/^refused-by-policy: /)
    expect(ran(harness)).toEqual([])
  })
})

describe('an empty list of tools offers all', () => {
  test.each<[string, string[], Record<string, string>]>([
    ["--tools ''", ['--tools', ''], {}],
    ["KUSTOMER_MCP_TOOLS=''", [], { KUSTOMER_MCP_TOOLS: '' }],
  ])('%s', async (_, args, env) => {
    const harness = await setup({ plan, args, env })
    const { tools } = await harness.client.listTools()
    expect(tools.map(({ name }) => name)).toEqual([...keys, ...otherTools])
    expect((await harness.call('list-notes')).isError).toBe(false)
  })
})
