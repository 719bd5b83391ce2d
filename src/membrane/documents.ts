import * as z from 'zod'
import { ToolError } from '../errors.ts'
import type { NoteFallback } from './fallbacks.ts'

const text = z.string().nullish().catch(undefined)
const id = z.union([z.string().min(1), z.number().transform(String)])
const flag = z.boolean().nullish().catch(undefined)

export const connectionSchema = z.object({
  id,
  name: text,
  key: text,
  state: text,
  connected: flag,
  disconnected: flag,
  isDefunct: flag,
  isDeactivated: flag,
  archivedAt: text,
  integrationKey: text,
  connectorKey: text,
  integration: z.object({ key: text, name: text }).nullish().catch(undefined),
  clientAction: z.object({ type: text, description: text, uiUrl: text }).nullish().catch(undefined),
  errors: z
    .array(z.object({ message: text }))
    .nullish()
    .catch(undefined),
})
export type Connection = z.infer<typeof connectionSchema>

export const actionSchema = z.object({
  id,
  key: text,
  name: text,
  description: text,
  state: text,
  inputSchema: z.unknown().optional(),
  archivedAt: text,
  isDeactivated: flag,
  config: z
    .object({ request: z.object({ method: text, path: text, uri: text }).nullish() })
    .nullish()
    .catch(undefined),
})
export type Action = z.infer<typeof actionSchema>

export const connectorSchema = z.object({
  element: z.object({ id, key: text, name: text }),
})

export interface Page<T> {
  items: T[]
  cursor?: string
}

/** Leaves out items that do not fit. Throws ToolError `bad-output` when there is no list, or no item fits. */
export function readPage<T>(document: object, item: z.ZodType<T>, note?: NoteFallback): Page<T> {
  const inner =
    'output' in document && typeof document.output === 'object' ? (document.output ?? document) : document
  const page = Array.isArray(inner) ? { items: inner } : inner
  const { items: candidates, cursor } = readDocument(page, pageSchema)
  const items = candidates
    .map((candidate) => item.safeParse(candidate).data)
    .filter((found) => found !== undefined)
  if (items.length === 0 && candidates.length > 0) readDocument(candidates, z.array(item))
  if (items.length < candidates.length) note?.('items-left-out')
  return cursor ? { items, cursor } : { items }
}

const pageSchema = z.object({
  items: z.array(z.unknown()),
  cursor: id.optional().catch(undefined),
})

/** Throws ToolError `bad-output` when the document does not fit. */
export function readDocument<T>(document: object, schema: z.ZodType<T>): T {
  const result = schema.safeParse(document)
  if (!result.success) throw unexpected(result.error)
  return result.data
}

function unexpected({ issues: [first] }: z.ZodError): ToolError {
  const place = first === undefined || first.path.length === 0 ? 'the answer' : first.path.join('.')
  return new ToolError(
    'bad-output',
    `The Membrane CLI answered in a form this server does not know (at ${place}).`,
  )
}
