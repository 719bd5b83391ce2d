/** Mastra's MCP client: makes its tools of every tool, checks arguments by their schemas, and calls four. */
import { MCPClient } from '@mastra/mcp'

const { server, good, bad, proxied, ran } = JSON.parse(process.argv[2])
// It logs a failed call, which is expected here.
console.error = () => undefined
const client = new MCPClient({ servers: { kustomer: server } })
const tools = await client.listTools()
const call = async ({ name, arguments: input }) =>
  JSON.stringify(await tools[`kustomer_${name}`].execute(input, {}))
const report = {
  names: Object.keys(tools).map((name) => name.replace('kustomer_', '')),
  answer: await call(good),
  proxied: await call(proxied),
  ran: await call(ran),
  error: await call(bad).catch(String),
}
console.log(JSON.stringify(report))
await client.disconnect()
