import { expect, test } from 'vitest'
import organisation from '../../src/sandbox/organisation.json' with { type: 'json' }
import { type Harness, type Json, setup } from '../support/harness.ts'
import { setupLines } from '../support/lines.ts'

const [customer] = organisation.customers
const [conversation] = organisation.conversations

async function surfaceOf({ client }: Pick<Harness, 'client'>) {
  const { resources } = await client.listResources()
  const { resourceTemplates } = await client.listResourceTemplates()
  const { prompts } = await client.listPrompts()
  return [
    ...resources.map(({ uri, title, mimeType }) => `${uri} (${title}) ${mimeType}`),
    ...resourceTemplates.map(({ uriTemplate, title, mimeType }) => `${uriTemplate} (${title}) ${mimeType}`),
    ...prompts.map(({ name, title, arguments: args = [] }) => {
      const words = args.map((arg) => (arg.required ? `${arg.name}*` : arg.name))
      return `${name} (${title}) ${words.join(' ')}`
    }),
  ]
}

/** Fails like a protocol error: with a code, and a reason where there is one. */
const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => expect.unreachable('it was answered'),
    ({ code, message, data }: Json) => ({ code, message, reason: data?.reason }),
  )

test('resources and prompts work through the protocol', async () => {
  const harness = await setup({ args: ['--sandbox'] })
  const { client } = harness
  expect(client.getServerCapabilities()).toMatchObject({ resources: {}, prompts: {}, completions: {} })
  const surface = await surfaceOf(harness)
  await expect(`${surface.join('\n')}\n`).toMatchFileSnapshot('surface-on-demand.txt')

  const read = async (uri: string) => {
    const { contents } = await client.readResource({ uri })
    const [{ text, ...content }] = contents as [Json]
    expect(content).toEqual({ uri, mimeType: 'application/json' })
    return JSON.parse(text)
  }
  expect((await read('kustomer://status')).data.ready).toBe(true)
  expect((await read(`kustomer://customers/${customer?.id}`)).data.id).toBe(customer?.id)
  const whole = JSON.stringify(await read(`kustomer://conversations/${conversation?.id}`))
  expect(whole).toContain(conversation?.attributes.name)
  expect(
    await refused(client.readResource({ uri: 'kustomer://companies/ffffffffffffffffffffffff' })),
  ).toEqual({
    code: -32002,
    message: expect.stringMatching(/not-found: /),
    reason: 'not-found',
  })

  const { messages } = await client.getPrompt({
    name: 'summarize-customer',
    arguments: { customer: 'Dana Okafor' },
  })
  expect(messages).toMatchObject([{ role: 'user', content: { type: 'text' } }])
  expect(JSON.stringify(messages)).toContain(JSON.stringify('- customer: "Dana Okafor"').slice(1, -1))
  expect(await refused(client.getPrompt({ name: 'summarize-customer' }))).toMatchObject({
    code: -32602,
    message: expect.stringContaining('needs the argument customer'),
  })
  expect((await refused(client.getPrompt({ name: 'nothing' }))).code).toBe(-32602)
  expect(harness.protocolErrors).toEqual([])
})

test('completion offers the values of an enumeration', async () => {
  const { client, calls } = await setup({ args: ['--sandbox'] })
  const complete = async (ref: Json, name: string, value: string) =>
    (await client.complete({ ref, argument: { name, value } })).completion
  const prompt = (name: string) => ({ type: 'ref/prompt', name })
  const statuses = ['open', 'snoozed', 'done']
  expect(await complete(prompt('triage-open-conversations'), 'status', '')).toEqual({
    values: statuses,
    total: 3,
    hasMore: false,
  })
  expect((await complete(prompt('triage-open-conversations'), 'status', ' S')).values).toEqual(['snoozed'])
  for (const [ref, name] of [
    [prompt('summarize-customer'), 'customer'],
    [prompt('none'), 'x'],
    [{ type: 'ref/resource', uri: 'kustomer://customers/{id}' }, 'id'],
    [{ type: 'ref/resource', uri: 'file:///x' }, 'x'],
  ] as const)
    expect((await complete(ref, name, '')).values).toEqual([])
  expect(calls()).toEqual([])
})

test('a wrong address is refused before anything runs', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  for (const uri of [
    'kustomer://orders/1',
    'kustomer://customers/',
    'kustomer://customers',
    `kustomer://customers/${customer?.id}/drafts`,
    'kustomer://customers/..%2F..%2Fv1',
    'kustomer://customers/%',
    'file:///etc/passwd',
    '',
  ]) {
    const { code, message } = await refused(client.readResource({ uri }))
    expect([uri, code, message]).toEqual([uri, -32002, expect.stringContaining('kustomer://customers/{id}')])
  }
})

test('the policy holds for resources and prompts', async () => {
  const harness = await setup({ args: ['--cli', '/nowhere/membrane', '--tools', 'get-customer-by-id'] })
  expect(await surfaceOf(harness)).toEqual(['kustomer://customers/{id} (Customer) application/json'])
  expect(await refused(harness.client.readResource({ uri: 'kustomer://status' }))).toEqual({
    code: -32002,
    message: expect.stringContaining('refused-by-policy'),
    reason: 'refused-by-policy',
  })
  expect((await refused(harness.client.getPrompt({ name: 'draft-reply' }))).code).toBe(-32602)
})

test('a client of 2025-06-18 reads, and is told why not', async () => {
  const signedOut = { when: 'connection list', stderr: 'You are not logged in.\n', exit: 1 }
  const { initialize, request } = await setupLines({ plan: { faults: [signedOut] }, cold: true })
  await initialize('2025-06-18')
  const { resourceTemplates } = (await request('resources/templates/list')).result
  expect(resourceTemplates.length).toBeGreaterThanOrEqual(3)
  expect((await request('prompts/list')).result.prompts.length).toBe(5)
  const { contents } = (await request('resources/read', { uri: 'kustomer://status' })).result
  expect(JSON.parse(contents[0].text).data.problem.reason).toBe('signed-out')
  const { error } = await request('resources/read', { uri: 'kustomer://companies/aaaaaaaaaaaaaaaaaaaaaaaa' })
  expect(error).toMatchObject({
    code: -32603,
    message: expect.stringMatching(/signed-out: .*connect-kustomer/),
    data: { reason: 'signed-out' },
  })
})
