import { strict as assert } from 'node:assert'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'

export interface Start {
  command: string
  args: string[]
  cwd: string
  env: Record<string, string>
}

/**
 * Starts a server on the sandbox and takes the demo's first steps: list the tools, the conversations, read one and the
 * customer behind it. Returns how many tools there are. Rejects when a step does not do what it says.
 */
export async function firstSteps({ command, args, cwd, env }: Start): Promise<number> {
  const client = new Client({ name: 'packages', version: '1' })
  await client.connect(new StdioClientTransport({ command, args, cwd, env, stderr: 'ignore' }))
  try {
    const call = async (name: string, given: Record<string, unknown>) => {
      const result = await client.callTool({ name, arguments: given })
      assert.notEqual(result.isError, true, JSON.stringify(result.content))
      const [content] = result.content as { text: string }[]
      return JSON.parse(content?.text ?? '').data as Record<string, unknown>
    }
    const { tools } = await client.listTools()
    assert.ok(tools.length >= 25, 'the tools are listed')
    const list = (await call('list-conversations', { pageSize: 3 })) as unknown as { id: string }[]
    assert.equal(list.length, 3)
    const conversation = await call('get-conversation-by-id', { id: list[0]?.id })
    assert.equal(conversation['id'], list[0]?.id)
    const [customer] = (await call('list-customers', { pageSize: 1 })) as unknown as { id: string }[]
    assert.equal((await call('get-customer-by-id', { id: customer?.id }))['id'], customer?.id)
    return tools.length
  } finally {
    await client.close()
  }
}
