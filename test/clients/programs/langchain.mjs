/** LangChain's MCP adapters: loads every tool, gives each OpenAI's form, and calls two. */
import { convertToOpenAITool } from '@langchain/core/utils/function_calling'
import { MultiServerMCPClient } from '@langchain/mcp-adapters'

const { server, good, bad } = JSON.parse(process.argv[2])
const client = new MultiServerMCPClient({
  throwOnLoadError: true,
  mcpServers: { kustomer: { transport: 'stdio', ...server } },
})
const tools = await client.getTools()
const forms = tools.map((tool) => convertToOpenAITool(tool).function)
const call = ({ name, arguments: input }) => tools.find((tool) => tool.name === name).invoke(input)
const answer = JSON.stringify(await call(good))
const error = await call(bad).then(JSON.stringify, String)
console.log(JSON.stringify({ names: forms.map(({ name }) => name), answer, error }))
await client.close()
