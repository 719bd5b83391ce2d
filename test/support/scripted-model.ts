import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'
import type { Json } from './harness.ts'

const toolCall = { name: 'search', input: { type: 'conversation', status: 'open', pageSize: 2 } }
/** What the model says at the end, with how long the result was that it read. */
const lastWords = (result: string) => `I have read ${result.length} characters.`

function anthropicMessage({ messages }: Json) {
  const { content } = messages.at(-1)
  const result = Array.isArray(content) ? content[0].content : undefined
  const text = typeof result === 'string' ? result : result?.map((part: Json) => part.text).join('')
  return {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'scripted',
    content:
      text === undefined
        ? [{ type: 'tool_use', id: 'toolu_1', ...toolCall }]
        : [{ type: 'text', text: lastWords(text) }],
    stop_reason: text === undefined ? 'tool_use' : 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  }
}

function openaiCompletion({ messages }: Json) {
  const { role, content } = messages.at(-1)
  const text = typeof content === 'string' ? content : content.map((part: Json) => part.text).join('')
  const call = {
    id: 'call_1',
    type: 'function',
    function: { name: toolCall.name, arguments: JSON.stringify(toolCall.input) },
  }
  const message =
    role === 'tool'
      ? { role: 'assistant', content: lastWords(text) }
      : { role: 'assistant', content: null, tool_calls: [call] }
  return {
    id: 'chatcmpl_1',
    object: 'chat.completion',
    created: 0,
    model: 'scripted',
    choices: [{ index: 0, message, finish_reason: role === 'tool' ? 'stop' : 'tool_calls' }],
  }
}

/** Serves both APIs on loopback: a model that searches for open conversations once, and then says how much it has read. */
export async function scriptedModel() {
  const requests: Json[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body: Json = JSON.parse(Buffer.concat(chunks).toString())
    requests.push(body)
    const answer = request.url?.endsWith('/messages') ? anthropicMessage(body) : openaiCompletion(body)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const env = {
    ANTHROPIC_BASE_URL: url,
    ANTHROPIC_API_KEY: 'none',
    OPENAI_BASE_URL: `${url}/v1`,
    OPENAI_API_KEY: 'none',
  }
  return { env, requests, lastWords }
}
