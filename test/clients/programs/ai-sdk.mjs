/** The Vercel AI SDK's MCP client: makes a tool set of every tool, and calls four. */
import { createMCPClient } from '@ai-sdk/mcp'
import { Experimental_StdioMCPTransport } from '@ai-sdk/mcp/mcp-stdio'

const { server, good, bad, proxied, ran } = JSON.parse(process.argv[2])
const client = await createMCPClient({ transport: new Experimental_StdioMCPTransport(server) })
const tools = await client.tools()
const call = async ({ name, arguments: input }) =>
  JSON.stringify(await tools[name].execute(input, { messages: [], toolCallId: '1' }))
const report = {
  names: Object.keys(tools),
  answer: await call(good),
  proxied: await call(proxied),
  ran: await call(ran),
  error: await call(bad).catch(String),
}
console.log(JSON.stringify(report))
await client.close()
