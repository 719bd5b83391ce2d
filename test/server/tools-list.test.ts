import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { keys } from '../support/samples.ts'
import { setup, temporaryFolder } from '../support/server.ts'

const others = ['proxy_request', 'search-actions', 'run-action', 'connection-status', 'connect-kustomer']

async function program(name: string, source: string): Promise<string> {
  const file = join(await temporaryFolder(), name)
  await writeFile(file, source)
  return file
}

test.each([
  ['no CLI on the machine', async () => ['--cli', '/nowhere/membrane']],
  ['a CLI that hangs', async () => ['--cli', await program('hang.mjs', 'setInterval(() => {}, 1e9)')]],
  [
    'a CLI that prints garbage',
    async () => ['--cli', await program('garbage.mjs', 'console.log("\\u0000{{[[", Math.random())')],
  ],
])('tools/list is answered in full with %s', async (_, cli) => {
  const { client } = await setup({ args: await cli() })
  const { tools } = await client.listTools()
  expect(tools.map(({ name }) => name)).toEqual([...keys, ...others])
})

test('a call says that there is no CLI, where it looked, and how to install it', async () => {
  const { call } = await setup({ env: { PATH: '/nowhere' } })
  const { isError, text } = await call('list-customers')
  expect(isError).toBe(true)
  expect(text).toMatch(/^cli-not-found: .*npm install -g @membranehq\/cli/)
  expect(text).toContain('"/nowhere"')
})

test('every tool has a legal name, a title, all four hints, and a schema that every model API takes', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  const { tools } = await client.listTools()
  for (const { name, title, description, inputSchema, outputSchema, annotations } of tools) {
    expect(name).toMatch(/^[a-zA-Z0-9_-]{1,40}$/)
    expect(title, name).toMatch(/\S/)
    expect(description?.length, name).toBeLessThanOrEqual(400)
    expect(
      Object.values(annotations ?? {}).every((hint) => typeof hint === 'boolean'),
      name,
    ).toBe(true)
    expect(Object.keys(annotations ?? {}).sort(), name).toEqual([
      'destructiveHint',
      'idempotentHint',
      'openWorldHint',
      'readOnlyHint',
    ])
    expect(annotations?.readOnlyHint && annotations.destructiveHint, name).toBe(false)
    expect(inputSchema.type, name).toBe('object')
    expect(inputSchema.properties, name).toBeDefined()
    expect(outputSchema?.type, name).toBe('object')
    expect(JSON.stringify(inputSchema), name).not.toMatch(
      /"(\$schema|\$ref|anyOf|oneOf|allOf|additionalProperties|patternProperties|pattern|const)"/,
    )
  }
})

test('the surface that people configure and models read is the one that was reviewed', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  const { tools } = await client.listTools()
  const surface = tools.map(({ name, title, annotations, inputSchema }) => {
    const { readOnlyHint, destructiveHint, idempotentHint } = annotations ?? {}
    const hints = [
      readOnlyHint && 'read',
      destructiveHint && 'destructive',
      idempotentHint && 'idempotent',
    ].filter(Boolean)
    const required = new Set(inputSchema.required)
    const args = Object.keys(inputSchema.properties ?? {}).map((arg) => (required.has(arg) ? `${arg}*` : arg))
    return `${name} (${title}) [${hints.join(' ')}] ${args.join(' ')}`
  })
  await expect(`${surface.join('\n')}\n`).toMatchFileSnapshot('surface.txt')
})

test('the instructions are short and say what an agent would get wrong', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  const instructions = client.getInstructions() ?? ''
  expect(instructions.length).toBeLessThanOrEqual(1500)
  for (const part of [
    'search-actions',
    'proxy_request',
    'API key',
    'create-message',
    'It sends nothing',
    'unlinks',
  ]) {
    expect(instructions).toContain(part)
  }
})

test('an unknown tool is a protocol error', async () => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane'] })
  await expect(client.callTool({ name: 'no-such-tool' })).rejects.toMatchObject({ code: -32602 })
})
