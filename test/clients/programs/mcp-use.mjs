/**
 * mcp-use's LangChain adapter: makes a structured tool of every tool, and calls four. It takes an object for closed, so
 * the query stands in the path and the input is text.
 */
import { MCPClient } from 'mcp-use'
import { LangChainAdapter } from 'mcp-use/adapters'

const { server, good, bad, proxied, ran } = JSON.parse(process.argv[2])
const print = console.log
console.log = console.info = console.warn = console.error = () => undefined
const client = MCPClient.fromDict({ mcpServers: { kustomer: server } })
const tools = await LangChainAdapter.createTools(client)
const call = async ({ name, arguments: input }) =>
  JSON.stringify(await tools.find((tool) => tool.name === name).invoke(input))
const withQueryInPath = ({ path, query }) => ({ path: `${path}?${new URLSearchParams(query)}` })
const withInputText = ({ action, input }) => ({ action, inputText: JSON.stringify(input) })
const report = {
  names: tools.map(({ name }) => name),
  answer: await call(good),
  proxied: await call({ name: proxied.name, arguments: withQueryInPath(proxied.arguments) }),
  ran: await call({ name: ran.name, arguments: withInputText(ran.arguments) }),
  error: await call(bad).catch(String),
}
print(JSON.stringify(report))
await client.closeAllSessions()
process.exit(0)
