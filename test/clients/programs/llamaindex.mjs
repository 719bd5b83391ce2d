/** LlamaIndex's MCP tools: makes a function tool of every tool, and calls four. */
import { mcp } from '@llamaindex/tools'

const { server, good, bad, proxied, ran } = JSON.parse(process.argv[2])
const client = mcp({ ...server, clientName: 'clients', verbose: false })
const tools = await client.tools()
const call = async ({ name, arguments: input }) =>
  JSON.stringify(await tools.find(({ metadata }) => metadata.name === name).call(input))
const report = {
  names: tools.map(({ metadata }) => metadata.name),
  answer: await call(good),
  proxied: await call(proxied),
  ran: await call(ran),
  error: await call(bad).catch(String),
}
console.log(JSON.stringify(report))
await client.cleanup()
