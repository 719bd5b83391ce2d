/**
 * A support agent's morning, on the sandbox: a real MCP client starts the built server and works through it.
 * Prints what happens with the size of each answer. Exits 0 only when every step did what it says, which it reads
 * back from the workspace.
 */
import { strict as assert } from 'node:assert'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

type Resource = Record<string, unknown> & { id: string }

const main = join(import.meta.dirname, '..', '..', 'dist', 'main.js')
const folder = await mkdtemp(join(tmpdir(), 'kustomer-mcp-demo-'))
const client = new Client({ name: 'demo', version: '1.0.0' })
let step = 0

function title(text: string) {
  step++
  console.log(`\n${step}. ${text}`)
}

async function call<T>(name: string, args: Record<string, unknown> = {}): Promise<T> {
  console.log(`   → ${name} ${JSON.stringify(args)}`)
  const result = await client.callTool({ name, arguments: args })
  const [content] = result.content as { text: string }[]
  assert.ok(content, 'an answer has content')
  console.log(`   ← ${content.text.length.toLocaleString('en')} characters`)
  assert.notEqual(result.isError, true, content.text)
  return (JSON.parse(content.text) as { data: T }).data
}

async function refused(name: string, args: Record<string, unknown>): Promise<string> {
  console.log(`   → ${name} ${JSON.stringify(args)}`)
  const result = await client.callTool({ name, arguments: args })
  const [content] = result.content as { text: string }[]
  assert.equal(result.isError, true, 'the call is refused')
  return content?.text ?? ''
}

async function morning() {
  title('What can be done here?')
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [main, '--sandbox', '--state-dir', folder, '--log-level', 'warn'],
    stderr: 'inherit',
  })
  await client.connect(transport)
  const { tools } = await client.listTools()
  console.log(`   ← ${tools.length} tools, ${JSON.stringify(tools).length.toLocaleString('en')} characters`)
  console.log(`     ${tools.map(({ name }) => name).join(', ')}`)
  assert.ok(tools.length >= 25)

  title('Which conversations are there?')
  const conversations = await call<Resource[]>('list-conversations', { pageSize: 12 })
  const open = conversations.filter(({ status }) => status === 'open')
  for (const { priority, name } of open) console.log(`     [${priority}] ${name}`)
  const urgent = open.sort((a, b) => Number(b['priority']) - Number(a['priority']))[0]
  assert.ok(urgent, 'one conversation is open')

  title('Read the most urgent one, and who it is from')
  const conversation = await call<Resource>('get-conversation-by-id', { id: urgent.id })
  const customerId = conversation['customer']
  const customer = await call<Resource>('get-customer-by-id', { id: customerId })
  console.log(`     ${customer['name']} writes about “${conversation['name']}”`)

  title('Leave a note for the team')
  const words = 'Called the customer; the certificate chain is complete now.'
  const note = await call<Resource>('create-note', { conversation: urgent.id, body: words })
  const readNote = await call<Resource>('get-note-by-id', { id: note.id })
  assert.equal(readNote['body'], words)
  assert.equal(readNote['conversation'], urgent.id)

  title('Close the conversation')
  // The note has moved the record on: read its revision again, so that the update cannot overwrite someone's change.
  const { rev } = await call<Resource>('get-conversation-by-id', { id: urgent.id })
  await call('update-conversation', { id: urgent.id, status: 'done', rev })
  const closed = await call<Resource>('get-conversation-by-id', { id: urgent.id })
  assert.equal(closed['status'], 'done')
  console.log(`     status is now ${closed['status']}, with ${closed['noteCount']} notes`)

  title('Ask the API for something that no tool covers: the teams')
  const teams = await call<Resource[]>('proxy_request', { path: '/v1/teams' })
  assert.ok(teams.length > 0)
  for (const { id, name } of teams) console.log(`     ${id} ${name}`)

  title('What happens with a bad call?')
  const text = await refused('create-note', { body: 'A note on nothing' })
  console.log(`     ${text}`)
  assert.match(text, /^invalid-input: .*`conversation`: required but missing/)
}

try {
  await morning()
  console.log(`\nEvery step was read back from the sandbox. All ${step} steps passed.`)
} catch (error) {
  console.error(`\nStep ${step} failed: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
} finally {
  await client.close()
  await rm(folder, { recursive: true, force: true })
}
