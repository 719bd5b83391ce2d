/**
 * The OpenAI Agents SDK: makes a function tool of every tool, and calls four. Counts how many it can make strict; of
 * the others, which have a free object or nothing to give, it says so on stderr.
 */
import { getAllMcpTools, MCPServerStdio, RunContext } from '@openai/agents'

const { server, good, bad, proxied, ran } = JSON.parse(process.argv[2])
const connection = new MCPServerStdio({ name: 'kustomer', ...server })
await connection.connect()
const tools = await getAllMcpTools({ mcpServers: [connection] })
// It writes names of tools with underscores.
const plain = (name) => name.replaceAll('-', '_')
const call = async ({ name, arguments: input }) => {
  const tool = tools.find((one) => one.name === plain(name))
  return JSON.stringify(await tool.invoke(new RunContext(), JSON.stringify(input)))
}
const inStrictForm = await getAllMcpTools({ mcpServers: [connection], convertSchemasToStrict: true })
const report = {
  names: tools.map(({ name }) => name),
  answer: await call(good),
  proxied: await call(proxied),
  ran: await call(ran),
  error: await call(bad).catch(String),
  note: `${inStrictForm.filter(({ strict }) => strict).length} in strict form`,
}
console.log(JSON.stringify(report))
await connection.close()
