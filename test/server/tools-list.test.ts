import { expect, test } from 'vitest'
import { setup, setupOnce } from '../support/harness.ts'
import { apiNames, breaches, type ListedTool } from '../support/model-apis.ts'
import { keys, otherTools } from '../support/samples.ts'
import { tokensOf, total } from '../support/token-count.ts'

test('all tools are listed without a CLI', async () => {
  const { tools } = await server().client.listTools()
  expect(tools.map(({ name }) => name)).toEqual([...keys, ...otherTools])
})

test('a call without a CLI says how to install it', async () => {
  const { call } = await setup({ env: { PATH: '/nowhere' } })
  const { isError, text } = await call('list-customers')
  expect(isError).toBe(true)
  expect(text).toMatch(/^cli-not-found: .*npm install -g @membranehq\/cli/)
  expect(text).toContain('"/nowhere"')
})

const server = setupOnce({ args: ['--cli', '/nowhere/membrane', '--result-format', 'both'] })

const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint']
/** The form of strict function calling has no free objects; a tool with one is called without it. */
const notStrict = /^openai-strict: .*: no free object$/

/** Every breach of the contract that all tools keep, now and later. */
function contractBreaches(tool: ListedTool & { outputSchema?: object | undefined }): string[] {
  const { name, title = '', description = '', annotations = {}, outputSchema } = tool
  const given = annotations as Record<string, unknown>
  const checks: [string, boolean][] = [
    ['its name is legal', /^[a-zA-Z0-9_-]{1,40}$/.test(name)],
    ['its title is for people', /^[A-Z][\w ]{2,40}$/.test(title)],
    ['its description is one short paragraph', /^[^\n]{20,400}$/.test(description)],
    ['it has all four hints and no other', Object.keys(given).sort().join() === [...hints].sort().join()],
    ['its hints are booleans', Object.values(given).every((hint) => typeof hint === 'boolean')],
    ['it reads or destroys, not both', !(given['readOnlyHint'] && given['destructiveHint'])],
    ['its answers are objects', (outputSchema as { type?: unknown } | undefined)?.type === 'object'],
    ['it names no schema version', !JSON.stringify(tool).includes('"$schema"')],
    [
      'its bounds mean something',
      !/9007199254740991|"minimum":[01][,}](?!"maximum")/.test(JSON.stringify(tool)),
    ],
    ['no description repeats a name', repeated(tool.inputSchema).length === 0],
    ...apiNames.map((api): [string, boolean] => [
      `${api} takes it: ${breaches(tool, api).join('; ')}`,
      breaches(tool, api).every((breach) => notStrict.test(breach)),
    ]),
  ]
  return checks.filter(([, holds]) => !holds).map(([what]) => `${name}: ${what}`)
}

const wordsOf = (text: string): string[] =>
  text
    .replace(/([A-Z])/g, ' $1')
    .toLowerCase()
    .match(/[a-z]+/g) ?? []

/** Names whose description says no word that the name does not say. */
function repeated(schema: unknown): string[] {
  const { properties = {} } = schema as { properties?: Record<string, { description?: string }> }
  return Object.entries(properties).flatMap(([name, member]) => {
    const known = new Set([...wordsOf(name), 'the', 'a', 'an', 'of', 'this'])
    const says =
      member.description === undefined || wordsOf(member.description).some((word) => !known.has(word))
    return [...(says ? [] : [name]), ...repeated(member)]
  })
}

test.each([
  ['as they are', []],
  ['with confirmation', ['--confirm', 'writes']],
  ['read-only', ['--read-only']],
])('all tools %s keep the contract', async (_, args) => {
  const { client } = await setup({ args: ['--cli', '/nowhere/membrane', '--result-format', 'both', ...args] })
  const { tools } = await client.listTools()
  expect(tools.flatMap(contractBreaches)).toEqual([])
  expect(new Set(tools.map(({ name }) => name)).size).toBe(tools.length)
  // Cursor takes 40 tools of all servers together.
  expect(tools.length).toBeLessThanOrEqual(36)
  const rows = tokensOf(tools)
  // A confirming step takes an argument on each tool that writes.
  const forToken = args.includes('--confirm') ? 35 : 0
  const confirming = forToken * tools.length
  expect(rows.filter(({ read }) => read > 400 + forToken)).toEqual([])
  expect(total(rows, 'read')).toBeLessThanOrEqual(4400 + confirming)
  expect(total(rows, 'sent')).toBeLessThanOrEqual(7000 + confirming)
})

test('lists and look-ups fit the strict form', async () => {
  const { client } = server()
  const { tools } = await client.listTools()
  const plain = tools.filter(({ name }) => /^(list|get)-/.test(name))
  expect(plain.length).toBeGreaterThanOrEqual(13)
  expect(plain.flatMap((tool) => breaches(tool, 'openai-strict'))).toEqual([])
})

test('the surface is the reviewed one', async () => {
  const { client } = server()
  const { tools } = await client.listTools()
  const surface = tools.map(({ name, title, description, annotations, inputSchema }) => {
    const { readOnlyHint, destructiveHint, idempotentHint } = annotations ?? {}
    const shown = [
      readOnlyHint && 'read',
      destructiveHint && 'destructive',
      idempotentHint && 'idempotent',
    ].filter(Boolean)
    const required = new Set(inputSchema.required)
    const args = Object.keys(inputSchema.properties ?? {}).map((arg) => (required.has(arg) ? `${arg}*` : arg))
    return `${name} (${title}) [${shown.join(' ')}] ${args.join(' ')}\n  ${description}`
  })
  await expect(`${surface.join('\n')}\n`).toMatchFileSnapshot('surface.txt')
})

test('the instructions say what agents get wrong', async () => {
  const { client } = server()
  const instructions = client.getInstructions() ?? ''
  expect(instructions.length).toBeLessThanOrEqual(1500)
  for (const part of [
    'search-actions',
    'proxy_request',
    'get-conversation-thread',
    'create-draft',
    'API key',
    'create-message',
    'It sends nothing',
    'replace lists whole',
    'absent is empty or false',
  ]) {
    expect(instructions).toContain(part)
  }
})

test('an unknown tool is a protocol error', async () => {
  const { client } = server()
  await expect(client.callTool({ name: 'no-such-tool' })).rejects.toMatchObject({
    code: -32602,
    message: expect.stringMatching(/^MCP error -32602: (?!MCP error)/),
  })
})
