import type { Harness, Json, ToolResult } from '../support/harness.ts'

const zeros = '0'.repeat(24)
const lists = ['customers', 'conversations', 'companies', 'users', 'messages', 'notes']
const records = ['customer', 'conversation', 'company', 'user', 'message', 'note']

const published = ['id', 'type', 'createdAt', 'email', 'emails', 'conversation', 'key', 'ready']

/** What a call came to: `works` with published members of its first record, or the reason. */
const outcomeOf = ({ isError, text, structured }: ToolResult) => {
  if (isError) return text.split(':')[0]
  const [first = {}] = [structured.data].flat() as Json[]
  return `works: ${published.filter((name) => name in first).join(' ')}`
}

/** Calls every read through the server, with ids that earlier calls gave, and some calls that have to fail. */
export async function callEverything({ call }: Harness): Promise<Record<string, unknown>> {
  const outcomes: Record<string, unknown> = {}
  const ask = async (tool: string, args: object, name = tool) => {
    const result = await call(tool, { ...args })
    outcomes[name] = outcomeOf(result)
    return result
  }
  await ask('connection-status', {})
  const ids: Record<string, string> = {}
  let email = ''
  for (const [index, list] of lists.entries()) {
    const { structured } = await ask(`list-${list}`, { pageSize: 1 })
    const record: Json = [structured.data].flat()[0]
    ids[records[index] ?? ''] = record.id
    email ||= record.emails?.[0]?.email ?? ''
  }
  for (const record of records) await ask(`get-${record}-by-id`, { id: ids[record] })
  await ask('get-customer-by-email', { email })
  await ask('search-actions', { intent: 'list customers', limit: 5 })
  await ask('proxy_request', { path: '/v1/customers', query: { pageSize: 1 } }, 'a query')
  await ask('proxy_request', { path: '/v1/customers', query: { pageSize: 1, page: 2 } }, 'two queries')
  await ask(
    'proxy_request',
    { path: '/v1/customers/{id}', pathParams: { id: ids['customer'] } },
    'a parameter',
  )
  await ask('proxy_request', { path: `/v1/customers/${zeros}` }, 'a missing record')
  await ask('proxy_request', { path: '/v1/customers', query: { pageSize: 0 } }, 'a wrong query')
  return outcomes
}
