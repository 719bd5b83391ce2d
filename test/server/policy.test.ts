import { describe, expect, test } from 'vitest'
import { type Harness, setup } from '../support/harness.ts'
import { connection, keys, liveActions } from '../support/samples.ts'

const plan = { connections: [connection], actions: liveActions }
const writes = keys.filter((key) => /^(create|update)-/.test(key))
const names = async ({ client }: Harness) => (await client.listTools()).tools.map(({ name }) => name)

async function refused(harness: Harness, name: string, args: Record<string, unknown>, why: RegExp) {
  const before = harness.calls().length
  const { isError, text } = await harness.call(name, args)
  expect(isError, name).toBe(true)
  expect(text).toMatch(why)
  expect(harness.calls().length, name).toBe(before)
}

test('--read-only lists and runs reads alone', async () => {
  const harness = await setup({ plan, args: ['--read-only'] })
  const listed = await names(harness)
  expect(listed).toEqual([
    ...keys.filter((key) => !writes.includes(key)),
    'proxy_request',
    'search-actions',
    'connection-status',
    'search',
    'get-conversation-thread',
    'list-customer-conversations',
    'list-drafts',
    'find-answers',
    'read-result',
  ])
  for (const name of [
    ...writes,
    'run-action',
    'connect-kustomer',
    'create-draft',
    'update-draft',
    'merge-customers',
  ]) {
    await refused(
      harness,
      name,
      { action: 'x', id: 'a', conversation: 'a' },
      /^refused-by-policy: .*--read-only/,
    )
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    await refused(
      harness,
      'proxy_request',
      { method, path: '/v1/customers' },
      /^invalid-input: .*`method`: .*\bGET\b/,
    )
  }
  await refused(
    harness,
    'proxy_request',
    { path: '/v1/customers', headers: { 'X-HTTP-Method-Override': 'DELETE' } },
    /^invalid-input: `headers`/,
  )
  await harness.call('proxy_request', { path: '/v1/customers', body: { a: 1 } })
  const sent = harness
    .calls()
    .filter(({ argv }) => argv[0] === 'request')
    .map(({ argv }) => argv.join(' '))
  expect(sent.every((line) => line.includes('--method=GET') && !line.includes('--data'))).toBe(true)
  const { tools } = await harness.client.listTools()
  expect(
    tools.every(
      ({ annotations }) => annotations?.readOnlyHint === true && annotations.destructiveHint === false,
    ),
  ).toBe(true)
})

describe('what is listed is what can be called', () => {
  test.each<[string[], string[], string]>([
    [
      ['--tools', 'list-customers,discovery'],
      ['list-customers', 'search-actions', 'run-action'],
      'list-notes',
    ],
    [
      ['--exclude-tools', 'actions, proxy, workflow'],
      ['search-actions', 'run-action', 'connection-status', 'connect-kustomer', 'read-result'],
      'proxy_request',
    ],
    [
      ['--tools', 'proxy,connection', '--proxy', 'off'],
      ['connection-status', 'connect-kustomer'],
      'proxy_request',
    ],
    [
      ['--tools', 'workflow', '--proxy', 'off', '--exclude-tools', 'create-draft,merge-customers'],
      [
        'search',
        'get-conversation-thread',
        'list-customer-conversations',
        'list-drafts',
        'update-draft',
        'find-answers',
      ],
      'create-draft',
    ],
    [
      ['--tools', 'actions', '--exclude-tools', writes.join(',')],
      keys.filter((key) => !writes.includes(key)),
      'create-note',
    ],
  ])('%j', async (args, listed, hidden) => {
    const harness = await setup({ plan, args })
    expect(await names(harness)).toEqual(listed)
    const { isError, text } = await harness.call(hidden, { path: '/v1/customers' })
    expect(isError).toBe(true)
    expect(text).toMatch(/^refused-by-policy: /)
  })

  test('--proxy read takes GET alone', async () => {
    const harness = await setup({ plan, args: ['--proxy', 'read'] })
    const proxy = (await harness.client.listTools()).tools.find(({ name }) => name === 'proxy_request')
    expect(proxy).toMatchObject({
      annotations: { readOnlyHint: true },
      inputSchema: { properties: { method: { enum: ['GET'] } } },
    })
    expect(proxy?.inputSchema.properties).not.toHaveProperty('body')
    expect((await harness.call('proxy_request', { method: 'DELETE', path: '/v1/notes/1' })).text).toMatch(
      /^invalid-input: /,
    )
    expect(await names(harness)).toContain('create-note')
  })
})
