import { expect } from 'vitest'
import type { Harness, Json } from '../support/harness.ts'
import { actionId } from '../support/samples.ts'

export const live = (key: string, inputSchema: unknown, more: object = {}) => ({
  id: actionId(key),
  key,
  name: key,
  state: 'READY',
  inputSchema,
  ...more,
})

/** A catalogue as Membrane may have it: other names and another dialect than what is shipped. */
export const actions = [
  live('list-customers', {
    properties: {
      perPage: { type: ['integer', 'null'], default: 25, description: 'How many.' },
      sortBy: { type: 'string', enum: ['name', 'createdAt'], allowCustom: true },
      segment: { $ref: 'app-data-schema-key' },
      fields: { type: 'array' },
    },
  }),
  live('create-note', {
    type: 'object',
    required: ['conversationId', 'text'],
    properties: {
      conversationId: {
        type: 'string',
        referenceCollection: { key: 'conversations' },
        description: 'Where it goes.',
      },
      text: { type: 'string' },
      visibility: { type: 'string', enum: ['team', 'all'], default: 'team' },
      weight: { type: ['string', 'number'] },
    },
  }),
  { id: actionId('list-notes'), key: 'list-notes', name: 'List Notes', state: 'READY' },
  {
    id: actionId('get-user-by-id'),
    name: 'Get User by ID',
    state: 'READY',
    inputSchema: { type: 'object', required: ['userId'], properties: { userId: { type: 'string' } } },
  },
  live(
    'create-company',
    { type: 'object', properties: { title: { type: 'string' } } },
    { state: 'BUILDING' },
  ),
]

export const schemaOf = async ({ client }: Harness, name: string): Promise<Json> =>
  (await client.listTools()).tools.find((tool) => tool.name === name)?.inputSchema

export async function inputOf(
  harness: Harness,
  name: string,
  args: Record<string, unknown>,
): Promise<unknown> {
  const { isError, text } = await harness.call(name, args)
  expect(isError, text).toBe(false)
  const { argv } = harness.calls().at(-1) as { argv: string[] }
  return JSON.parse(argv.find((arg) => arg.startsWith('--input='))?.slice(8) ?? '')
}
