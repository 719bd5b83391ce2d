import { expect, it } from 'vitest'
import { listTemplates, readResource } from '../../src/mcp/resources.ts'
import type { Tool } from '../../src/tools/tool.ts'

const tool = (name: string, readOnlyHint = true) => ({ name, annotations: { readOnlyHint } }) as Tool
const all = ['get-customer-by-id', 'get-conversation-by-id', 'get-conversation-thread', 'read-result'].map(
  (name) => tool(name),
)

/** The tool that an address reads by, with its arguments. */
async function readBy(uri: string, offered: readonly Tool[]) {
  let made: unknown
  const { contents } = await readResource(uri, offered, async ({ name }, args) => {
    made = [name, args]
    return { envelope: { data: 1 } }
  })
  expect(contents).toEqual([{ uri, mimeType: 'application/json', text: '{"data":1}' }])
  return made
}

it.each<[string, unknown]>([
  ['kustomer://customers/a%2Bb', ['get-customer-by-id', { id: 'a+b' }]],
  ['kustomer://conversations/c1', ['get-conversation-thread', { id: 'c1' }]],
  ['kustomer://results/r1/3', ['read-result', { id: 'r1', page: '3' }]],
])('%s is read by its tool', async (uri, call) => {
  expect(await readBy(uri, all)).toEqual(call)
})

it('the next best reading tool reads an address', async () => {
  const [, second] = all
  expect(await readBy('kustomer://conversations/c1', [second as Tool])).toEqual([
    'get-conversation-by-id',
    { id: 'c1' },
  ])
  await expect(readBy('kustomer://customers/c1', [tool('get-customer-by-id', false)])).rejects.toMatchObject({
    code: -32002,
    data: { reason: 'refused-by-policy' },
  })
  expect(listTemplates([tool('get-customer-by-id', false)])).toEqual([])
})

it.each([
  'kustomer://results/r1',
  'kustomer://results/r1/3/x',
  'kustomer://results//3',
  'kustomer://customers/a/',
  'x://customers/a',
  'kustomer://customers/..',
])('%s is no address', async (uri) => {
  await expect(readBy(uri, all)).rejects.toMatchObject({ code: -32002 })
})
