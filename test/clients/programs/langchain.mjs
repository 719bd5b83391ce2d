/** LangChain's MCP adapters: loads every tool, gives each OpenAI's form, and calls four. */
import { convertToOpenAITool } from '@langchain/core/utils/function_calling'
import { MultiServerMCPClient } from '@langchain/mcp-adapters'

const { server, good, bad, proxied, ran } = JSON.parse(process.argv[2])
const client = new MultiServerMCPClient({
  throwOnLoadError: true,
  mcpServers: { kustomer: { transport: 'stdio', ...server } },
})
const tools = await client.getTools()
const forms = tools.map((tool) => convertToOpenAITool(tool).function)
const call = async ({ name, arguments: input }) =>
  JSON.stringify(await tools.find((tool) => tool.name === name).invoke(input))
const report = {
  names: forms.map(({ name }) => name),
  answer: await call(good),
  proxied: await call(proxied),
  ran: await call(ran),
  error: await call(bad).catch(String),
}
console.log(JSON.stringify(report))
await client.close()
