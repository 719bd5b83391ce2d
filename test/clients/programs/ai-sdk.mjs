/** The Vercel AI SDK's MCP client: makes a tool set of every tool, and calls two. */
import { createMCPClient } from '@ai-sdk/mcp'
import { Experimental_StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio'

const { server, good, bad } = JSON.parse(process.argv[2])
const client = await createMCPClient({ transport: new Experimental_StdioMCPTransport(server) })
const tools = await client.tools()
const call = async ({ name, arguments: input }) =>
  JSON.stringify(await tools[name].execute(input, { messages: [], toolCallId: '1' }))
const [answer, error] = [await call(good), await call(bad).catch(String)]
console.log(JSON.stringify({ names: Object.keys(tools), answer, error }))
await client.close()
